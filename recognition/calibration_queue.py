"""Calibration runs in the background. A run that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.calibrating import begin_run, calibrate
from recognition.models import CalibrationRun, Encoder

CALIBRATE_TASK = "recognition.calibrate"
_ALIVE = ["todo", "doing"]
# A sign of life comes every few seconds, except while the models are fitted.
_SILENT = timedelta(minutes=10)


@transaction.atomic
def request_calibration(
    *, encoder: Encoder, target_error: float, unknown_share: float | None = None, by: Any = None
) -> CalibrationRun:
    """Begins a run, which a worker does. It proposes: what is in force stays.

    Raises:
        ValueError: a share is none.
    """
    if not 0 < target_error < 1 or not (unknown_share is None or 0 <= unknown_share < 1):
        raise ValueError("A share lies between 0 and 1.")
    run = begin_run(encoder=encoder, target_error=target_error, unknown_share=unknown_share, by=by)
    # One after the other: two would only take each other's cores.
    app.configure_task(CALIBRATE_TASK, lock=CALIBRATE_TASK).defer(run_id=run.pk)
    return run


def work_on_calibration(run_id: int) -> None:
    """Does a run that is still to be done; run twice, it is done once."""
    run = CalibrationRun.objects.select_related("encoder").filter(pk=run_id).first()
    if run is not None and run.state == CalibrationRun.State.RUNNING:
        calibrate(run)


def sweep_calibrations() -> int:
    """Runs that nobody works on any more become failed; returns how many."""
    silent = CalibrationRun.objects.filter(
        state=CalibrationRun.State.RUNNING, touched_at__lt=timezone.now() - _SILENT
    )
    jobs = ProcrastinateJob.objects.filter(task_name=CALIBRATE_TASK, status__in=_ALIVE)
    waiting = {job.args.get("run_id") for job in jobs}
    lost = [run.pk for run in silent if run.pk not in waiting]
    return CalibrationRun.objects.filter(pk__in=lost, state=CalibrationRun.State.RUNNING).update(
        state=CalibrationRun.State.FAILED,
        reason=_("The process that worked on it has ended. Start it again."),
    )
