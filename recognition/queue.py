"""The door-bell of the workers. Pending rows are the truth; a job only says that there are some."""

import logging

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

logger = logging.getLogger(__name__)

EMBED_TASK = "recognition.embed_pending"
_IN_HAND = ["todo", "doing"]


def knock() -> None:
    """Asks a worker to look for pending photos; inside a transaction, once it is committed.

    The job is a row of the same transaction as the photo, so neither exists without the other. A
    waiting job that another transaction left may be taken before this one commits, and would not
    see these photos: then it knocks again after the commit.
    """
    if not _defer() and transaction.get_connection().in_atomic_block:
        transaction.on_commit(_defer, robust=True)


def _defer() -> bool:
    """True if a job was added, False if one was waiting already."""
    try:
        with transaction.atomic():  # a savepoint: the refusal would break the caller's transaction
            app.configure_task(EMBED_TASK, queueing_lock="embed").defer()
    except AlreadyEnqueued:
        return False
    return True


def is_embedding() -> bool:
    """Whether a worker is making photos findable, or is about to."""
    return bool(ProcrastinateJob.objects.filter(task_name=EMBED_TASK, status__in=_IN_HAND).exists())
