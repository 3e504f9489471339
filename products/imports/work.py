"""What a worker does for a run: the dry run, then the import, from where a killed one stopped."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from products.history import acting
from products.imports.batches import run_batches
from products.imports.kinds import ImportContext, ImportKind, find_kind
from products.imports.outcomes import Overtaken, RowError, RowOutcome
from products.imports.queue import enqueue
from products.imports.tables import open_table
from products.models import ImportRowError, ImportRun

logger = logging.getLogger(__name__)

# Of the rows that change something, so many are shown before the import.
PREVIEW_ROWS = 100
_PREVIEW_TEXT = 200
# A file that took the worker with it this often, without a row done in between, is set aside.
_MOST_IDLE_ATTEMPTS = 3


def work_on(run_id: int, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Brings a run to its next rest: checked, imported or refused. May be called at any time."""
    language = ImportRun.objects.filter(pk=run_id).values_list("language", flat=True).first()
    with translation.override(language or settings.LANGUAGE_CODE):
        run = _take(run_id)
        if run is None:
            return
        try:
            _work(run, should_stop)
        except Overtaken:
            logger.info("Import %d: another worker has it, or it was cancelled.", run.pk)
        except RowError as error:
            _finish(run, ImportRun.State.REFUSED, problem=str(error))


def _take(run_id: int) -> ImportRun | None:
    """The run, if there is something to do for it, as this worker's own."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
        if run is None or not run.is_working:
            return None
        run.attempt += 1
        if run.idle_attempts >= _MOST_IDLE_ATTEMPTS:
            run.state = ImportRun.State.REFUSED
            run.finished_at = timezone.now()
            run.problem = _(
                "The program stopped %(number)d times while it worked on this file, after row"
                " %(row)d. What was written before stays. Cut the file into several, or try again."
            ) % {"number": run.idle_attempts, "row": run.rows_done}
            run.save()
            return None
        run.idle_attempts += 1
        if run.state == ImportRun.State.CHECKING:
            # A dry run has left nothing behind that it could go on from.
            run.rows_done, run.counts, run.changes = 0, {}, []
            run.errors.all().delete()
        run.save()
    return run


def _work(run: ImportRun, should_stop: Callable[[], bool]) -> None:
    kind = find_kind(run.kind)
    if kind is None:
        raise RowError(_("This site imports nothing of the kind “%s” any more.") % run.kind)
    dry_run = run.state == ImportRun.State.CHECKING
    user = run.started_by or run.created_by
    # Between upload and import somebody may have left, or have been given other work.
    if user is None or not user.is_active or not kind.allows(user):
        raise RowError(_("Who started this import may not import this any more."))
    try:
        table = open_table(Path(run.file.path), name=run.file_name)
        kind.check_header(table.columns)
        if run.rows_total is None:
            run.rows_total = table.check()
            ImportRun.objects.filter(pk=run.pk).update(rows_total=run.rows_total)
        importer = kind.importer(
            ImportContext(
                table=table,
                photos=Path(run.photos.path) if run.photos else None,
                dry_run=dry_run,
                run_id=run.pk,
                user=user,
            )
        )
    except (OSError, ValueError) as error:
        if isinstance(error, RowError):
            raise
        raise RowError(
            _("The uploaded file is not on this machine any more. Upload it again.")
        ) from error
    journal = _RunJournal(run, dry_run=dry_run)
    batches = run_batches(
        table.rows(), importer, dry_run=dry_run, journal=journal, skip=run.rows_done
    )
    with acting(user=run.started_by or run.created_by, source=f"import {run.pk}"):
        for _outcomes in batches:
            if should_stop():
                _give_back(run)
                return
    _conclude(run, kind, importer, dry_run=dry_run)


def _conclude(run: ImportRun, kind: ImportKind, importer: Any, *, dry_run: bool) -> None:
    if dry_run:
        run.notes = kind.notes(importer)
        _finish(run, ImportRun.State.CHECKED)
    else:
        _finish(run, ImportRun.State.DONE)


def _give_back(run: ImportRun) -> None:
    """The worker is being shut down, which is no fault of the file."""
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk, attempt=run.attempt).update(idle_attempts=0)
        enqueue(run.pk)


@transaction.atomic
def _finish(run: ImportRun, state: str, *, problem: str = "") -> None:
    now = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if now.attempt != run.attempt or not now.is_working:
        return
    now.state, now.problem, now.notes = state, problem, run.notes
    now.idle_attempts = 0
    if state == ImportRun.State.CHECKED:
        now.checked_counts = now.counts
    else:
        now.finished_at = timezone.now()
    now.save()


class _RunJournal:
    """Progress of a run, kept in its row."""

    def __init__(self, run: ImportRun, *, dry_run: bool) -> None:
        self._run = run
        self._dry_run = dry_run
        self._now = run

    def hold(self) -> None:
        now = ImportRun.objects.select_for_update(of=("self",)).get(pk=self._run.pk)
        if now.attempt != self._run.attempt or now.state != self._run.state:
            raise Overtaken
        self._now = now

    def record(self, outcomes: list[RowOutcome]) -> None:
        run = self._now
        counts = run.counts
        for outcome in outcomes:
            _count(counts, outcome.state)
            for name in ("images_created", "images_unchanged", "images_failed"):
                _count(counts, name, getattr(outcome, name))
        run.rows_done += len(outcomes)
        run.idle_attempts = 0
        changed = [outcome for outcome in outcomes if outcome.state in {"created", "updated"}]
        if self._dry_run:
            room = PREVIEW_ROWS - len(run.changes)
            run.changes += [_preview(outcome) for outcome in changed[:room]]
        run.save(update_fields=["counts", "rows_done", "idle_attempts", "changes"])
        ImportRowError.objects.bulk_create(
            ImportRowError(run=run, of_check=self._dry_run, line=each.line, error=each.error)
            for each in outcomes
            if each.state == "failed"
        )


def _count(counts: dict[str, int], name: str, number: int = 1) -> None:
    counts[name] = counts.get(name, 0) + number


def _preview(outcome: RowOutcome) -> dict[str, Any]:
    return {
        "line": outcome.line,
        "key": outcome.key,
        "state": outcome.state,
        "photos": outcome.images_created,
        "changes": [
            [name, old[:_PREVIEW_TEXT], new[:_PREVIEW_TEXT]] for name, old, new in outcome.changes
        ],
    }
