"""An event on its way to an endpoint, and every attempt to hand it over."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from webhooks.event_types import EventType
from webhooks.models.endpoint import WebhookEndpoint
from webhooks.models.event import WebhookEvent


class WebhookDelivery(models.Model):
    """What one endpoint is told of one event."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    # `webhook-id`: the same in every attempt, so that a receiver can tell a repeat.
    message_id = models.UUIDField(_("message id"), default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(
        WebhookEvent,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("event"),
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("endpoint"),
        db_index=False,
    )
    # The event's, since lists are filtered by it.
    type = models.CharField(_("type"), max_length=32, choices=EventType.choices)
    # The very bytes that are signed: jsonb would give them back in another order.
    body = models.TextField(_("payload"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=0, help_text=_("Since it was last asked for.")
    )
    due_at = models.DateTimeField(_("due"), db_default=models.functions.Now())
    leased_until = models.DateTimeField(_("held until"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("resend_webhookdelivery", gettext_noop("Can send webhook deliveries again"))
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(state="pending"),
                name="webhook_delivery_queue",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_of_endpoint"),
            models.Index(fields=["state", "-id"], name="webhook_delivery_by_state"),
            models.Index(fields=["type", "-id"], name="webhook_delivery_by_type"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"], name="webhook_delivery_once_per_endpoint"
            ),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | Q(state__in=["pending", "failed"], delivered_at__isnull=True),
                name="webhook_delivery_state_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(leased_until__isnull=True),
                name="webhook_delivery_is_held_while_it_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.type}"


class WebhookAttempt(models.Model):
    """One try to hand a delivery over, and what came back. Written once; old ones are cleared."""

    delivery = models.ForeignKey(
        WebhookDelivery,
        on_delete=models.CASCADE,
        related_name="log",
        verbose_name=_("delivery"),
        db_index=False,
    )
    at = models.DateTimeField(_("at"))
    headers = models.JSONField(_("headers sent"), default=dict)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    error = models.CharField(_("error"), max_length=300, blank=True)
    # Its first characters, as they came: never shown but as text.
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["id"]
        default_permissions = ()
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_attempt_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=False) | ~Q(error=""),
                name="webhook_attempt_says_what_came",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="webhook_attempt_stays", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status or self.error}"
