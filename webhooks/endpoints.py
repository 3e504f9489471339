"""What people do with endpoints and deliveries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.addresses import Refused, check
from webhooks.event_types import EventType, may_be_told
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from webhooks.payloads import as_body
from webhooks.queue import knock
from webhooks.signing import new_secret
from webhooks.words import Words


def said(words: Words | None) -> str:
    """In the reader's language; of what is written down, in the site's."""
    return "" if words is None else _(words.template) % words.params


def check_url(url: str) -> None:
    """Looks the host up. It is asked again at each sending, since names change what they lead to.

    Raises:
        ValidationError: the address may not be sent to.
    """
    try:
        check(
            url,
            allow_http=settings.WEBHOOK_PLAIN_HTTP,
            allow_private=settings.WEBHOOK_PRIVATE_ADDRESSES,
        )
    except Refused as error:
        raise ValidationError(said(error.words), code="bad_address") from error


def check_events(owner: Any, events: Iterable[str]) -> None:
    """Raises:
    ValidationError: the owner may not see what one of these events is about.
    """
    for event_type in events:
        if not may_be_told(owner, event_type):
            raise ValidationError(
                _("%(owner)s may not see what %(event)s is about, and would be told nothing."),
                code="not_allowed",
                params={"owner": owner, "event": event_type},
            )


def check_number(owner: Any) -> None:
    """Raises:
    ValidationError: the owner has as many endpoints as one may have.
    """
    most = settings.WEBHOOK_MAX_ENDPOINTS
    if WebhookEndpoint.objects.filter(owner=owner).count() >= most:
        raise ValidationError(
            _("%(owner)s has %(most)d endpoints already; delete one first."),
            code="too_many",
            params={"owner": owner, "most": most},
        )


def create_endpoint(
    *, owner: Any, url: str, events: Iterable[str], description: str = ""
) -> WebhookEndpoint:
    """Raises:
    ValidationError: the address or the events cannot be, or there are too many endpoints.
    """
    events = list(dict.fromkeys(events))
    check_url(url)
    check_events(owner, events)
    check_number(owner)
    endpoint = WebhookEndpoint(owner=owner, url=url, events=events, description=description)
    endpoint.full_clean()
    endpoint.save()
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """A new secret. The one that it replaces signs too, for `WEBHOOK_ROTATION_HOURS`."""
    endpoint = _locked(endpoint)
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_secret_until = timezone.now() + timedelta(
        hours=settings.WEBHOOK_ROTATION_HOURS
    )
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    return endpoint


@transaction.atomic
def switch_off(*, endpoint: WebhookEndpoint, reason: str) -> WebhookEndpoint:
    """It is told nothing any more. What waits for it is kept, and sent once it is on again."""
    endpoint = _locked(endpoint)
    if endpoint.is_active:
        endpoint.is_active = False
        endpoint.switched_off_at = timezone.now()
        endpoint.switched_off_reason = reason[:300]
        endpoint.save(update_fields=["is_active", "switched_off_at", "switched_off_reason"])
    return endpoint


@transaction.atomic
def switch_on(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """With a clean sheet: what it failed before does not count."""
    endpoint = _locked(endpoint)
    endpoint.is_active = True
    endpoint.switched_off_at = None
    endpoint.switched_off_reason = ""
    endpoint.consecutive_failures = 0
    endpoint.failing_since = endpoint.paused_until = None
    endpoint.save()
    transaction.on_commit(knock, robust=True)
    return endpoint


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: Any) -> WebhookDelivery:
    """A `webhook.test` for this endpoint alone, whatever it wants else."""
    now = timezone.now()
    event = WebhookEvent.objects.create(
        type=EventType.TEST,
        subject_id=endpoint.pk,
        subject={"by": by.pk},
        expanded_at=now,
    )
    event.refresh_from_db()
    body = as_body(event, {"endpoint": endpoint.pk, "text": "A test, sent by hand."})
    delivery = WebhookDelivery.objects.create(
        event=event, endpoint=endpoint, type=event.type, body=body
    )
    transaction.on_commit(knock, robust=True)
    return delivery


@transaction.atomic
def send_again(ids: Iterable[int]) -> int:
    """Deliveries, delivered or given up or waiting, are sent anew: under the same `webhook-id`, now,
    and with all repeats before them. Returns how many.
    """
    count = WebhookDelivery.objects.filter(pk__in=list(ids)).update(
        state=WebhookDelivery.State.PENDING,
        attempts=0,
        due_at=timezone.now(),
        delivered_at=None,
        # Not the lease: one that is on its way just now is not sent beside itself.
    )
    if count:
        transaction.on_commit(knock, robust=True)
    return count


@transaction.atomic
def delete_endpoints(ids: Iterable[int]) -> None:
    """With their log, by SQL: Django would read all of it first."""
    ids = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM webhooks_webhookattempt attempt USING webhooks_webhookdelivery delivery"
            " WHERE delivery.id = attempt.delivery_id AND delivery.endpoint_id = ANY(%s)",
            [ids],
        )
        cursor.execute("DELETE FROM webhooks_webhookdelivery WHERE endpoint_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM webhooks_webhookendpoint WHERE id = ANY(%s)", [ids])


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
