"""Small copies of photos that were asked with, where the site keeps them."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils import timezone
from PIL import Image

from api.stored_files import was_written
from products.imaging import small_copy
from recognition.models import Sighting
from recognition.query_photo_files import query_photo_storage

logger = logging.getLogger(__name__)

# A file is written before its row is committed; one that is older and has none, lost it.
_TIME_TO_COMMIT = timedelta(hours=1)
_BATCH = 500


def is_kept(sighting: Sighting) -> bool:
    """Whether the photo of a new sighting is to be kept."""
    keep = settings.KEEP_QUERY_PHOTOS
    return bool(keep == "all" or (keep == "audit" and sighting.drawn_for_audit))


def keep_photo(sighting: Sighting, photo: Image.Image) -> None:
    """Stores a small copy of an upright picture and names it in the row, which the caller saves in
    the same `atomic_with_files`. If the storage fails, the sighting goes without.
    """
    content = ContentFile(small_copy(photo, settings.QUERY_PHOTO_SIDE))
    try:
        sighting.photo.save("photo.jpg", content, save=False)
    except Exception:  # a storage has errors of its own kind
        logger.exception("The photo of a query could not be kept")
        sighting.photo = ""
        return
    was_written(sighting.photo)


def forget_old_photos() -> int:
    """Deletes what has been kept for `QUERY_PHOTO_KEEP_DAYS`, reviewed or not; the number.

    The row lets go of its file first: a kill in between leaves a file without a row, which
    `sweep_photos_without_row` finds, and never a row without its file.
    """
    before = timezone.now() - timedelta(days=settings.QUERY_PHOTO_KEEP_DAYS)
    storage, number = query_photo_storage(), 0
    old = Sighting.objects.with_photo().filter(created_at__lt=before).order_by("created_at")
    while names := dict(old.values_list("pk", "photo")[:_BATCH]):
        Sighting.objects.filter(pk__in=names).update(photo="")
        for name in names.values():
            storage.delete(name)
        number += len(names)
    return number


def sweep_photos_without_row() -> int:
    """Deletes files that no sighting names; the number."""
    storage, number = query_photo_storage(), 0
    batch: list[str] = []
    for name in _names(storage):
        batch.append(name)
        if len(batch) == _BATCH:
            number += _delete_unnamed(storage, batch)
            batch = []
    return number + _delete_unnamed(storage, batch)


def _delete_unnamed(storage: Storage, names: list[str]) -> int:
    before = timezone.now() - _TIME_TO_COMMIT
    # Age first: what is asked for afterwards is then surely committed or lost.
    old = [name for name in names if _changed(storage, name, before)]
    named = set(Sighting.objects.filter(photo__in=old).values_list("photo", flat=True))
    lost = [name for name in old if name not in named]
    for name in lost:
        storage.delete(name)
    return len(lost)


def _changed(storage: Storage, name: str, before: Any) -> bool:
    try:
        return bool(storage.get_modified_time(name) < before)
    except FileNotFoundError:  # another sweep was quicker
        return False


def _names(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever kept
        return
    for each in files:
        yield f"{folder}/{each}" if folder else each
    for each in folders:
        yield from _names(storage, f"{folder}/{each}" if folder else each)
