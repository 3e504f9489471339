"""In whose name products are changed, for what is no request: commands and background work.

Requests name their user by themselves, through pghistory's middleware.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory

from accounts.models import User


@contextmanager
def acting(*, source: str, user: User | None = None) -> Iterator[None]:
    """Changes of products inside are recorded as done by `source`, and for `user` where given.

    Open it outside of transactions: PostgreSQL keeps the name until the transaction ends. Inside a
    request the source is added to the request's own user.
    """
    named = {} if user is None else {"user": user.pk}
    with pghistory.context(source=source, **named):
        yield


def name_source(source: str) -> None:
    """Adds to the request's own user through what they act, as a key of theirs."""
    pghistory.context(source=source)
