"""Small pictures of photos that every browser shows: those of `products.renditions` where they are
made, else made once by easy-thumbnails at their first showing.
"""

import logging
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from easy_thumbnails.alias import aliases
from easy_thumbnails.exceptions import InvalidImageFormatError
from easy_thumbnails.files import get_thumbnailer
from PIL import Image

from products.imaging import PhotoLimits
from products.imaging.renditions import fallback_format, open_shrunk
from products.renditions.files import candidates, delete_renditions, has_renditions

logger = logging.getLogger(__name__)


def thumbnail_url(file: FieldFile | None, alias: str) -> str:
    """The address of a photo's thumbnail (`settings.THUMBNAIL_ALIASES`); "" where none can be made.

    A file that is missing from the storage must not take the page of a hundred others with it.
    """
    if not file:
        return ""
    if made := _made_url(file, alias):
        return made
    try:
        return str(get_thumbnailer(file)[alias].url)
    except (OSError, InvalidImageFormatError, ValueError) as error:
        logger.warning("No thumbnail of %s: %s", file.name, error)
        return ""


def thumbnail_side(alias: str) -> int:
    """The longer side of a thumbnail in pixels."""
    options: Any = settings.THUMBNAIL_ALIASES[""][alias]
    return int(options["size"][0])


def ready_thumbnail_url(file: FieldFile, alias: str) -> str:
    """The address of a thumbnail that was made already; else "". One that was made at a first showing
    is seen only on this machine's disk.

    Neither reads the photo nor asks the database or a bucket, so that a list may ask for fifty.
    """
    if not file:
        return ""
    if made := _made_url(file, alias):
        return made
    if not isinstance(file.storage, FileSystemStorage):
        return ""
    thumbnailer = get_thumbnailer(file)
    options = aliases.get(alias, target=thumbnailer.alias_target)
    for transparent in (False, True):
        name = thumbnailer.get_thumbnail_name(options, transparent=transparent)
        # A photo's file never changes under its name, so that no times need be compared.
        if thumbnailer.thumbnail_storage.exists(name):
            return str(thumbnailer.thumbnail_storage.url(name))
    return ""


def _made_url(file: FieldFile, alias: str) -> str:
    image: Any = file.instance
    if not has_renditions(image):
        return ""
    return candidates(image, alias, fallback_format(transparent=image.transparent))[-1][0]


def read_photo(source: BinaryIO, **_options: Any) -> Image.Image:
    """A stored photo for easy-thumbnails. Its own reader accepts photos that are cut off, and makes
    every other thread of the process do so meanwhile.
    """
    limits = PhotoLimits(max_bytes=settings.PHOTO_MAX_BYTES, max_pixels=settings.PHOTO_MAX_PIXELS)
    return open_shrunk(source.read(), limits).image


def delete_with_thumbnails(file: FieldFile) -> None:
    """Removes a photo's file and what was made from it."""
    thumbnailer = get_thumbnailer(file)
    thumbnailer.delete_thumbnails()
    image: Any = file.instance
    delete_renditions(file.storage, str(file.name), (image.width, image.height))
    file.storage.delete(str(file.name))
