"""PNG taken apart into chunks (W3C Portable Network Graphics, third edition)."""

import struct
import zlib
from collections.abc import Iterator

from products.imaging.errors import PhotoRefused
from products.imaging.exif import orientation_in
from products.imaging.header import Header, check_parts, check_size
from products.imaging.limits import PhotoLimits

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE = 0, 2, 3
SAMPLES = {GREY: 1, COLOUR: 3, PALETTE: 1, 4: 2, 6: 4}
CRITICAL = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
# Deflate cannot pack more than 1032 bytes into one.
MOST_PACKED = 1032


def read_png(data: bytes, limits: PhotoLimits) -> Header:
    """Width, height, orientation, profile, and a PNG of the chunks that make pixels.

    Text (a place for decompression bombs) and animation frames never reach the decoder: of an
    animated PNG the picture that plain viewers show is taken. A checksum that does not fit in a
    critical chunk, or a missing end, means a damaged file.
    """
    parts = [SIGNATURE]
    found: dict[bytes, bytes] = {}
    packed = 0
    for count, (kind, payload, raw) in enumerate(_chunks(data)):
        check_parts(count, limits)
        if kind == b"IDAT":
            packed += len(payload)
        else:
            found.setdefault(kind, payload)
        wanted_transparency = kind == b"tRNS" and not packed and _transparency_for_decoder(found)
        if kind in CRITICAL or wanted_transparency:
            parts.append(raw)
    ihdr = found.get(b"IHDR", b"")
    if len(ihdr) != 13:
        raise PhotoRefused("not_an_image")
    width, height, depth, kind_of_pixel = struct.unpack(">IIBB", ihdr[:10])
    check_size(width, height, limits)
    needed = width * height * depth * SAMPLES.get(kind_of_pixel, 1) // 8
    if kind_of_pixel == PALETTE and not found.get(b"PLTE"):
        raise PhotoRefused("truncated")
    # A picture whose data cannot all be there is found out before memory is taken for it.
    if b"IEND" not in found or packed * MOST_PACKED < needed:
        raise PhotoRefused("truncated")
    return Header(
        format="PNG",
        width=width,
        height=height,
        body=b"".join(parts),
        orientation=orientation_in(found.get(b"eXIf")),
        profile=_profile(found.get(b"iCCP"), limits),
        transparent_grey=_transparent_grey(found.get(b"tRNS"), depth, kind_of_pixel),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(kind, payload, whole chunk) up to the end chunk."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        raw = data[at:end]
        kind, payload = raw[4:8], raw[8:-4]
        if kind == b"IHDR" and length != 13:
            raise PhotoRefused("not_an_image")
        if end > len(data):
            # The header is enough to say that a picture is too large; what is missing, the caller
            # sees by the end chunk that does not come.
            return
        if kind in CRITICAL and zlib.crc32(raw[4:-4]) != int.from_bytes(raw[-4:], "big"):
            raise PhotoRefused("truncated")
        yield kind, payload, raw
        if kind == b"IEND":
            return
        at = end


def _transparency_for_decoder(found: dict[bytes, bytes]) -> bool:
    """Whether Pillow reads this tRNS right: for palettes and 8-bit colour it does.

    For grey of 2 and 4 bits it compares the unscaled value with the scaled pixel; grey is therefore
    masked by us. In 16-bit colour, of which the lower half is dropped, one transparent colour
    would become 16 million, so it is left opaque.
    """
    ihdr = found.get(b"IHDR", b"")
    return len(ihdr) == 13 and (
        ihdr[9] == PALETTE or (ihdr[9] == COLOUR and ihdr[8] == 8 and len(found[b"tRNS"]) == 6)
    )


def _transparent_grey(chunk: bytes | None, depth: int, kind: int) -> int | None:
    if chunk is None or kind != GREY or len(chunk) != 2 or depth not in (1, 2, 4, 8, 16):
        return None
    value = int.from_bytes(chunk, "big")
    return value if depth == 16 else value * 255 // (2**depth - 1)


def _profile(chunk: bytes | None, limits: PhotoLimits) -> bytes | None:
    """The ICC profile from ``name, 0, method, zlib stream``; None where it is broken or too large."""
    if chunk is None:
        return None
    _, separator, rest = chunk.partition(b"\0")
    if not separator or rest[:1] != b"\0":
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(rest[1:], limits.max_profile_bytes)
    except zlib.error:
        return None
    return profile if unpacker.eof else None
