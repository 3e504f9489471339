"""How work in the background shows that it is alive, fails, and is found when its process has ended."""

import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.models.background_run import BackgroundRun

logger = logging.getLogger(__name__)

# A worker that is killed over its work leaves the job to the next one (see `tasks.revive_jobs`): work
# that kills each of them, as when there is too little memory, is not begun for ever.
MOST_ATTEMPTS = 3
_ALIVE = ["todo", "doing"]
_RUNNING = BackgroundRun.State.RUNNING
_SECONDS_BETWEEN_SIGNS = 1.0


def signs_of_life(run: BackgroundRun) -> Callable[[int, int], None]:
    """Writes how far a run has come into its row, at most once a second."""
    due = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal due
        if monotonic() < due:
            return
        due = monotonic() + _SECONDS_BETWEEN_SIGNS
        _still_running(run).update(done=done, total=total, touched_at=timezone.now())

    return tell


def fail_run(run: BackgroundRun, reason: str) -> None:
    """Unless another worker, which took it for dead, has finished it meanwhile."""
    _still_running(run).update(state=BackgroundRun.State.FAILED, reason=reason)
    logger.warning("%s %s failed: %s", run._meta.verbose_name, run.pk, reason)


def begin_attempt(run: BackgroundRun) -> bool:
    """Counts that a worker begins. False where so many have ended over it that it is given up; it has
    failed then, with a reason.
    """
    if is_given_up(run):
        return False
    _still_running(run).update(attempts=F("attempts") + 1, touched_at=timezone.now())
    run.refresh_from_db(fields=["attempts"])
    return True


def is_given_up(run: BackgroundRun) -> bool:
    """Whether so many workers have ended over it; it has failed then, with a reason."""
    if run.attempts < MOST_ATTEMPTS:
        return False
    fail_run(
        run,
        _(
            "Its worker ended %(times)d times while it worked on this, so it is not begun again by"
            " itself. Is there enough memory? Then start it anew."
        )
        % {"times": run.attempts},
    )
    return True


def lost_runs(runs: "QuerySet[Any]", *, task: str, argument: str, silent: timedelta) -> set[int]:
    """Those that run, gave no sign of life for so long, and have no job any more, which names them
    by its `argument`.
    """
    quiet = runs.filter(state=_RUNNING, touched_at__lt=timezone.now() - silent)
    lost = set(quiet.values_list("pk", flat=True))
    if lost:
        jobs = ProcrastinateJob.objects.filter(task_name=task, status__in=_ALIVE)
        lost -= {job.args.get(argument) for job in jobs}
    return lost


def fail_lost(
    runs: "QuerySet[Any]", *, task: str, argument: str, silent: timedelta, reason: str
) -> int:
    """Runs that nobody works on any more become failed; returns how many."""
    lost = lost_runs(runs, task=task, argument=argument, silent=silent)
    return runs.filter(pk__in=lost, state=_RUNNING).update(
        state=BackgroundRun.State.FAILED, reason=reason
    )


def _still_running(run: BackgroundRun) -> "QuerySet[Any]":
    manager: Any = run._meta.default_manager
    return manager.filter(pk=run.pk, state=_RUNNING)
