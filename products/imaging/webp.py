"""WebP taken apart into chunks (RFC 9649)."""

from collections.abc import Iterator

from products.imaging.errors import PhotoRefused
from products.imaging.exif import orientation_in
from products.imaging.header import Header, check_parts, check_size
from products.imaging.limits import PhotoLimits

ALPHA_FLAG = 0x10


def read_webp(data: bytes, limits: PhotoLimits) -> Header:
    """Width, height, orientation, profile, and a WebP of the chunks that make pixels.

    An animation goes to the decoder as it is, without what follows it; only its first frame is
    decoded, and ``clean`` is None.
    """
    width, height = _size(data[12:16], data[20:30])
    check_size(width, height, limits)
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise PhotoRefused("truncated")
    found: dict[bytes, bytes] = {}
    for count, (kind, payload) in enumerate(_chunks(data[:end])):
        check_parts(count, limits)
        found.setdefault(kind, payload)
    animated = b"ANMF" in found
    clean = None if animated else _still(found, width, height)
    profile = found.get(b"ICCP")
    if profile is not None and len(profile) > limits.max_profile_bytes:
        profile = None
    return Header(
        format="WEBP",
        width=width,
        height=height,
        body=data[:end] if clean is None else clean,
        orientation=orientation_in(found.get(b"EXIF")),
        profile=profile,
        clean=clean,
        lossless=b"VP8L" in (found if clean else found.get(b"ANMF", b"")[16:64]),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        payload = data[at + 8 : at + 8 + length]
        if len(payload) != length:
            raise PhotoRefused("truncated")
        yield data[at : at + 4], payload
        at += 8 + length + (length & 1)


def _size(kind: bytes, payload: bytes) -> tuple[int, int]:
    if kind == b"VP8X" and len(payload) >= 10:
        return (
            int.from_bytes(payload[4:7], "little") + 1,
            int.from_bytes(payload[7:10], "little") + 1,
        )
    if kind == b"VP8 " and len(payload) >= 10 and payload[3:6] == b"\x9d\x01\x2a":
        return (
            int.from_bytes(payload[6:8], "little") & 0x3FFF,
            int.from_bytes(payload[8:10], "little") & 0x3FFF,
        )
    if kind == b"VP8L" and len(payload) >= 5 and payload[:1] == b"\x2f":
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise PhotoRefused("not_an_image")


def _still(found: dict[bytes, bytes], width: int, height: int) -> bytes:
    """The smallest file that shows the same pixels."""
    bitstream = b"VP8 " if b"VP8 " in found else b"VP8L"
    if bitstream not in found:
        raise PhotoRefused("truncated")
    if _size(bitstream, found[bitstream]) != (width, height):
        # A decoder would have to believe one of the two sizes, and only one was checked.
        raise PhotoRefused("not_an_image")
    parts = []
    if bitstream == b"VP8 " and b"ALPH" in found:
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        parts = [
            _chunk(b"VP8X", bytes((ALPHA_FLAG, 0, 0, 0)) + sides),
            _chunk(b"ALPH", found[b"ALPH"]),
        ]
    parts.append(_chunk(bitstream, found[bitstream]))
    content = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "little") + payload + b"\0" * (len(payload) & 1)
