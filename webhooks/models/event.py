"""The outbox: what happened, written by triggers in the transaction in which it happened."""

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from webhooks.event_types import EventType

_THIS_TRANSACTION = Cast(
    Cast(Func(function="pg_current_xact_id", output_field=models.TextField()), models.TextField()),
    models.BigIntegerField(),
)


class WebhookEvent(models.Model):
    """Something happened that an endpoint wants to know. Triggers write it, and only ids."""

    type = models.CharField(_("type"), max_length=32, choices=EventType.choices)
    # Of the product, movement, level, sighting, ... ; with the type, what is told once for a
    # transaction however often it was written there.
    subject_id = models.BigIntegerField(_("subject"))
    # What could no longer be looked up later, as the SKU of a product that was deleted.
    subject = models.JSONField(_("details"), default=dict)
    transaction = models.BigIntegerField(
        _("transaction"), db_default=_THIS_TRANSACTION, editable=False
    )
    created_at = models.DateTimeField(
        _("at"), db_default=Func(function="clock_timestamp"), editable=False
    )
    expanded_at = models.DateTimeField(_("handed out"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["id"], condition=Q(expanded_at__isnull=True), name="webhook_event_new"
            ),
            models.Index(fields=["created_at"], name="webhook_event_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                # Not those of before: in a restored database the numbers begin anew, and an old row
                # would swallow what happens now.
                fields=["type", "subject_id", "transaction"],
                condition=Q(expanded_at__isnull=True),
                name="webhook_event_once_per_transaction",
            ),
            models.CheckConstraint(
                condition=Q(type__in=EventType.values), name="webhook_event_type_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.type}"
