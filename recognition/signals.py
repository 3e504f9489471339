"""A saved photo is marked as pending and the workers are woken. Nothing here does the work."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from products.models import ProductImage
from recognition.indexing import mark_pending


@receiver(post_save, sender=ProductImage, dispatch_uid="recognition.mark_pending")
def mark_saved_photo(instance: ProductImage, raw: bool, **_kwargs: Any) -> None:
    """`raw` rows come from fixtures, whose other tables may not be there yet; the sweep sees them."""
    if not raw:
        mark_pending(instance)
