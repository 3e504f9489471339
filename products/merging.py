"""Two entries of one product become one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products import slots
from products.models import Product, ProductImage


@retry_when_lost
@transaction.atomic
def merge_product(*, product: Product, into: Product, actor: Any) -> Product:
    """Merges a product into another: its photos and all that other apps keep of it go along.

    Its row stays: its address, its SKU and its barcode lead to the heir.

    Raises:
        ValidationError: it was merged already, or the heir is (or would be) merged into it.
    """
    ids = sorted({product.pk, into.pk})
    # In the order of ids, and before anything else: as everybody does who locks products.
    locked = Product.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(ids)
    product, into = locked[product.pk], locked[into.pk]
    if product == into:
        raise ValidationError(_("A product cannot be merged into itself."))
    if product.merged_into_id is not None:
        raise ValidationError(
            _("%(product)s was merged already.") % {"product": product}, code="merged"
        )
    if into.merged_into_id is not None:
        raise ValidationError(
            _("%(product)s was merged itself; choose what it was merged into.") % {"product": into},
            code="merged",
        )
    for step in slots.merge_steps:
        step(product, into, actor)
    _move_photos(product, into)
    product.merged_into = into
    product.save(update_fields=["merged_into", "updated_at"])
    return product


@transaction.atomic
def rehearse_merge(*, product: Product, into: Product, actor: Any) -> None:
    """Finds out whether `merge_product` would refuse, and leaves everything as it was.

    Raises:
        ValidationError: as it would.
    """
    with transaction.atomic():
        merge_product(product=product, into=into, actor=actor)
        transaction.set_rollback(True)


def _move_photos(product: Product, into: Product) -> None:
    known = set(into.images.values_list("source_digest", flat=True))
    last = into.images.order_by("-position").values_list("position", flat=True).first()
    position = 0 if last is None else last + 1
    for image in product.images.exclude(source_digest__in=known):
        ProductImage.objects.filter(pk=image.pk).update(product=into, position=position)
        position += 1
