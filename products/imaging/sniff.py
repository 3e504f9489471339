"""Which format a file has, by its content. Names and claimed types are never asked."""

import re
from typing import Literal

from products.imaging.errors import PhotoRefused
from products.imaging.errors import gettext_noop as _

Format = Literal["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"]

HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
)
AVIF_BRANDS = frozenset((b"avif", b"avis"))
# "Some image in this container": what it holds is told by the compatible brands.
CONTAINER_BRANDS = frozenset((b"mif1", b"mif2", b"msf1", b"miaf"))

# What people send by mistake, so that the refusal can name it.
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"BM", "BMP"),
    (b"II*\0", _("TIFF or raw camera")),
    (b"MM\0*", _("TIFF or raw camera")),
    (b"II+\0", _("TIFF or raw camera")),
    (b"MM\0+", _("TIFF or raw camera")),
    (b"IIU\0", _("Raw camera")),
    (b"FUJIFILMCCD-RAW", _("Raw camera")),
    (b"8BPS", "Photoshop"),
    (b"\0\0\1\0", _("Icon")),
    (b"\0\0\2\0", _("Cursor")),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"PK\3\4", "ZIP"),
    (b"\x1aE\xdf\xa3", _("Video")),
)
MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|!--|svg|html|head|body)", re.IGNORECASE
)
SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)


def sniff(data: bytes) -> Format:
    """The format of ``data``; raises PhotoRefused for everything that is not accepted."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and len(data) >= 12:
        return _sniff_boxes(data)
    raise _foreign(data)


def _sniff_boxes(data: bytes) -> Format:
    """HEIF and AVIF share their container with MP4 video; the brands tell them apart."""
    size = int.from_bytes(data[:4], "big")
    brands = [data[8:12]] + [data[i : i + 4] for i in range(16, min(size, 16 + 256), 4)]
    if brands[0] in AVIF_BRANDS:
        return "AVIF"
    if brands[0] in HEIF_BRANDS:
        return "HEIF"
    if brands[0] in CONTAINER_BRANDS:
        return "AVIF" if AVIF_BRANDS.intersection(brands) else "HEIF"
    name = _("Raw camera") if brands[0].startswith(b"crx") else _("Video")
    raise PhotoRefused("format_not_supported", format=name)


def _foreign(data: bytes) -> PhotoRefused:
    for signature, name in FOREIGN:
        if data.startswith(signature):
            return PhotoRefused("format_not_supported", format=name)
    head = data[:4096]
    if MARKUP.match(head):
        name = "SVG" if SVG.search(head) else _("HTML or XML")
        return PhotoRefused("format_not_supported", format=name)
    return PhotoRefused("not_an_image")
