"""The log is not kept for ever."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

# Few enough that locks are short, and many enough that a night is long enough.
_BATCH = 5_000


def forget_old_events() -> int:
    """Deletes events older than `WEBHOOK_KEEP_DAYS` with their deliveries and attempts, what still
    waits included; returns how many.
    """
    before = timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    count = 0
    while deleted := _delete_batch(before):
        count += deleted
    return count


@transaction.atomic
def _delete_batch(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM webhooks_webhookevent WHERE created_at < %s ORDER BY created_at LIMIT %s"
            " FOR UPDATE SKIP LOCKED",
            [before, _BATCH],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM webhooks_webhookattempt attempt USING webhooks_webhookdelivery delivery"
            " WHERE delivery.id = attempt.delivery_id AND delivery.event_id = ANY(%s)",
            [ids],
        )
        cursor.execute("DELETE FROM webhooks_webhookdelivery WHERE event_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM webhooks_webhookevent WHERE id = ANY(%s)", [ids])
    return len(ids)
