"""Photos of products."""

import secrets
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.stored_files import atomic_with_files, was_written
from products.models.product import Product
from products.thumbnails import delete_with_thumbnails


def random_name(_image: "ProductImage", filename: str) -> str:
    """A storage name that tells nothing and cannot be guessed; only the ending is kept.

    Two levels of folders keep any one of them small.
    """
    name = secrets.token_hex(16)
    extension = filename.rsplit(".", 1)[-1].lower()
    return f"products/{name[:2]}/{name[2:]}.{extension}"


class ProductImage(models.Model):
    """One photo of a product, as `products.photos` prepared it. The first is the product's face."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product")
    )
    # Width and height are set by the door; `width_field` would open the file at every load.
    file = models.ImageField(_("photo"), upload_to=random_name, max_length=200)
    source_digest = models.CharField(
        _("digest as received"), max_length=64, editable=False, help_text=_("SHA-256")
    )
    digest = models.CharField(
        _("digest as stored"), max_length=64, editable=False, help_text=_("SHA-256")
    )
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    # The recipe by which its small pictures were made (`imaging.renditions.RECIPE`), 0 while they
    # are not: pages ask this row, and neither the storage nor another table.
    renditions = models.PositiveSmallIntegerField(
        _("small pictures"), default=0, db_default=0, editable=False
    )
    transparent = models.BooleanField(
        _("transparent"), default=False, db_default=False, editable=False
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["product", "position", "id"], name="image_in_order"),
            models.Index(
                fields=["position", "id"],
                condition=Q(renditions=0),
                name="image_without_renditions",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "source_digest"],
                name="image_once_per_product",
                violation_error_message=_("This product has this photo already."),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex="^[0-9a-f]{64}$")
                & Q(source_digest__regex="^[0-9a-f]{64}$"),
                name="image_digests_are_sha256",
            ),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="image_has_pixels"),
        ]

    def __str__(self) -> str:
        return gettext("Photo %(number)d of %(product)s") % {
            "number": self.position + 1,
            "product": self.product.name,
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes the row and, where it is new, its file; the file that it replaces goes with the
        commit, and a new one goes again if the row cannot be written.
        """
        # As FileField itself asks whether a file is new.
        if not self.file or getattr(self.file, "_committed", True):
            super().save(*args, **kwargs)
            return
        with atomic_with_files():
            stored = ProductImage.objects.select_for_update(of=("self",)).filter(pk=self.pk).first()
            # Not inside `super().save`, which could fail after the file was written.
            self.file.save(str(self.file.name), self.file.file, save=False)
            was_written(self.file)
            self.renditions = 0
            super().save(*args, **kwargs)
            if stored is not None and stored.file:
                old = stored.file
                transaction.on_commit(lambda: delete_with_thumbnails(old), robust=True)
