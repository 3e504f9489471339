"""What is known of a photo before a pixel is decoded."""

from dataclasses import dataclass

from PIL import ImageFile

from products.imaging.errors import PhotoRefused
from products.imaging.limits import PhotoLimits
from products.imaging.sniff import Format

# Orientations that lay the picture on its side: width and height change places.
SIDEWAYS = frozenset((5, 6, 7, 8))


@dataclass(slots=True, kw_only=True)
class Header:
    """A photo taken apart: its facts, and the bytes that the decoder may see.

    ``body`` is a file of the same format rebuilt from the parts that make pixels, so that no
    decoder meets text, previews, maker notes or whatever follows the picture. For HEIF and AVIF it
    is the file itself, and ``opened`` the handle that already parsed its boxes.
    """

    format: Format
    width: int  # as stored, before orientation
    height: int
    body: bytes
    orientation: int = 1  # EXIF, 1..8
    profile: bytes | None = None  # ICC
    opened: ImageFile.ImageFile | None = None
    # A file without anything private that browsers show as it is; None where there is none.
    clean: bytes | None = None
    # JPEG: colour stored at half the resolution in both directions.
    halved_colour: bool = False
    # WebP: pixels kept exactly.
    lossless: bool = False
    # PNG: the grey that counts as transparent, in units of the decoded pixel.
    transparent_grey: int | None = None

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) in pixels once the orientation is applied."""
        if self.orientation in SIDEWAYS:
            return self.height, self.width
        return self.width, self.height


def check_parts(count: int, limits: PhotoLimits) -> None:
    """Raise PhotoRefused where a file consists of more parts than any ordinary one."""
    if count > limits.max_parts:
        raise PhotoRefused("too_complex")


def check_size(width: int, height: int, limits: PhotoLimits) -> None:
    """Raise PhotoRefused where a picture of this many pixels is not accepted."""
    size = {"width": width, "height": height}
    shorter, longer = sorted((width, height))
    if shorter < 1:
        raise PhotoRefused("not_an_image")
    if width * height > limits.max_pixels:
        raise PhotoRefused("too_many_pixels", **size, max_pixels=limits.max_pixels)
    if longer > limits.max_side:
        raise PhotoRefused("side_too_long", **size, max_side=limits.max_side)
    if shorter < limits.min_side:
        raise PhotoRefused("too_small", **size, min_side=limits.min_side)
    if longer > shorter * limits.max_aspect:
        raise PhotoRefused("too_elongated", **size, max_aspect=f"{limits.max_aspect:g}")
