"""The ledger: operations by people, and the movements that each consists of. Append-only."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models import Product
from stores.models.store import Store


def _append_only(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class StockOperation(models.Model):
    """One thing that somebody did to the stock; the same key again is the same operation."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="stock_operations",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    happened_at = models.DateTimeField(
        _("happened"),
        null=True,
        blank=True,
        help_text=_("Where it waited for a connection before it could be booked; else empty."),
    )
    # Of the caller, so that two programs may count from one.
    idempotency_key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=64,
        help_text=_("SHA-256 of what was asked, to tell a repeat from another request."),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reference = models.CharField(
        _("reference"), max_length=200, blank=True, help_text=_("A delivery note, an order, ...")
    )
    transfer = models.ForeignKey(
        "stores.Transfer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operations",
        verbose_name=_("transfer"),
    )
    stocktake = models.ForeignKey(
        "stores.Stocktake",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operations",
        verbose_name=_("stocktake"),
    )

    class Meta:
        verbose_name = _("stock operation")
        verbose_name_plural = _("stock operations")
        ordering = ["-id"]
        default_permissions = ("view",)
        triggers = [_append_only("operation_append_only")]
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="operation_once_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def moment(self) -> datetime:
        """When the goods moved, as far as is known."""
        return self.happened_at or self.created_at


class StockMovement(models.Model):
    """A change of one level. The deltas of a store and product sum up to their level, always."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", _("received")
        SELL = "sell", _("sold")
        ADJUST = "adjust", _("adjusted")
        TRANSFER = "transfer", _("transferred")
        COUNT = "count", _("counted")
        REVERSE = "reverse", _("reversed")

    operation = models.ForeignKey(
        StockOperation,
        on_delete=models.PROTECT,
        related_name="movements",
        verbose_name=_("operation"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="movements", verbose_name=_("store")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="movements", verbose_name=_("product")
    )
    delta = models.BigIntegerField(_("change"))
    level_after = models.BigIntegerField(_("level after"))
    evidence = models.CharField(
        _("evidence"),
        max_length=200,
        blank=True,
        help_text=_("What shows it, for those who can read it: as in sighting:TOKEN."),
    )
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("takes back"),
    )

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        default_permissions = ("view",)
        triggers = [_append_only("movement_append_only")]
        indexes = [
            models.Index(fields=["store", "product", "id"], name="movement_by_level"),
            models.Index(fields=["product", "id"], name="movement_by_product"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="movement_moves_something"),
            models.CheckConstraint(condition=Q(level_after__gte=0), name="movement_leaves_no_debt"),
            models.CheckConstraint(
                condition=Q(kind__in=["adjust", "transfer", "count", "reverse"])
                | Q(kind="receive", delta__gt=0)
                | Q(kind="sell", delta__lt=0),
                name="movement_kind_fits_its_sign",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
                name="movement_reversal_names_what_it_takes_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta:+d}"
