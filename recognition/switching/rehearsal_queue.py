"""Rehearsals in the background. One that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from recognition.background_runs import begin_attempt, fail_lost
from recognition.models import Encoder, EncoderRehearsal
from recognition.switching.rehearsing import begin_rehearsal, rehearse

REHEARSE_TASK = "recognition.rehearse"
# A calibration, which may come first, gives no sign of life of the rehearsal.
_SILENT = timedelta(minutes=30)


@transaction.atomic
def request_rehearsal(*, encoder: Encoder, by: Any = None) -> EncoderRehearsal:
    """Begins a rehearsal on the sightings whose photo was kept, which a worker does.

    Raises:
        CannotRehearse: as `begin_rehearsal`.
    """
    rehearsal = begin_rehearsal(encoder=encoder, by=by)
    app.configure_task(REHEARSE_TASK, lock=REHEARSE_TASK).defer(rehearsal_id=rehearsal.pk)
    return rehearsal


def work_on_rehearsal(rehearsal_id: int) -> None:
    """Does a rehearsal that is still to be done; run twice, it is done once."""
    rows = EncoderRehearsal.objects.select_related("encoder", "present")
    rehearsal = rows.filter(pk=rehearsal_id).first()
    if rehearsal is not None and rehearsal.is_running and begin_attempt(rehearsal):
        rehearse(rehearsal)


def sweep_rehearsals() -> int:
    """Rehearsals that nobody works on any more become failed; returns how many."""
    return fail_lost(
        EncoderRehearsal.objects.all(),
        task=REHEARSE_TASK,
        argument="rehearsal_id",
        silent=_SILENT,
        reason=_("The process that worked on it has ended. Start it again."),
    )
