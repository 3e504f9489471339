"""Goods on their way from one store to another."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from products.models import Product
from stores.models.store import Store


class TransferQuerySet(models.QuerySet["Transfer"]):
    def on_the_way(self) -> "TransferQuerySet":
        return self.filter(state=Transfer.State.DISPATCHED)


class Transfer(models.Model):
    """What left one store for another, and what arrived. Who did what stands in its operations."""

    class State(models.TextChoices):
        DISPATCHED = "dispatched", _("on the way")
        RECEIVED = "received", _("received")
        SHORT = "short", _("received short")
        RETURNED = "returned", _("returned")

    source = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="outgoing", verbose_name=_("from")
    )
    destination = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="incoming", verbose_name=_("to")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DISPATCHED
    )
    dispatched_at = models.DateTimeField(_("dispatched"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    # Whether it was sent before, and this is the transfer of then. Not stored.
    repeated = False

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="transfer_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(state="dispatched", closed_at__isnull=True)
                | (~Q(state="dispatched") & Q(closed_at__isnull=False)),
                name="transfer_closed_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.source} → {self.destination}"


class TransferLine(models.Model):
    """How many of a product were sent, arrived and came back; what is missing is short."""

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="transfer_lines", verbose_name=_("product")
    )
    dispatched = models.PositiveIntegerField(_("dispatched"))
    received = models.PositiveIntegerField(_("received"), default=0)
    returned = models.PositiveIntegerField(_("returned"), default=0)

    class Meta:
        verbose_name = _("transfer line")
        verbose_name_plural = _("transfer lines")
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "product"], name="transfer_line_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(dispatched__gt=0) & Q(dispatched__gte=F("received") + F("returned")),
                name="transfer_line_arrives_at_most_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.dispatched}"

    @property
    def missing(self) -> int:
        """On the way while the transfer is open; lost when it was closed short."""
        return self.dispatched - self.received - self.returned
