"""Who changed which field of a product when: rows that triggers in the database write.

They outlive the product: their references are no constraints, and nothing is deleted with it.
"""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models.category import Category
from products.models.image import ProductImage
from products.models.product import Product

# The label of the rows that a migration wrote for the products that it found, so that the first
# change after it has something to differ from.
BASELINE = "baseline"

_NO_CONSTRAINT: dict[str, Any] = {
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}

_ProductSnapshot = pghistory.create_event_model(
    Product,
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["id", "text", "updated_at"],
    obj_field=pghistory.ObjForeignKey(db_index=False, related_name="+"),
    context_field=pghistory.ContextJSONField(),
)


class ProductEvent(_ProductSnapshot):  # type: ignore[misc, valid-type]
    """A product as it was after a change, or before it was deleted."""

    pgh_id = models.BigAutoField(primary_key=True)
    category = models.ForeignKey(Category, **_NO_CONSTRAINT)
    merged_into = models.ForeignKey(Product, null=True, **_NO_CONSTRAINT)

    class Meta:
        verbose_name = _("change of a product")
        verbose_name_plural = _("changes of products")
        default_permissions = ()
        indexes = [models.Index(fields=["pgh_obj", "pgh_id"], name="product_history")]
        triggers = [
            pgtrigger.Protect(
                name="product_history_is_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.pgh_obj_id}: {self.pgh_label}"


_PhotoSnapshot = pghistory.create_event_model(
    ProductImage,
    pghistory.InsertEvent("added"),
    pghistory.DeleteEvent("removed"),
    pghistory.UpdateEvent("replaced", condition=pgtrigger.AnyChange("file", "digest")),
    pghistory.UpdateEvent(
        "reordered",
        condition=pgtrigger.Condition(
            "OLD.position <> NEW.position AND OLD.product_id = NEW.product_id"
        ),
    ),
    # Both products' histories tell of a photo that went from one to the other.
    pghistory.UpdateEvent("moved_here", condition=pgtrigger.AnyChange("product")),
    pghistory.UpdateEvent(
        "moved_away", condition=pgtrigger.AnyChange("product"), row=pghistory.Old
    ),
    fields=["product", "digest", "width", "height", "position"],
    obj_field=pghistory.ObjForeignKey(db_index=False, related_name="+"),
    context_field=pghistory.ContextJSONField(),
)


class ProductImageEvent(_PhotoSnapshot):  # type: ignore[misc, valid-type]
    """A photo that came to a product, left it, or was changed in its place."""

    pgh_id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, **_NO_CONSTRAINT)

    class Meta:
        verbose_name = _("change of a photo")
        verbose_name_plural = _("changes of photos")
        default_permissions = ()
        indexes = [models.Index(fields=["product", "pgh_id"], name="photo_history")]
        triggers = [
            pgtrigger.Protect(
                name="photo_history_is_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.product_id}/{self.pgh_obj_id}: {self.pgh_label}"
