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
from recognition.embedding import can_go_on, embed_pending
from recognition.feature_map_queue import FEATURE_MAP_TASK, sweep_maps, work_on_map
from recognition.findings.queue import CHECK_TASK, check_nightly, sweep_checks, work_on_check
from recognition.indexing import filling_order, sweep
from recognition.models import Encoder
from recognition.queue import EMBED_TASK, knock
from recognition.reviewing.forgetting import forget_old_sightings
from recognition.reviewing.kept_photos import forget_old_photos, sweep_photos_without_row
from recognition.similarity_queue import SIMILARITY_TASK, sweep_reports, work_on_report
from recognition.switching.rehearsal_queue import (
    REHEARSE_TASK,
    sweep_rehearsals,
    work_on_rehearsal,
)
from recognition.switching.retirement_queue import (
    RETIRE_TASK,
    sweep_retirements,
    work_on_retirement,
)
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
        for encoder in filling_order():
            done = embed_pending(
                encoder, should_stop=context.should_abort, most_seconds=_MOST_SECONDS
            )
            if done.total:
                logger.info("%s: %d ready, %d failed", encoder, done.ready, done.failed)
            left = left or can_go_on(encoder)
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


@app.task(name=SIMILARITY_TASK)
def build_similarity_report(report_id: int) -> None:
    """Compares the metrics of similarity on the catalogue's photos."""
    close_old_connections()
    work_on_report(report_id)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_reports", queueing_lock="recognition.sweep_reports")
def sweep_lost_reports(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: reports whose process has ended say so."""
    close_old_connections()
    if number := sweep_reports():
        logger.info("Sweep: %d similarity reports had ended", number)


@app.periodic(cron="41 3 * * *")
@app.task(name="recognition.forget", queueing_lock="recognition.forget")
def forget_queries(timestamp: int) -> None:  # noqa: ARG001
    """Each night: photos and sightings that have been kept long enough go."""
    close_old_connections()
    photos = forget_old_photos()
    sightings = forget_old_sightings()
    lost = sweep_photos_without_row()
    if photos or sightings or lost:
        logger.info(
            "Forgotten: %d photos, %d sightings; %d files had lost their row",
            photos, sightings, lost,
        )  # fmt: skip


@app.task(name=CHECK_TASK)
def check_up_catalogue(check_id: int) -> None:
    """Looks at the whole catalogue for what is wrong with it."""
    close_old_connections()
    work_on_check(check_id)


@app.periodic(cron="53 2 * * *")
@app.task(name="recognition.check_nightly", queueing_lock="recognition.check_nightly")
def check_up_nightly(timestamp: int) -> None:  # noqa: ARG001
    """Each night: a check-up of the catalogue."""
    close_old_connections()
    check_nightly()


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_checks", queueing_lock="recognition.sweep_checks")
def sweep_lost_checks(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: check-ups whose process has ended say so."""
    close_old_connections()
    if number := sweep_checks():
        logger.info("Sweep: %d check-ups had ended", number)


@app.task(name=FEATURE_MAP_TASK)
def build_feature_map(map_id: int) -> None:
    """Lays photos or products out on a plane."""
    close_old_connections()
    work_on_map(map_id)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_maps", queueing_lock="recognition.sweep_maps")
def sweep_lost_maps(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: maps whose process has ended are begun anew."""
    close_old_connections()
    if number := sweep_maps():
        logger.info("Sweep: %d feature maps were lost", number)


@app.task(name=REHEARSE_TASK)
def rehearse_encoder(rehearsal_id: int) -> None:
    """Replays queries on an encoder and on the active one."""
    close_old_connections()
    work_on_rehearsal(rehearsal_id)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_rehearsals", queueing_lock="recognition.sweep_rehearsals")
def sweep_lost_rehearsals(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: rehearsals whose process has ended say so."""
    close_old_connections()
    if number := sweep_rehearsals():
        logger.info("Sweep: %d rehearsals had ended", number)


@app.task(name=RETIRE_TASK)
def clear_retired_encoder(encoder_id: int) -> None:
    """Removes the vectors and the index of an encoder that was retired."""
    close_old_connections()
    work_on_retirement(encoder_id)


@app.periodic(cron="* * * * *")
@app.task(name="recognition.sweep_retirements", queueing_lock="recognition.sweep_retirements")
def sweep_lost_retirements(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: what is left of retired encoders, where a process was killed meanwhile."""
    close_old_connections()
    if number := sweep_retirements():
        logger.info("Sweep: %d retired encoders were not cleared yet", number)
