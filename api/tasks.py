"""Background work of the API. A task may run twice and ends in the same state."""

from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from api.models import FinishedCall
from api.rates import forget_paid


@app.periodic(cron="17 * * * *")
@app.task(name="api.forget", queueing_lock="api.forget")
def forget_old_calls(timestamp: int) -> None:  # noqa: ARG001
    """Each hour: answers that were kept long enough, and rates that nobody owes anything of."""
    close_old_connections()
    forget_finished_calls()
    forget_paid()


def forget_finished_calls() -> int:
    """Frees the idempotency keys whose time is over; returns how many."""
    oldest = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_KEEP_HOURS)
    return FinishedCall.objects.filter(created_at__lt=oldest).delete()[0]
