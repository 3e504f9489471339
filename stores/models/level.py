"""How much of a product a store holds."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from products.models import Product
from stores.models.store import Store


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def low(self) -> "StockLevelQuerySet":
        """At or below the reorder point, for products that are still sold."""
        return self.filter(
            quantity__lte=F("reorder_point"),
            product__is_active=True,
            product__merged_into=None,
            store__is_active=True,
        )


class StockLevel(models.Model):
    """The sum of a product's movements in a store. Only the ledger changes the quantity."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="levels", verbose_name=_("store")
    )
    # Goes with a product that never moved; one that did is protected by its movements.
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="levels", verbose_name=_("product")
    )
    quantity = models.BigIntegerField(_("quantity"), default=0, editable=False)
    reorder_point = models.PositiveIntegerField(
        _("reorder point"),
        null=True,
        blank=True,
        help_text=_("At this quantity or less it is time to reorder; empty: never."),
    )
    low_since = models.DateTimeField(_("low since"), null=True, blank=True, editable=False)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["store", "product"]
        default_permissions = ("view", "change")
        permissions = [
            ("book_stock", gettext_noop("Can receive, sell and transfer stock")),
            ("adjust_stock", gettext_noop("Can adjust stock and reverse bookings")),
            ("see_all_stores", gettext_noop("Can see the stock of all stores")),
            ("act_in_all_stores", gettext_noop("Can act in all stores as if staff there")),
        ]
        indexes = [
            models.Index(
                fields=["store", "product"],
                condition=Q(quantity__lte=F("reorder_point")),
                name="level_low",
            ),
            # Who holds a product, and what a store holds: what customers filter by.
            models.Index(
                fields=["product", "store"], condition=Q(quantity__gt=0), name="level_held"
            ),
            models.Index(
                fields=["store", "product"], condition=Q(quantity__gt=0), name="level_held_by_store"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "product"], name="level_once_per_store_and_product"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="level_not_negative",
                violation_error_message=_("Stock is never below zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.quantity}"
