"""Check-ups in the background. One that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from recognition.background_runs import begin_attempt, fail_lost
from recognition.findings.checking import AlreadyChecking, begin_check, check_catalogue
from recognition.models import CatalogueCheck, Encoder

CHECK_TASK = "recognition.check_catalogue"
# A sign of life comes with every step; the longest takes minutes.
_SILENT = timedelta(minutes=20)


@transaction.atomic
def request_check(*, encoder: Encoder, by: Any = None) -> CatalogueCheck:
    """Begins a check-up, which a worker makes.

    Raises:
        AlreadyChecking: one is under way.
    """
    check = begin_check(encoder=encoder, by=by)
    app.configure_task(CHECK_TASK, lock=CHECK_TASK).defer(check_id=check.pk)
    return check


def work_on_check(check_id: int) -> None:
    """Makes a check-up that is still to be made; run twice, it is made once."""
    check = CatalogueCheck.objects.select_related("encoder").filter(pk=check_id).first()
    if check is not None and check.is_running and begin_attempt(check):
        check_catalogue(check=check)


def check_nightly() -> bool:
    """Asks for a check-up; False where there is nothing to see with, or one is under way."""
    encoder = Encoder.objects.active()
    if encoder is None:
        return False
    try:
        request_check(encoder=encoder)
    except AlreadyChecking:
        return False
    return True


def sweep_checks() -> int:
    """Check-ups that nobody works on any more become failed; returns how many."""
    return fail_lost(
        CatalogueCheck.objects.all(),
        task=CHECK_TASK,
        argument="check_id",
        silent=_SILENT,
        reason=_("The process that worked on it has ended. Look again."),
    )
