"""From the outbox to deliveries: one for each endpoint that wants an event and may be told of it."""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from webhooks.payloads import Owner, Subjects, as_body, data_for, is_whole, load_subjects

logger = logging.getLogger(__name__)

# At a time: few enough that sending goes on meanwhile, many enough that queries are few.
_BATCH = 200


def expand_events(most: int = _BATCH) -> int:
    """Makes the deliveries of the oldest new events; returns how many events that were.

    Any number of workers may call this at once. One that dies has done nothing: the events are new
    still, and their deliveries were not committed.
    """
    try:
        return _expand(most)
    except IntegrityError:
        # An endpoint was deleted between being read and the commit; what is left is read anew.
        logger.info("An endpoint was deleted while events were handed out: one at a time now")
    count = 0
    while count < most:
        try:
            done = _expand(1)
        except IntegrityError:
            # Once more: the event is new still, and whoever looks next takes it.
            logger.warning("A webhook event could not be handed out just now", exc_info=True)
            break
        if not done:
            break
        count += done
    return count


@transaction.atomic
def _expand(most: int) -> int:
    events = list(
        WebhookEvent.objects.select_for_update(skip_locked=True)
        .filter(expanded_at=None)
        .order_by("pk")[:most]
    )
    if not events:
        return 0
    whole = []
    for event in events:
        if is_whole(event):
            whole.append(event)
        else:
            # One must not hold up all that come after it.
            logger.error("Webhook event %s is malformed and is told nobody", event)
    # What happened before an endpoint was switched off waits for it, until it is on again.
    since = min(each.created_at for each in events)
    found = WebhookEndpoint.objects.who_hear_of(since).select_related("owner")
    endpoints = list(found.order_by("pk"))
    # What people may do is asked once, not by each of their endpoints.
    owners = {each.owner_id: Owner(each.owner) for each in endpoints}
    subjects = load_subjects(whole)
    WebhookDelivery.objects.bulk_create(
        [
            delivery
            for event in whole
            for delivery in _deliveries(event, endpoints, owners, subjects)
        ],
        ignore_conflicts=True,
    )
    WebhookEvent.objects.filter(pk__in=[each.pk for each in events]).update(
        expanded_at=timezone.now()
    )
    return len(events)


def _deliveries(
    event: WebhookEvent,
    endpoints: list[WebhookEndpoint],
    owners: dict[int, Owner],
    subjects: Subjects,
) -> list[WebhookDelivery]:
    deliveries = []
    bodies: dict[int, str | None] = {}
    for endpoint in endpoints:
        if event.type not in endpoint.events or not endpoint.was_on(event.created_at):
            continue
        if endpoint.owner_id not in bodies:
            bodies[endpoint.owner_id] = _body(event, subjects, owners[endpoint.owner_id])
        body = bodies[endpoint.owner_id]
        if body is not None:
            deliveries.append(
                WebhookDelivery(event=event, endpoint=endpoint, type=event.type, body=body)
            )
    return deliveries


def _body(event: WebhookEvent, subjects: Subjects, owner: Owner) -> str | None:
    try:
        data = data_for(event, subjects, owner)
    except (KeyError, TypeError, ValueError):
        logger.exception("Webhook event %s cannot be told", event.pk)
        return None
    return None if data is None else as_body(event, data)
