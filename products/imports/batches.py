"""Rows in batches, each a transaction: whole rows or none, whatever dies in between."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from api.stored_files import atomic_with_files
from products.imports.outcomes import Row, RowError, RowOutcome, UnreadableCell

# Many enough that a commit and the queries of a batch cost little for each row, few enough that
# rows are locked for a moment only and that progress is seen.
BATCH_ROWS = 200
_ATTEMPTS = 4
# Any fixed number; it names the lock under which imports write, one batch after the other.
_WRITE_LOCK = 7_201_002
_DEADLOCK = {"40P01", "40001"}


class Journal(Protocol):
    """Keeps how far a run has come. Both are called inside of a transaction."""

    def hold(self) -> None:
        """Raises:
        Overtaken: this worker has the run no more.
        """

    def record(self, outcomes: list[RowOutcome]) -> None: ...


class BatchImporter(ABC):
    """Writes the rows of one kind. One of these lives for one pass through one file.

    Cells may be UnreadableCell: see `refuse_unreadable`.
    """

    def skip(self, row: Row) -> None:  # noqa: B027 - few kinds need it
        """Sees a row that an earlier attempt has dealt with."""

    def prepare(self, rows: list[Row]) -> Iterator[list[Any]]:
        """What can be done before anything is locked, in parts that are written together."""
        yield rows

    @abstractmethod
    def write(self, part: list[Any]) -> list[RowOutcome]:
        """Writes what `prepare` gave, inside of a transaction, and may be called again for it.

        One outcome for each row, in order; a row with an error leaves nothing behind.
        """


class RowByRowImporter(BatchImporter):
    """For kinds whose rows are few or cheap: each row by itself, in a savepoint."""

    @abstractmethod
    def write_row(self, line: int, cells: dict[str | None, Any]) -> RowOutcome:
        """Raises:
        RowError, ValidationError: the row cannot be written; says why.
        """

    def write(self, part: list[Any]) -> list[RowOutcome]:
        return [isolated(line, partial(self._write_row, line, cells)) for line, cells in part]

    def _write_row(self, line: int, cells: dict[str | None, Any]) -> RowOutcome:
        refuse_unreadable(cells)
        return self.write_row(line, cells)


def refuse_unreadable(cells: Mapping[str | None, Any]) -> None:
    """Raises:
    RowError: a cell of the row has no value.
    """
    for name, value in cells.items():
        if isinstance(value, UnreadableCell):
            raise RowError(
                _("Column %(name)s: %(message)s") % {"name": name, "message": value.message}
            )


def isolated(line: int, write: Callable[[], RowOutcome]) -> RowOutcome:
    """The outcome of a row, which is rolled back to a savepoint where it fails."""
    try:
        with atomic_with_files():
            return write()
    except RowError as error:
        message = str(error)
    except ValidationError as error:
        message = messages_of(error)
    except (IntegrityError, DataError) as error:
        message = _("The database refused the row: %s") % " ".join(str(error).split())
    return RowOutcome(line, "failed", error=message)


def messages_of(error: ValidationError) -> str:
    """A validation error as one line that names its fields."""
    if hasattr(error, "error_dict"):
        return " ".join(
            (f"{name}: " if name != "__all__" else "") + " ".join(messages)
            for name, messages in error.message_dict.items()
        )
    return " ".join(error.messages)


def run_batches(
    rows: Iterable[Row],
    importer: BatchImporter,
    *,
    dry_run: bool,
    journal: Journal | None = None,
    skip: int = 0,
) -> Iterator[list[RowOutcome]]:
    """Brings rows in, the first `skip` of them only to be seen; yields what was committed.

    Killed at any point, it goes on where `journal` says: progress is written in the transaction
    of the rows themselves.
    """
    rows = iter(rows)
    for row in islice(rows, skip):
        importer.skip(row)
    while batch := list(islice(rows, BATCH_ROWS)):
        for part in importer.prepare(batch):
            yield _write(part, importer, dry_run=dry_run, journal=journal)


def _write(
    part: list[Any], importer: BatchImporter, *, dry_run: bool, journal: Journal | None
) -> list[RowOutcome]:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _write_once(part, importer, dry_run=dry_run, journal=journal)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            inside = connection.in_atomic_block
            if state not in _DEADLOCK or inside or attempt == _ATTEMPTS:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("unreachable")


def _write_once(
    part: list[Any], importer: BatchImporter, *, dry_run: bool, journal: Journal | None
) -> list[RowOutcome]:
    with atomic_with_files():
        if journal is not None:
            journal.hold()
        # Two imports at once would take the same rows and branches in different orders.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITE_LOCK])
        outcomes = importer.write(part)
        if dry_run:
            transaction.set_rollback(True)
        elif journal is not None:
            journal.record(outcomes)
    if dry_run and journal is not None:
        with transaction.atomic():
            journal.hold()
            journal.record(outcomes)
    return outcomes
