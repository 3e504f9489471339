"""How photos are written for storage."""

from io import BytesIO
from typing import Any

from PIL import Image

from products.imaging.header import Header
from products.imaging.sniff import Format

# Visually lossless for photos: what a second JPEG generation loses at 92 is below what the camera's
# own lost. Above, files grow much faster than they improve.
JPEG_QUALITY = 92
WEBP_QUALITY = 92
# For people to look at, and for no encoder to learn from.
SMALL_QUALITY = 85


def encoded(image: Image.Image, header: Header) -> tuple[bytes, Format]:
    """(file, its format) for an upright sRGB image of mode 1, P, L, LA, RGB or RGBA.

    Nothing but pixels (and the transparent entries of a palette) is written. The same image gives
    the same bytes as long as the libraries stay the same.
    """
    options: dict[str, Any]
    stored_as: Format
    if header.format in ("PNG", "GIF"):
        stored_as, options = "PNG", {}
        if image.mode == "P" and "transparency" in image.info:
            options = {"transparency": image.info["transparency"]}
    elif header.format == "WEBP" or image.mode in ("LA", "RGBA"):
        stored_as = "WEBP"
        options = {"lossless": header.lossless, "quality": WEBP_QUALITY, "method": 4}
    else:
        # Colour at full resolution keeps the red letters on a package sharp; where the source
        # had halved it already there is nothing left to keep.
        halved = header.halved_colour
        stored_as = "JPEG"
        options = {"quality": JPEG_QUALITY, "subsampling": "4:2:0" if halved else "4:4:4"}
    # Pillow's writers take comments, profiles and EXIF from here.
    image.info = {}
    buffer = BytesIO()
    image.save(buffer, stored_as, **options)
    return buffer.getvalue(), stored_as


def small_copy(image: Image.Image, side: int) -> bytes:
    """A JPEG of an RGB picture that came through the door: pixels alone, its longer side at most
    ``side`` pixels.
    """
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    copy.info = {}
    buffer = BytesIO()
    copy.save(buffer, "JPEG", quality=SMALL_QUALITY)
    return buffer.getvalue()
