"""Rows that all tests of a module begin with, where making them takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def shared_rows(blocker: DjangoDbBlocker, make: Callable[[], object]) -> Iterator[None]:
    """What `make` writes is there for every test of a fixture's scope, and gone after it. A test's own
    transaction lies within this one: what it changes is as before for the next. Objects are not
    shared: a test reads its own. The database's own clock stands still all the while, as it does in
    any transaction.

    Not for tests that commit.
    """
    with blocker.unblock():
        # As each test begins.
        cache.clear()
        translation.deactivate()
        atomic = transaction.atomic()
        atomic._from_testcase = True  # else durable blocks would refuse to run in it
        atomic.__enter__()
    try:
        with blocker.unblock():
            make()
        yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
