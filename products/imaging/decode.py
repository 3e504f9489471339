"""From bytes to pixels, and nothing else."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from products.imaging.containers import read_avif, read_gif, read_heif
from products.imaging.errors import PhotoRefused
from products.imaging.guard import refusing
from products.imaging.header import Header, check_size
from products.imaging.jpeg import read_jpeg
from products.imaging.limits import PhotoLimits
from products.imaging.png import read_png
from products.imaging.sniff import Format, sniff
from products.imaging.webp import read_webp

READERS: dict[Format, Callable[[bytes, PhotoLimits], Header]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "WEBP": read_webp,
    "GIF": read_gif,
    "HEIF": read_heif,
    "AVIF": read_avif,
}
# Pillow's classes are called by name and not through Image.open: no other plug-in can be picked,
# nothing has to be registered globally, and JPEG never turns into MPO.
DECODERS: dict[Format, Callable[[BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
}


def read_header(data: bytes, limits: PhotoLimits) -> Header:
    """Everything that can be known and refused without decoding; raises PhotoRefused."""
    if not data:
        raise PhotoRefused("empty")
    if len(data) > limits.max_bytes:
        megabyte = 1024 * 1024
        raise PhotoRefused(
            "too_large",
            megabytes=f"{len(data) / megabyte:.1f}",
            max_megabytes=f"{limits.max_bytes / megabyte:g}",
        )
    return READERS[sniff(data)](data, limits)


def decode(header: Header, limits: PhotoLimits, *, at_least: int | None = None) -> Image.Image:
    """The pixels as stored, in the decoder's own mode; raises PhotoRefused.

    With ``at_least`` a JPEG is decoded at 1/2, 1/4 or 1/8 where its shorter side stays that long:
    the transform then computes only the pixels that are wanted.
    """
    with refusing(header.format):
        image = header.opened or DECODERS[header.format](BytesIO(header.body))
        if image.size != (header.width, header.height):
            raise PhotoRefused("truncated")
        if at_least is not None and isinstance(image, JpegImageFile):
            image.draft(None, (at_least, at_least))
        image.load()
        # HEIF may turn out larger than its header said.
        if at_least is None or header.format != "JPEG":
            check_size(image.width, image.height, limits)
    return image
