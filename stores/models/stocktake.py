"""Counting what is really there."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from products.models import Category, Product
from stores.models.store import Store

# A count of more than this is a scanned barcode in the wrong field.
MOST_COUNTED = 1_000_000


class Stocktake(models.Model):
    """A count of a store, whole or one category; its differences are posted when approved."""

    class State(models.TextChoices):
        DRAFT = "draft", _("being counted")
        APPROVED = "approved", _("approved")
        CANCELLED = "cancelled", _("cancelled")

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="stocktakes", verbose_name=_("store")
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stocktakes",
        verbose_name=_("category"),
        help_text=_("Empty: the whole store."),
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="stocktakes_opened",
        verbose_name=_("opened by"),
    )
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stocktakes_closed",
        verbose_name=_("approved or cancelled by"),
    )
    closed_at = models.DateTimeField(_("approved or cancelled"), null=True, blank=True)

    class Meta:
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("count_stock", gettext_noop("Can count stock")),
            ("approve_stocktake", gettext_noop("Can approve and cancel stocktakes")),
        ]
        triggers = [
            # What was approved stays as it was approved.
            pgtrigger.Protect(
                name="closed_stocktake_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state="draft"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "category"],
                condition=Q(state="draft"),
                nulls_distinct=False,
                name="stocktake_one_draft_per_store_and_category",
                violation_error_message=_("This is being counted already."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", closed_at__isnull=True, closed_by__isnull=True)
                | (~Q(state="draft") & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="stocktake_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.store}"


class StocktakeLine(models.Model):
    """What somebody counted of a product in one place, and what the ledger said at that moment.

    Several lines of a product add up (shelf and storeroom), except those that were replaced.
    """

    class Method(models.TextChoices):
        HAND = "hand", _("by hand")
        BARCODE = "barcode", _("by barcode")
        PHOTO = "photo", _("by photo")

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="stocktake_lines", verbose_name=_("product")
    )
    counted = models.PositiveIntegerField(_("counted"))
    expected = models.BigIntegerField(_("expected"), help_text=_("The level when it was counted."))
    # The exact place in the ledger; times of two transactions would not tell which came first.
    last_movement = models.BigIntegerField(
        _("last movement"),
        default=0,
        help_text=_("The last movement that “expected” includes; 0 for none."),
    )
    counted_at = models.DateTimeField(_("at"))
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="stocktake_lines",
        verbose_name=_("by"),
    )
    method = models.CharField(_("how"), max_length=7, choices=Method.choices)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    is_replaced = models.BooleanField(_("replaced by a later count"), default=False)
    # Part of what was asked, so that the same key with another wish is known for another request.
    replaces = models.BooleanField(_("replaced earlier counts"), default=False, db_default=False)

    # Whether the count was sent before, and this is the line of then. Not stored.
    repeated = False

    class Meta:
        verbose_name = _("stocktake line")
        verbose_name_plural = _("stocktake lines")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["stocktake", "product"], name="stocktake_line_by_product")]
        triggers = [
            pgtrigger.Protect(name="stocktake_line_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="closed_stocktake_lines_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF EXISTS (
                        SELECT FROM stores_stocktake
                        WHERE id = NEW.stocktake_id AND state <> 'draft'
                    ) THEN
                        RAISE EXCEPTION 'pgtrigger: Cannot change the lines of a closed stocktake';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["stocktake", "counted_by", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="stocktake_line_once_per_key",
            ),
            models.CheckConstraint(
                condition=Q(counted__lte=MOST_COUNTED), name="stocktake_line_count_is_plausible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.counted}"
