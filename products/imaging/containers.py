"""GIF, HEIF and AVIF: what their first bytes tell before a decoder sees them."""

import re
from collections.abc import Iterator
from io import BytesIO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from pillow_heif.as_plugin import HeifImageFile

from products.imaging.errors import PhotoRefused
from products.imaging.exif import orientation_in
from products.imaging.guard import refusing
from products.imaging.header import Header, check_parts, check_size
from products.imaging.limits import PhotoLimits

# "Image spatial extents": version and flags (zero), width, height.
EXTENTS = re.compile(rb"ispe\0\0\0\0(.{4})(.{4})", re.DOTALL)
IMAGE, EXTENSION, CONTROL = b",", b"!", b"\xf9"


def read_gif(data: bytes, limits: PhotoLimits) -> Header:
    """Width and height of the logical screen, widened by a first frame that leaves it."""
    if len(data) < 13:
        raise PhotoRefused("truncated")
    width, height = (int.from_bytes(data[i : i + 2], "little") for i in (6, 8))
    check_size(width, height, limits)
    start = at = 13 + _palette_size(data[10])
    control = b""
    while (block := data[at : at + 1]) == EXTENSION:
        extension, at = at, at + 2
        while at < len(data) and data[at] and at - start <= limits.max_gif_preamble:
            at += 1 + data[at]
        at += 1
        if data[extension + 1 : extension + 2] == CONTROL:
            control = data[extension:at]
        if at - start > limits.max_gif_preamble:
            raise PhotoRefused("too_complex")
    frame = data[at + 1 : at + 10]
    if block != IMAGE or len(frame) != 9:
        raise PhotoRefused("truncated")
    left, top, across, down = (int.from_bytes(frame[i : i + 2], "little") for i in (0, 2, 4, 6))
    width, height = max(width, left + across), max(height, top + down)
    check_size(width, height, limits)
    # Comments and the like are left out; the graphic control holds the transparent colour.
    return Header(format="GIF", width=width, height=height, body=data[:start] + control + data[at:])


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def read_heif(data: bytes, limits: PhotoLimits) -> Header:
    """HEIF's own rotation is applied by libheif, and EXIF's only repeats it: orientation is 1."""
    _check_extents(data, limits)
    with refusing("HEIF"):
        opened = HeifImageFile(BytesIO(data))  # type: ignore[no-untyped-call]
    return _from_opened(data, opened, limits, orientation=1)


def read_avif(data: bytes, limits: PhotoLimits) -> Header:
    """AVIF's own rotation is told by Pillow as EXIF orientation, whatever EXIF itself said."""
    _check_extents(data, limits)
    with refusing("AVIF"):
        opened = AvifImageFile(BytesIO(data))
    return _from_opened(data, opened, limits, orientation=orientation_in(opened.info.get("exif")))


def _from_opened(
    data: bytes, opened: ImageFile, limits: PhotoLimits, *, orientation: int
) -> Header:
    width, height = opened.size
    check_size(width, height, limits)
    profile = opened.info.get("icc_profile")
    return Header(
        format="AVIF" if isinstance(opened, AvifImageFile) else "HEIF",
        width=width,
        height=height,
        body=data,
        orientation=orientation,
        profile=profile if profile and len(profile) <= limits.max_profile_bytes else None,
        opened=opened,
    )


def _check_extents(data: bytes, limits: PhotoLimits) -> None:
    """Refuse by the sizes that the file states, before a library sets up anything for them.

    Tiles, previews and depth maps state sizes too, always smaller than the picture's, so only
    the upper limits are asked of them.
    """
    for count, (kind, payload) in enumerate(_boxes(data)):
        check_parts(count, limits)
        if kind != b"meta":
            continue
        for match in EXTENTS.finditer(payload):
            width, height = (int.from_bytes(side, "big") for side in match.groups())
            if width * height > limits.max_pixels or max(width, height) > limits.max_side:
                check_size(width, height, limits)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, payload) of the top boxes (ISO/IEC 14496-12); stops at the first broken one."""
    at = 0
    while at + 8 <= len(data):
        length, start = int.from_bytes(data[at : at + 4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif length == 0:
            length = len(data) - at
        if length < start:
            return
        yield data[at + 4 : at + 8], data[at + start : at + length]
        at += length
