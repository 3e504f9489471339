"""The door-bell of the workers. Rows of the outbox are the truth; a job only says that there are
some.

Triggers write those rows and cannot ring: a waiting job is unique by its queueing lock, and a
writer that adds it holds the lock until its commit, so all writers would stand in line. It rings
whoever is done: the middleware, a worker after its photos, and the sweep.
"""

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from webhooks.models import WebhookEvent

DELIVER_TASK = "webhooks.deliver"


def knock() -> None:
    """Asks a worker to hand out events and to send what is due."""
    try:
        with transaction.atomic():  # a savepoint: the refusal would break the caller's transaction
            app.configure_task(DELIVER_TASK, queueing_lock=DELIVER_TASK).defer()
    except AlreadyEnqueued:
        pass


def knock_if_new() -> bool:
    """Knocks if the outbox holds something; costs a look at an index that is empty nearly always."""
    if not WebhookEvent.objects.filter(expanded_at=None).exists():
        return False
    knock()
    return True


def something_is_due() -> bool:
    """Whether there is something to hand out or to send just now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM webhooks_webhookevent WHERE expanded_at IS NULL)"
            " OR EXISTS (SELECT FROM webhooks_webhookdelivery delivery"
            "   JOIN webhooks_webhookendpoint endpoint ON endpoint.id = delivery.endpoint_id"
            "   WHERE delivery.state = 'pending' AND delivery.due_at <= now()"
            "   AND (delivery.leased_until IS NULL OR delivery.leased_until < now())"
            "   AND endpoint.is_active"
            "   AND EXISTS (SELECT FROM accounts_user owner"
            "     WHERE owner.id = endpoint.owner_id AND owner.is_active)"
            "   AND (endpoint.paused_until IS NULL OR endpoint.paused_until <= now()))"
        )
        return bool(cursor.fetchone()[0])
