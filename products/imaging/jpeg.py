"""JPEG taken apart into segments (ITU-T T.81, annex B)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from products.imaging.errors import PhotoRefused
from products.imaging.errors import gettext_noop as _
from products.imaging.exif import orientation_in
from products.imaging.header import Header, check_parts, check_size
from products.imaging.limits import PhotoLimits

SOI, EOI, SOS, DQT, DHT, DRI, DAC, DNL = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xCC, 0xDC
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
# Baseline, extended and progressive Huffman: what every browser shows. Arithmetic coding is not.
SHOWN_BY_BROWSERS = frozenset((0xC0, 0xC1, 0xC2))
DECODED = SHOWN_BY_BROWSERS | {0xC9, 0xCA}
MAKES_PIXELS = frozenset((DQT, DHT, DRI, DAC, SOS)) | FRAMES
# Whether it is there decides how three components are read, so one without preview takes its place.
BARE_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
ADOBE_LENGTH = 12


def read_jpeg(data: bytes, limits: PhotoLimits) -> Header:
    """Width, height, orientation, profile, and the file without all that makes no pixels.

    What follows the first picture is left out: the further pictures and gain maps of phones
    (MPO, Ultra HDR), and anything else that was hung on. ``clean`` is set where the file is one
    that browsers show; the caller decides by orientation and profile whether it may be stored.
    """
    frame: tuple[int, bytes] | None = None
    exif: bytes | None = None
    profile: dict[int, bytes] = {}
    parts = [b"\xff\xd8"]
    scans = 0
    complete = False
    for count, (marker, payload, scan) in enumerate(_segments(data)):
        check_parts(count, limits)
        if marker == EOI:
            complete = True
        elif marker == APP1 and exif is None and payload.startswith(b"Exif\0\0"):
            exif = payload
        elif marker == APP2 and payload.startswith(b"ICC_PROFILE\0") and len(payload) > 14:
            profile.setdefault(payload[12], payload[13:])
        elif kept := _kept(marker, payload):
            parts += [kept, scan]
            scans += marker == SOS
            if marker in FRAMES and frame is None:
                frame = _checked_frame(marker, payload, limits)
        if scans > limits.max_scans:
            raise PhotoRefused("too_complex")
    if frame is None or not complete:
        raise PhotoRefused("truncated")
    marker, payload = frame
    body = b"".join(parts) + b"\xff\xd9"
    return Header(
        format="JPEG",
        height=int.from_bytes(payload[1:3], "big"),
        width=int.from_bytes(payload[3:5], "big"),
        body=body,
        orientation=orientation_in(exif),
        profile=_joined(profile, limits),
        clean=body if marker in SHOWN_BY_BROWSERS and payload[5] in (1, 3) else None,
        halved_colour=payload[5] == 3 and payload[7] == 0x22 and payload[10] == payload[13] == 0x11,
    )


def _checked_frame(marker: int, payload: bytes, limits: PhotoLimits) -> tuple[int, bytes]:
    """The frame header (precision, height, width, components), refused as early as it can be."""
    if len(payload) < 6 or len(payload) < 6 + 3 * payload[5]:
        raise PhotoRefused("truncated")
    if marker not in DECODED or payload[0] != 8:
        raise PhotoRefused("format_not_supported", format=_("Lossless and 12-bit JPEG"))
    height, width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    check_size(width, height, limits)
    return marker, payload


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, payload, entropy-coded bytes that follow it) up to the end of the first picture."""
    places = _places(data)
    at = 2
    while (index := int(places.searchsorted(at))) < len(places):
        at = int(places[index]) + 2
        marker = data[at - 1]
        if marker == EOI:
            yield marker, b"", b""
            return
        if marker in (SOI, 0x01):  # these stand alone
            yield marker, b"", b""
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        payload = data[at + 2 : at + length]
        if length < 2 or len(payload) != length - 2:
            raise PhotoRefused("truncated")
        at += length
        scan = b""
        if marker == SOS:
            following = int(places.searchsorted(at))
            end = int(places[following]) if following < len(places) else len(data)
            scan, at = data[at:end], end
        yield marker, payload, scan


def _places(data: bytes) -> NDArray[np.intp]:
    """Where two bytes look like a marker.

    Inside a scan 0xFF is followed by 0 (stuffing) or a restart marker, and anywhere by another
    0xFF (fill). Found with numpy, since megabytes of scan lie between two markers.
    """
    seen = np.frombuffer(data, dtype=np.uint8)
    places = np.flatnonzero(seen[:-1] == 0xFF)
    following = seen[places + 1]
    restart = (following >= 0xD0) & (following <= 0xD7)
    meaning = (following != 0) & (following != 0xFF) & ~restart
    return np.asarray(places[meaning])


def _kept(marker: int, payload: bytes) -> bytes:
    if marker == APP0 and payload.startswith(b"JFIF\0"):
        return BARE_JFIF
    if marker == APP14 and payload.startswith(b"Adobe") and len(payload) >= ADOBE_LENGTH:
        payload = payload[:ADOBE_LENGTH]
    elif marker not in MAKES_PIXELS:
        return b""
    return b"\xff" + bytes((marker,)) + (len(payload) + 2).to_bytes(2, "big") + payload


def _joined(pieces: dict[int, bytes], limits: PhotoLimits) -> bytes | None:
    """The ICC profile from its numbered pieces (each: how many there are, then bytes)."""
    if not pieces or sorted(pieces) != list(range(1, len(pieces) + 1)):
        return None
    if any(piece[0] != len(pieces) for piece in pieces.values()):
        return None
    joined = b"".join(pieces[number][1:] for number in sorted(pieces))
    return joined if len(joined) <= limits.max_profile_bytes else None
