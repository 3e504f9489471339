"""The one thing in EXIF that the site wants: which way is up."""

import struct

ORIENTATION = 0x0112
SHORT, LONG = 3, 4


def orientation_in(block: bytes | None) -> int:
    """Orientation 1..8 from an EXIF block (with or without ``Exif\\0\\0``); 1 where none is told.

    Reads the first directory only and follows no other offset, so hostile EXIF costs nothing.
    """
    if not block:
        return 1
    tiff = block[6:] if block.startswith(b"Exif\0\0") else block
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(tiff[:4]))
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for index in range(count):
            entry = start + 2 + 12 * index
            tag, kind = struct.unpack_from(order + "HH", tiff, entry)
            if tag == ORIENTATION and kind in (SHORT, LONG):
                (value,) = struct.unpack_from(
                    order + ("H" if kind == SHORT else "I"), tiff, entry + 8
                )
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass  # a directory that points outside of its block tells nothing
    return 1
