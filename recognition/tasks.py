"""Background work. A task takes nothing but what it can reload, and may run twice."""

import logging
from threading import Lock

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from recognition.calibration_queue import (
    CALIBRATE_TASK,
    sweep_calibrations,
    work_on_calibration,
)
from recognition.embedding import embed_pending
from recognition.indexing import sweep, waiting
from recognition.models import Encoder
from recognition.queue import EMBED_TASK, knock
from recognition.versions import settle_encoder

logger = logging.getLogger(__name__)

# One job gives way to others after this long, and rings for what is left.
_MOST_SECONDS = 60.0
# Two batches at once in one process would only share the same cores or the same GPU.
_one_at_a_time = Lock()


@app.task(name=EMBED_TASK, pass_context=True)
def embed_pending_photos(context: JobContext) -> None:
    """Drains what is due, the active encoder first."""
    close_old_connections()
    settle_encoder()
    with _one_at_a_time:
        left = False
        for encoder in Encoder.objects.in_use().filter(base=None).order_by("state"):
            done = embed_pending(
                encoder, should_stop=context.should_abort, most_seconds=_MOST_SECONDS
            )
            if done.total:
                logger.info("%s: %d ready, %d failed", encoder, done.ready, done.failed)
            left = left or waiting(encoder) > 0
    if left:
        knock()


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep", queueing_lock="sweep")
def sweep_photos(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: rows for photos that the signal never saw, and a knock for leases run out."""
    close_old_connections()
    if not Encoder.objects.exists():
        settle_encoder()
    due = sweep()
    if due:
        logger.info("Sweep: %d photos made due", due)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.revive_jobs", queueing_lock="revive", pass_context=True)
async def revive_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Jobs whose worker was killed are put back into the queue; old ones are cleared away."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=30):
        try:
            await jobs.retry_job(job)
        except AlreadyEnqueued:
            # Its successor is waiting already and will do the same work.
            await jobs.finish_job(job, Status.FAILED, delete_job=True)
    await jobs.delete_old_jobs(nb_hours=72, include_failed=True, include_cancelled=True)
    await sync_to_async(close_old_connections)()


@app.task(name=CALIBRATE_TASK)
def calibrate_catalogue(run_id: int) -> None:
    """Measures how sure answers may be, and proposes thresholds."""
    close_old_connections()
    work_on_calibration(run_id)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_calibrations", queueing_lock="recognition.sweep_calibrations")
def sweep_lost_calibrations(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: runs whose process has ended say so."""
    close_old_connections()
    if number := sweep_calibrations():
        logger.info("Sweep: %d calibration runs had ended", number)
