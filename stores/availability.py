"""Which stores hold a product now, as customers and partners are told."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from stores.models import StockLevel, Store


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store that holds so many of a product."""

    store: Store
    quantity: int


def shelves(product_ids: Iterable[int]) -> dict[int, list[Shelf]] | None:
    """The open stores that hold each product, those with most first; by one query.

    None where the site keeps no stores: nothing is known then, which is not the same as sold out.
    """
    if not Store.objects.active().exists():
        return None
    found: dict[int, list[Shelf]] = {product_id: [] for product_id in product_ids}
    levels = StockLevel.objects.filter(
        product__in=list(found), quantity__gt=0, store__is_active=True
    ).select_related("store")
    for level in levels.order_by("-quantity", "store__name", "store"):
        found[level.product_id].append(Shelf(level.store, level.quantity))
    return found


def held(prefix: str = "", *, store: Store | None = None) -> Q:
    """The condition on a product, reached by `prefix`, that an open store (or this one) holds it."""
    levels = StockLevel.objects.filter(quantity__gt=0, store__is_active=True)
    if store is not None:
        levels = levels.filter(store=store)
    return Q(**{f"{prefix}pk__in": levels.order_by().values("product")})
