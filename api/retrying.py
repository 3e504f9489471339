"""Transactions that lost against another one are tried again."""

import logging
import random
from collections.abc import Callable
from functools import wraps
from time import sleep
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

# PostgreSQL: serialization_failure, deadlock_detected. The loser was rolled back whole.
_LOST = {"40001", "40P01"}
# Where 32 tills at once lock in no order at all, four in ten attempts lose: 8 were not always enough,
# 16 leave one in a million, and end within some ten seconds.
_ATTEMPTS = 16
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


def retry_when_lost(use_case: Callable[P, R]) -> Callable[P, R]:
    """Runs a use case again, after a short random pause, when its transaction was the loser.

    Inside a caller's transaction there is nothing to run again by itself: the error goes on.
    """

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(_ATTEMPTS):
            try:
                return use_case(*args, **kwargs)
            except OperationalError as error:
                if (
                    connection.in_atomic_block
                    or attempt == _ATTEMPTS - 1
                    or getattr(error.__cause__, "sqlstate", None) not in _LOST
                ):
                    raise
                name = use_case.__qualname__
                logger.info("%s lost against another transaction; attempt %d", name, attempt + 2)
                pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
                sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        raise AssertionError("unreachable")  # pragma: no cover

    return run
