"""One job of the queue: renditions after all that is more urgent."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep

from products import slots
from products.renditions.claims import due
from products.renditions.making import make_due
from products.renditions.queue import knock

logger = logging.getLogger(__name__)

# One job gives way to others after this long, and rings for what is left.
_MOST_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.5
# Two jobs at once in one process would only share its cores.
_one_at_a_time = Lock()


def work_on_renditions(should_stop: Callable[[], bool]) -> None:
    """Makes what is due, a minute at most; waits while a photo is about to become findable."""
    if not _one_at_a_time.acquire(blocking=False):
        return
    until = monotonic() + _MOST_SECONDS
    try:
        while _wait(until, should_stop):
            done = make_due(
                should_stop=lambda: should_stop() or _others_first(),
                most_seconds=until - monotonic(),
            )
            if done.total:
                logger.info("Renditions: %d photos, %d failed", done.made, done.failed)
            elif not _others_first():
                break
    finally:
        _one_at_a_time.release()
    if due():
        knock()


def _wait(until: float, should_stop: Callable[[], bool]) -> bool:
    """Whether there is time to work, once nothing more urgent is in hand."""
    while _others_first():
        if should_stop() or monotonic() > until:
            return False
        sleep(_LOOK_AGAIN_SECONDS)
    return not should_stop() and monotonic() < until


def _others_first() -> bool:
    return any(is_busy() for is_busy in slots.more_urgent)
