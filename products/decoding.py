"""Room to decode photos: what is large in memory is done by few at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.utils.translation import gettext_lazy as _

# The largest photo that is allowed takes about 1 GB while it is decoded (64 megapixels of 16-bit
# RGBA), so two at once in a process are what a small machine bears; ordinary ones take some 50 ms.
_decoding = BoundedSemaphore(2)
# Who waits holds a thread of the site's.
_MOST_SECONDS_WAITING = 10.0


class DecodingBusy(Exception):
    """Other photos are being decoded, and it takes long."""

    message = _("Too many photos are being read at once. Try again in a few seconds.")


@contextmanager
def room_to_decode(*, patient: bool = False) -> Iterator[None]:
    """While a photo is decoded. `patient`: waits for as long as it takes, where nobody else waits.

    Raises:
        DecodingBusy: others are at work.
    """
    if not _decoding.acquire(timeout=None if patient else _MOST_SECONDS_WAITING):
        raise DecodingBusy
    try:
        yield
    finally:
        _decoding.release()
