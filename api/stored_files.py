"""Files that follow their rows: they go when the transaction that wrote them is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.db.models.fields.files import FieldFile

_written: ContextVar[list[FieldFile] | None] = ContextVar("written files", default=None)


@contextmanager
def atomic_with_files() -> Iterator[None]:
    """A transaction, or a savepoint in one, whose files go with its rows where it fails.

    Django tells nobody of a rollback, so whoever opens a transaction around new photos opens this
    one. Blocks inside one another hand their files outwards.
    """
    outer = _written.get()
    written: list[FieldFile] = []
    token = _written.set(written)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for file in written:
            file.storage.delete(str(file.name))
        raise
    finally:
        _written.reset(token)
    if outer is not None:
        outer.extend(written)


def was_written(file: FieldFile) -> None:
    """Notes a file that this transaction wrote."""
    written = _written.get()
    if written is not None:
        written.append(file)
