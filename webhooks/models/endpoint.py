"""Where a partner wants to be told."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.event_types import SUBSCRIBABLE
from webhooks.signing import new_secret

SECRET_PATTERN = r"^whsec_[A-Za-z0-9+/]{32,}={0,2}$"  # noqa: S105 - a pattern, not a secret
_TYPES = [value for value, _label in SUBSCRIBABLE]


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def who_hear_of(self, since: datetime) -> "WebhookEndpointQuerySet":
        """Those that are on, and those that were when something happened at that time or later."""
        return self.filter(Q(is_active=True) | Q(switched_off_at__gt=since))

    def of(self, user: Any) -> "WebhookEndpointQuerySet":
        """Those that somebody may look at and manage: all for superusers, else their own."""
        return self.all() if user.is_superuser else self.filter(owner=user.pk)


class WebhookEndpoint(models.Model):
    """An address that is told of events, as far as its owner may see what they are about."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhook_endpoints",
        verbose_name=_("owner"),
        help_text=_("It is told what this account may see, and nothing while that is inactive."),
    )
    url = models.CharField(
        _("address"), max_length=500, help_text=_("As in https://partner.example/retailvision")
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    events = ArrayField(
        models.CharField(max_length=32, choices=SUBSCRIBABLE), verbose_name=_("events")
    )
    # Readable, since signing needs it; pages show its last characters alone.
    secret = models.CharField(
        _("secret"), max_length=100, default=new_secret, editable=False, unique=True
    )
    # Signs too until then, so that a receiver can change over at its leisure.
    previous_secret = models.CharField(max_length=100, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(
        _("the former secret signs until"), null=True, blank=True, editable=False
    )
    is_active = models.BooleanField(_("on"), default=True, editable=False)
    switched_off_at = models.DateTimeField(_("switched off"), null=True, blank=True, editable=False)
    switched_off_reason = models.CharField(
        _("why it is off"), max_length=300, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    consecutive_failures = models.PositiveIntegerField(
        _("failures in a row"), default=0, editable=False
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    # It asked for a rest (Retry-After), or failed so often that each attempt only costs time.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(events__contained_by=_TYPES) & Q(events__len__gt=0),
                name="webhook_endpoint_events_are_known",
                violation_error_message=_("Choose at least one event."),
            ),
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://[!-~]+$"),
                name="webhook_endpoint_url_is_http",
                violation_error_message=_("An address begins with https:// and has no blanks."),
            ),
            models.CheckConstraint(
                condition=Q(secret__regex=SECRET_PATTERN), name="webhook_endpoint_has_a_secret"
            ),
            models.CheckConstraint(
                condition=Q(previous_secret="", previous_secret_until__isnull=True)
                | Q(previous_secret__regex=SECRET_PATTERN, previous_secret_until__isnull=False),
                name="webhook_endpoint_former_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, switched_off_at__isnull=True, switched_off_reason="")
                | (Q(is_active=False, switched_off_at__isnull=False) & ~Q(switched_off_reason="")),
                name="webhook_endpoint_off_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(consecutive_failures=0, failing_since__isnull=True)
                | Q(consecutive_failures__gt=0, failing_since__isnull=False),
                name="webhook_endpoint_fails_since",
            ),
        ]

    def __str__(self) -> str:
        return self.description or urlsplit(self.url).netloc or self.url

    def was_on(self, at: datetime) -> bool:
        return self.is_active or (self.switched_off_at is not None and self.switched_off_at > at)

    def signing_secrets(self, now: datetime) -> list[str]:
        """What signs at a moment: the secret, and the former one while it still counts."""
        former = self.previous_secret_until is not None and self.previous_secret_until > now
        return [self.secret, self.previous_secret] if former else [self.secret]
