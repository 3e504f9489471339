"""The door-bell of the workers. Photos without renditions are the truth; a job says that there are."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

RENDITION_TASK = "products.make_renditions"


def knock() -> None:
    """Asks a worker to look for photos without renditions, once the caller's transaction is
    committed. Inside it two imports would wait for each other's job. If this process is killed just
    then, the sweep knocks within a minute, and pages show the plain thumbnail meanwhile.
    """
    transaction.on_commit(_defer, robust=True)


def _defer() -> None:
    try:
        with transaction.atomic():
            app.configure_task(RENDITION_TASK, queueing_lock="renditions", priority=-1).defer()
    except AlreadyEnqueued:
        return
