"""Background work of the catalogue. A task takes ids, reloads, and may run twice."""

import logging

from django.db import close_old_connections
from procrastinate import JobContext
from procrastinate.contrib.django import app

from products.imports.queue import RUN_TASK
from products.imports.runs import forget_old_files, sweep_imports
from products.imports.work import work_on
from products.renditions.claims import sweep as sweep_renditions
from products.renditions.jobs import work_on_renditions
from products.renditions.queue import RENDITION_TASK

logger = logging.getLogger(__name__)


@app.task(name=RUN_TASK, pass_context=True)
def import_run(context: JobContext, run_id: int) -> None:
    """Checks or imports an uploaded file, as its state says."""
    close_old_connections()
    work_on(run_id, should_stop=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="products.sweep_imports", queueing_lock="products.sweep_imports")
def sweep(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: jobs for imports that have lost theirs."""
    close_old_connections()
    if number := sweep_imports():
        logger.info("Sweep: %d imports asked for again", number)


@app.periodic(cron="17 3 * * *")
@app.task(name="products.forget_import_files", queueing_lock="products.forget_import_files")
def forget(timestamp: int) -> None:  # noqa: ARG001
    """Each night: uploads that have been kept for IMPORT_KEEP_DAYS go."""
    close_old_connections()
    if number := forget_old_files():
        logger.info("Files of %d imports deleted", number)


@app.task(name=RENDITION_TASK, pass_context=True)
def make_renditions(context: JobContext) -> None:
    """Small pictures of photos that have none yet."""
    close_old_connections()
    work_on_renditions(context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="products.sweep_renditions", queueing_lock="products.sweep_renditions")
def sweep_photos(timestamp: int) -> None:  # noqa: ARG001
    """Each minute: a knock for photos without renditions, and files of photos that are gone."""
    close_old_connections()
    sweep_renditions()
