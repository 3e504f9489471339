"""How work in the background shows that it is alive, fails, and is found when its process has ended."""

import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.models.background_run import BackgroundRun

logger = logging.getLogger(__name__)

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
