"""The way to the workers. A run in the state of working is the truth; a job only says so."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

RUN_TASK = "products.import_run"
_ALIVE = ["todo", "doing"]


def enqueue(run_id: int) -> None:
    """Asks for a worker in the transaction of the caller: both are there, or neither is."""
    try:
        with transaction.atomic():  # a savepoint: the refusal would break the caller's transaction
            app.configure_task(
                RUN_TASK,
                # One import after the other: two would only wait for each other's rows.
                lock="products.imports",
                queueing_lock=f"products.import_run:{run_id}",
            ).defer(run_id=run_id)
    except AlreadyEnqueued:
        # That job has not begun, so it will see what this transaction writes unless it is quick;
        # the sweep sees to that.
        return


def has_job(run_id: int) -> bool:
    jobs = ProcrastinateJob.objects.filter(task_name=RUN_TASK, status__in=_ALIVE)
    return bool(jobs.filter(args__run_id=run_id).exists())
