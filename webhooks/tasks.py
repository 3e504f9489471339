"""Background work of the webhooks. A task takes nothing but what it can reload, and may run twice."""

import logging
from threading import Lock

from django.db import close_old_connections
from procrastinate import JobContext
from procrastinate.contrib.django import app

from webhooks.delivering import deliver_due
from webhooks.queue import DELIVER_TASK, knock, something_is_due
from webhooks.retention import forget_old_events

logger = logging.getLogger(__name__)

# One job gives way to others after this long, and rings for what is left.
_MOST_SECONDS = 60.0
# A second loop in the same process would only take a place that others wait for; what it came for
# is seen by the first one, or by the sweep.
_one_at_a_time = Lock()


@app.task(name=DELIVER_TASK, pass_context=True)
def deliver_webhooks(context: JobContext) -> None:
    """Hands out new events and sends what is due."""
    close_old_connections()
    if not _one_at_a_time.acquire(blocking=False):
        return
    try:
        done = deliver_due(should_stop=context.should_abort, most_seconds=_MOST_SECONDS)
    finally:
        _one_at_a_time.release()
    if done.total:
        logger.info("Webhooks: %d delivered, %d failed", done.delivered, done.failed)
    if something_is_due():
        knock()


# The sixth field are the seconds: the first repeat comes after five, and a command's events wait
# for this.
@app.periodic(cron="* * * * * */10")
@app.task(name="webhooks.sweep", queueing_lock="webhooks.sweep")
def sweep_webhooks(timestamp: int) -> None:  # noqa: ARG001
    """Every ten seconds: a knock for what nobody rang for, for repeats and for leases run out."""
    close_old_connections()
    if something_is_due():
        knock()


@app.periodic(cron="17 3 * * *")
@app.task(name="webhooks.forget", queueing_lock="webhooks.forget")
def forget_webhooks(timestamp: int) -> None:  # noqa: ARG001
    """Each night: the log that has been kept long enough goes."""
    close_old_connections()
    if number := forget_old_events():
        logger.info("Forgotten: %d webhook events", number)
