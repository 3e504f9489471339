"""Emptying the database after a test that commits, faster than TRUNCATE, which makes new files for each
table and index whether or not a row was in it: a quarter of a second for all of ours, and a thousand
tests ask for it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connection
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import DeadlockDetected

_truncate = DatabaseOperations.sql_flush
_TRIES = 5


def _sql_flush(
    self: DatabaseOperations,
    style: Any,
    tables: Sequence[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    if reset_sequences:
        every: list[str] = _truncate(
            self, style, tables, reset_sequences=True, allow_cascade=allow_cascade
        )
        return every
    used = _used(tables)
    if not used:
        return []
    names = ", ".join(self.quote_name(table) for table in used)
    return [
        # As TRUNCATE does: what is still being written is waited for.
        f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE",
        # Neither keys nor the triggers that forbid to delete what is append-only are asked.
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {self.quote_name(table)}" for table in used),  # noqa: S608 - our own tables
    ]


def _execute_sql_flush(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
    statements = list(sql_list)
    _execute_again_after_deadlocks(self, statements)
    for statement in statements:
        if statement.startswith("DELETE FROM "):
            # No dead rows that later tests would read past, and none in an index of vectors.
            with connection.cursor() as cursor:
                cursor.execute("VACUUM " + statement.removeprefix("DELETE FROM "))  # noqa: S608


def _execute_again_after_deadlocks(self: DatabaseOperations, statements: list[str]) -> None:
    """A server may still be answering what a page asked that is closed, and take tables in another order.
    It has what it wants once this one has given way.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            _execute(self, statements)
        except OperationalError as error:
            if not tries_left or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return


_execute = DatabaseOperations.execute_sql_flush


def _used(tables: Sequence[str]) -> list[str]:
    """Those that have pages, and so may have rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)"
            " AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0",
            [list(tables)],
        )
        return sorted(row[0] for row in cursor.fetchall())


faster_flush = patch.multiple(
    DatabaseOperations, sql_flush=_sql_flush, execute_sql_flush=_execute_sql_flush
)
