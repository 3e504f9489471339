"""What follows from changed rows inside the catalogue."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from products.models import ProductImage
from products.renditions.files import has_renditions
from products.renditions.queue import knock
from products.thumbnails import delete_with_thumbnails


@receiver(post_delete, sender=ProductImage, dispatch_uid="products.delete_photo_file")
def delete_photo_file(instance: ProductImage, **_kwargs: Any) -> None:
    """The file goes when its row is gone for good, never before the transaction has ended."""
    if instance.file:
        transaction.on_commit(lambda: delete_with_thumbnails(instance.file), robust=True)


@receiver(post_save, sender=ProductImage, dispatch_uid="products.make_renditions")
def ask_for_renditions(instance: ProductImage, raw: bool, **_kwargs: Any) -> None:
    if not (raw or has_renditions(instance)):
        knock()
