"""Room to decode photos: what is large in memory is done by few at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.utils.translation import gettext_lazy as _

# The largest photo that is allowed takes about 1 GB while it is decoded (64 megapixels of 16-bit
# RGBA), so two at once in a process are what a small machine bears; ordinary ones take some 50 ms.
_decoding = BoundedSemaphore(2)
# Who waits holds a thread of the site's, of which a process has a dozen: a few may wait, and not for
# long. Whoever comes then is told at once to come back, and the other pages go on.
_MOST_SECONDS_WAITING = 10.0
_waiting = BoundedSemaphore(3)


class DecodingBusy(Exception):
    """Other photos are being decoded, and it takes long or others wait already."""

    message = _("Too many photos are being read at once. Try again in a few seconds.")


@contextmanager
def room_to_decode(*, patient: bool = False) -> Iterator[None]:
    """While a photo is decoded. `patient`: waits for as long as it takes, where nobody else waits.

    Raises:
        DecodingBusy: others are at work.
    """
    if patient:
        _decoding.acquire()
    elif not _acquire_soon():
        raise DecodingBusy
    try:
        yield
    finally:
        _decoding.release()


def _acquire_soon() -> bool:
    if _decoding.acquire(blocking=False):
        return True
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _decoding.acquire(timeout=_MOST_SECONDS_WAITING)
    finally:
        _waiting.release()
