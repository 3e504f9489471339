"""Which products the SKUs of labelled photos are in this catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from products.heirs import heirs_of
from products.models import Product


@dataclass(frozen=True, slots=True)
class LabelledProducts:
    """By SKU as it was labelled, the id and the SKU of the product that is sold: of one that was
    merged those of its heir. `not_sold` are in the catalogue and cannot be found, `missing` are not
    there.
    """

    ids: Mapping[str, int]
    skus: Mapping[str, str]
    not_sold: tuple[str, ...]
    missing: tuple[str, ...]


def labelled_products(skus: Iterable[str]) -> LabelledProducts:
    """Empty SKUs are left out: they say that no product of the catalogue is shown."""
    wanted = {sku for sku in skus if sku}
    there = {product.sku: product for product in Product.objects.filter(sku__in=wanted)}
    heirs = heirs_of(there.values())
    # One whose chain has no end leads nowhere, and is not sold itself.
    leads_to = {sku: heirs.get(product.pk, product).pk for sku, product in there.items()}
    active = dict(
        Product.objects.active().filter(pk__in=leads_to.values()).values_list("pk", "sku")
    )
    return LabelledProducts(
        ids={sku: pk for sku, pk in leads_to.items() if pk in active},
        skus={sku: active[pk] for sku, pk in leads_to.items() if pk in active},
        not_sold=tuple(sorted(sku for sku, pk in leads_to.items() if pk not in active)),
        missing=tuple(sorted(wanted - set(there))),
    )
