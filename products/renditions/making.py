"""The work of a worker: claim, shrink and write in threads, record."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.utils.translation import gettext

from products.decoding import room_to_decode
from products.imaging import PhotoRefused
from products.imaging.renditions import make_renditions, open_shrunk, renditions_of
from products.photos import photo_limits, refusal
from products.renditions.claims import Claim, claim, fail, postpone, record, release, storage
from products.renditions.files import rendition_name

logger = logging.getLogger(__name__)

# Of Linux's scale of 19: what is left of the processor by pages, searches and imports.
_NICENESS = 10


class PhotoUnusable(Exception):
    """Renditions of this photo cannot be made; the text is the reason that staff see."""


class StorageTrouble(Exception):
    """The storage does not answer now; nothing is wrong with the photo."""


@dataclass(slots=True)
class Done:
    """What a run came to, in photos."""

    made: int = 0
    failed: int = 0
    postponed: int = 0

    @property
    def total(self) -> int:
        return self.made + self.failed + self.postponed


def make_due(
    *,
    threads: int = 1,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Done], None] = lambda _done: None,
    most_seconds: float | None = None,
) -> Done:
    """Works until no photo is due, or it is told to stop: then what is in hand is given back."""
    done = Done()
    started = monotonic()
    with ThreadPoolExecutor(
        threads, thread_name_prefix="rendition", initializer=_step_back
    ) as pool:
        while not should_stop():
            claims = claim(2 * threads)
            if not claims:
                break
            works = [pool.submit(_make, each, should_stop) for each in claims]
            for claimed, work in zip(claims, works, strict=True):
                _finish(claimed, work, done)
                on_progress(done)
            if most_seconds is not None and monotonic() - started > most_seconds:
                break
    return done


def _step_back() -> None:
    """Takes this thread out of the way of others; on Linux threads have a priority of their own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _finish(claimed: Claim, work: "Future[bool | None]", done: Done) -> None:
    try:
        transparent = work.result()
    except PhotoRefused as error:
        fail(claimed, refusal(error).messages[0])
    except PhotoUnusable as error:
        fail(claimed, str(error))
    except (StorageTrouble, MemoryError) as error:
        # The storage or this machine is in trouble, not the photo: it is claimed again when its
        # lease has run out.
        logger.warning("Photo %d has no renditions yet: %s", claimed.image_id, error)
        postpone(claimed)
        done.postponed += 1
        return
    except Exception as error:
        # A codec has errors of its own; pages go on with what easy-thumbnails makes.
        logger.exception("Renditions of photo %d", claimed.image_id)
        fail(claimed, str(error) or type(error).__name__)
    else:
        if transparent is None:
            release(claimed)
        elif record(claimed, transparent=transparent):
            done.made += 1
        return
    done.failed += 1


def _make(claimed: Claim, should_stop: Callable[[], bool]) -> bool | None:
    """Writes the renditions of a photo: whether it is transparent, or None if told to stop.

    Raises:
        PhotoRefused, PhotoUnusable: it is no photo, or not the one that was stored.
        StorageTrouble: the storage does not answer.
    """
    if should_stop():
        return None
    files = storage()
    data = _read(files, claimed.file_name)
    with room_to_decode(patient=True):
        photo = open_shrunk(data, photo_limits())
    if photo.size != claimed.size:
        raise PhotoUnusable(
            gettext("The photo's file is not the one that was stored. Upload the photo again.")
        )
    left = len(renditions_of(photo.size, transparent=photo.transparent))
    for rendition, content in make_renditions(photo, go_on=lambda: not should_stop()):
        _write(files, rendition_name(claimed.file_name, rendition), content)
        left -= 1
    return photo.transparent if left == 0 else None


def _read(files: Storage, name: str) -> bytes:
    try:
        with files.open(name, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise PhotoUnusable(
            gettext("The photo's file is missing from the storage. Upload the photo again.")
        ) from error
    except Exception as error:  # a storage has errors of its own, as S3's clients do
        raise StorageTrouble(str(error)) from error


def _write(files: Storage, name: str, content: bytes) -> None:
    """Puts a file in the place of one that a killed run, or a page's first showing, left."""
    try:
        if isinstance(files, FileSystemStorage):
            # A page may show the old one at this moment.
            new = f"{name}.new"
            files.delete(new)
            Path(files.path(files.save(new, ContentFile(content)))).replace(files.path(name))
            return
        files.delete(name)
        saved = files.save(name, ContentFile(content))
        if saved != name:  # another worker was quicker
            files.delete(saved)
    except Exception as error:
        raise StorageTrouble(str(error)) from error
