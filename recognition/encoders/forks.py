"""Locks and queues do not survive a fork; this renews them in the child."""

import os
import weakref
from typing import Protocol


class Renewable(Protocol):
    def renew_after_fork(self) -> None: ...


_renewables: "weakref.WeakSet[Renewable]" = weakref.WeakSet()


def renew_after_fork(thing: Renewable) -> None:
    """Has `thing.renew_after_fork()` called in every child process, as long as it lives."""
    _renewables.add(thing)


def _renew_all() -> None:
    for thing in list(_renewables):
        thing.renew_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
