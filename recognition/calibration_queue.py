"""Calibration runs in the background. A run that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from recognition.background_runs import begin_attempt, fail_lost
from recognition.calibrating import begin_run, calibrate
from recognition.models import CalibrationRun, Encoder

CALIBRATE_TASK = "recognition.calibrate"
# A sign of life comes every few seconds, except while the models are fitted.
_SILENT = timedelta(minutes=10)


@transaction.atomic
def request_calibration(
    *, encoder: Encoder, target_error: float, unknown_share: float | None = None, by: Any = None
) -> CalibrationRun:
    """Begins a run, which a worker does. It proposes: what is in force stays.

    Raises:
        ValueError: a share is none.
        AlreadyCalibrating: as `begin_run`.
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
    if run is not None and run.is_running and begin_attempt(run):
        calibrate(run)


def sweep_calibrations() -> int:
    """Runs that nobody works on any more become failed; returns how many."""
    return fail_lost(
        CalibrationRun.objects.all(),
        task=CALIBRATE_TASK,
        argument="run_id",
        silent=_SILENT,
        reason=_("The process that worked on it has ended. Start it again."),
    )
