"""What became of an attempt: the log, the delivery's next step, and how the endpoint does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.backoff import asked_wait, pause_after, wait_after
from webhooks.endpoints import said, switch_off
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.sending import Answer

_GONE = 410
_COME_LATER = {429, 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is sent: bytes and the headers that sign them."""

    delivery_id: int
    url: str
    body: bytes
    at: datetime
    headers: dict[str, str]


@transaction.atomic
def record(attempt: Attempt, answer: Answer) -> None:
    """Writes it down. What was deleted meanwhile is left, and what another worker delivered
    meanwhile, after this one's lease had run out, stays delivered.
    """
    delivery = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .filter(pk=attempt.delivery_id)
        .first()
    )
    if delivery is None:
        return
    WebhookAttempt.objects.create(
        delivery=delivery,
        at=attempt.at,
        headers=attempt.headers,
        status=answer.status,
        milliseconds=answer.milliseconds,
        error=said(answer.error)[:300],
        answer=answer.text,
    )
    endpoint = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=delivery.endpoint_id)
    now = timezone.now()
    if answer.delivered:
        _well(endpoint)
    else:
        _ill(endpoint, answer, now)
    if delivery.state == WebhookDelivery.State.PENDING:
        _next_step(delivery, answer, now)


@transaction.atomic
def withhold(delivery_id: int, owner: Any) -> None:
    """Gives a delivery up, without sending it: its owner may not see any more what it is about. An
    account that went inactive this very moment may come back, and what it would get waits.
    """
    delivery = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .filter(pk=delivery_id, state=WebhookDelivery.State.PENDING)
        .first()
    )
    if delivery is None:
        return
    delivery.leased_until = None
    if owner.is_active:
        delivery.state = WebhookDelivery.State.FAILED
        WebhookAttempt.objects.create(
            delivery=delivery,
            at=timezone.now(),
            milliseconds=0,
            error=_("Not sent: %(owner)s may not see any more what %(event)s is about.")
            % {"owner": owner, "event": delivery.type},
        )
    delivery.save(update_fields=["leased_until", "state"])


def _next_step(delivery: WebhookDelivery, answer: Answer, now: datetime) -> None:
    delivery.attempts += 1
    delivery.leased_until = None
    delivery.last_status = answer.status
    wait = wait_after(delivery.attempts)
    if answer.delivered:
        delivery.state = WebhookDelivery.State.DELIVERED
        delivery.delivered_at = now
    elif wait is None or answer.status == _GONE:
        delivery.state = WebhookDelivery.State.FAILED
    else:
        delivery.due_at = now + max(wait, _asked(answer) or timedelta(0))
    delivery.save(
        update_fields=[
            "attempts", "leased_until", "last_status", "state", "delivered_at", "due_at",
        ]
    )  # fmt: skip


def _asked(answer: Answer) -> timedelta | None:
    return asked_wait(answer.retry_after) if answer.status in _COME_LATER else None


def _well(endpoint: WebhookEndpoint) -> None:
    if endpoint.consecutive_failures or endpoint.paused_until:
        endpoint.consecutive_failures = 0
        endpoint.failing_since = endpoint.paused_until = None
        endpoint.save(update_fields=["consecutive_failures", "failing_since", "paused_until"])


def _ill(endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> None:
    endpoint.consecutive_failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    pauses = [each for each in (_asked(answer), pause_after(endpoint.consecutive_failures)) if each]
    if pauses:
        endpoint.paused_until = now + max(pauses)
    endpoint.save(update_fields=["consecutive_failures", "failing_since", "paused_until"])
    if answer.status == _GONE:
        switch_off(endpoint=endpoint, reason=_("It answered 410: it wants nothing any more."))
    elif now - endpoint.failing_since >= timedelta(days=settings.WEBHOOK_SWITCH_OFF_DAYS):
        switch_off(
            endpoint=endpoint,
            reason=_("Everything failed for %(days)d days, at last: %(error)s")
            % {"days": settings.WEBHOOK_SWITCH_OFF_DAYS, "error": said(answer.error)},
        )
