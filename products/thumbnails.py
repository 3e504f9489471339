"""Small pictures of photos, made once by easy-thumbnails at their first showing."""

import logging

from django.db.models.fields.files import FieldFile
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


def delete_with_thumbnails(file: FieldFile) -> None:
    """Removes a photo's file and what was made from it."""
    thumbnailer = get_thumbnailer(file)
    thumbnailer.delete_thumbnails()
    file.storage.delete(str(file.name))
