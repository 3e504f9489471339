"""Threads that meet where a test wants them to: on a row that it holds."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections, models


@contextmanager
def held(*rows: models.Model) -> Iterator[Callable[[int], None]]:
    """Holds rows as another transaction would, from a session of its own, until the block ends.

    Gives a function that waits until so many sessions stand before a lock.
    """
    with session() as other, other.transaction():
        for row in rows:
            other.execute(
                f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR UPDATE",
                [row.pk],
            )
        yield blocked


@contextmanager
def session() -> Iterator["psycopg.Connection[Any]"]:
    """A session beside Django's, on the same database."""
    params = connection.get_connection_params()
    params = {
        name: value
        for name, value in params.items()
        if name not in {"cursor_factory", "context", "prepare_threshold"}
    }
    with psycopg.connect(**params, autocommit=True) as other:
        yield other


def blocked(sessions: int = 1) -> None:
    """Waits until so many sessions of this database stand before a lock."""
    deadline = time.monotonic() + 10
    with session() as other:
        while True:
            row = other.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row is not None and row[0] >= sessions:
                return
            assert time.monotonic() < deadline, f"{row} sessions wait, not {sessions}"
            time.sleep(0.01)


class Threads:
    """Runs functions beside each other, each with a connection of its own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def start(self, function: Callable[..., Any], **kwargs: Any) -> "Future[Any]":
        def run() -> Any:
            try:
                return function(**kwargs)
            finally:
                connections.close_all()

        return self._pool.submit(run)


@contextmanager
def threads() -> Iterator[Threads]:
    with ThreadPoolExecutor(8) as pool:
        yield Threads(pool)


def outcomes(futures: "list[Future[Any]]") -> list[str]:
    """What became of each: `done`, or the code of its refusal, or the name of its error; sorted."""
    found = []
    for future in futures:
        error = future.exception(timeout=30)
        found.append("done" if error is None else getattr(error, "code", type(error).__name__))
    return sorted(found)
