"""Small pictures of photos, made once by easy-thumbnails at their first showing."""

import logging

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from easy_thumbnails.alias import aliases
from easy_thumbnails.exceptions import InvalidImageFormatError
from easy_thumbnails.files import get_thumbnailer

logger = logging.getLogger(__name__)


def thumbnail_url(file: FieldFile | None, alias: str) -> str:
    """The address of a photo's thumbnail (`settings.THUMBNAIL_ALIASES`); "" where none can be made.

    A file that is missing from the storage must not take the page of a hundred others with it.
    """
    if not file:
        return ""
    try:
        return str(get_thumbnailer(file)[alias].url)
    except (OSError, InvalidImageFormatError, ValueError) as error:
        logger.warning("No thumbnail of %s: %s", file.name, error)
        return ""


def ready_thumbnail_url(file: FieldFile, alias: str) -> str:
    """The address of a thumbnail that was made already and lies on this machine's disk; else "".

    Neither reads the photo nor asks the database or a bucket, so that a list may ask for fifty.
    """
    if not file or not isinstance(file.storage, FileSystemStorage):
        return ""
    thumbnailer = get_thumbnailer(file)
    options = aliases.get(alias, target=thumbnailer.alias_target)
    for transparent in (False, True):
        name = thumbnailer.get_thumbnail_name(options, transparent=transparent)
        # A photo's file never changes under its name, so that no times need be compared.
        if thumbnailer.thumbnail_storage.exists(name):
            return str(thumbnailer.thumbnail_storage.url(name))
    return ""


def delete_with_thumbnails(file: FieldFile) -> None:
    """Removes a photo's file and what was made from it."""
    thumbnailer = get_thumbnailer(file)
    thumbnailer.delete_thumbnails()
    file.storage.delete(str(file.name))
