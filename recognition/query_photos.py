"""Photos that are asked with, through the same checks as photos of the catalogue."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext
from PIL import Image

from products.decoding import DecodingBusy, room_to_decode
from products.imaging import PhotoRefused, open_photo
from products.photos import photo_limits, refusal
from recognition.encoders import Busy
from recognition.search import QUERY_SIDE, Box

# Photos of one call are held together until all are encoded. Photos of a phone are decoded to 3 to 6
# megapixels; long ones, which may be far larger, are made smaller: sixteen take at most 400 MB.
_MOST_PIXELS_OF_SEVERAL = 8_000_000
# So two such calls at once in a process. Others wait in a thread of the site's, so not for long.
_calls_of_several = BoundedSemaphore(2)
_SECONDS_FOR_SEVERAL = 3.0


@contextmanager
def room_for_several() -> Iterator[None]:
    """While a call reads several photos and looks at them.

    Raises:
        Busy: other such calls are at work.
    """
    if not _calls_of_several.acquire(timeout=_SECONDS_FOR_SEVERAL):
        raise Busy("Too many calls with several photos at once.")
    try:
        yield
    finally:
        _calls_of_several.release()


def read_one_of_several(upload: File) -> Image.Image:
    """As `read_upload`, in so many pixels that several of them can be held."""
    photo = read_upload(upload)
    factor = math.ceil(math.sqrt(photo.width * photo.height / _MOST_PIXELS_OF_SEVERAL))
    return photo.reduce(factor) if factor > 1 else photo


def read_query_photo(data: bytes) -> Image.Image:
    """An upright RGB picture of an uploaded query photo.

    Raises:
        ValidationError: the bytes are no photo that this site accepts.
        Busy: other photos are being decoded, and it takes long.
    """
    try:
        with room_to_decode():
            return open_photo(data, photo_limits(), at_least=QUERY_SIDE)
    except DecodingBusy as error:
        raise Busy("Too many photos are being read at once.") from error
    except PhotoRefused as error:
        raise refusal(error) from error


def read_upload(upload: File) -> Image.Image:
    """As `read_query_photo`; never takes more of the upload into memory than a photo may have."""
    return read_query_photo(upload.read(photo_limits().max_bytes + 1))


def parse_box(text: str) -> Box:
    """`"left,top,width,height"`, fractions of the upright photo.

    Raises:
        ValidationError: not four numbers, or a box that is not inside the photo.
    """
    try:
        left, top, width, height = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ValidationError(
            gettext("A box is left,top,width,height, each between 0 and 1, as in 0.1,0.2,0.5,0.6."),
            code="box",
        ) from error
    inside = (
        0 <= left < 1
        and 0 <= top < 1
        and 0 < width <= 1 - left + 1e-6
        and 0 < height <= 1 - top + 1e-6
    )
    if not inside:
        raise ValidationError(gettext("The box does not lie inside the photo."), code="box")
    return Box(left, top, width, height)
