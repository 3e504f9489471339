"""Retail barcodes in a photo, by zxing-cpp."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from products.imaging.gtin import canonical_gtin

__all__ = ["canonical_gtin", "read_barcodes"]

_F = zxingcpp.BarcodeFormat
# The codes on goods themselves, and those on cartons and labels. GS1 DataMatrix would double the
# time of every photo and stands on medicine only.
ON_GOODS = (_F.EAN13, _F.EAN8, _F.UPCA, _F.UPCE)
EVERYTHING: Any = (*ON_GOODS, _F.ITF14, _F.DataBar, _F.Code128, _F.QRCode)
# Linear codes that a single digit protects.
ONE_CHECK_DIGIT = frozenset((*ON_GOODS, _F.ITF14, _F.ITF))
# On 3,000 drawn photos of barely readable codes one reading in 50 was wrong; of those that two of
# four altered copies agree with, one in 800, and 3 in 100 right ones are lost.
CONFIRMATIONS = 2
# Short codes carry less redundancy and are sooner seen where there is none: they come last.
DOUBTFUL = {_F.EAN8: 1, _F.UPCE: 2}

# A code that fills an eighth of the photo's width keeps 2 pixels a bar at this length, and a phone
# photo is read in a third of the time.
FIRST_LOOK = 2000
# Slanted codes are looked for in a smaller copy: turning the picture costs more than reading it.
TURNED_LOOK = 1400
# Below this, bars may be narrower than a pixel and a half; enlarged three times, a quarter of the
# codes that were missed until then are read.
SMALL, ENLARGED = 700, 3

GTIN_ELEMENT = re.compile(r"\((?:01|02)\)(\d{14})")
DIGITAL_LINK = re.compile(
    r"^https?://[^?#]*/(?:01|gtin)/(\d{8}|\d{12,14})(?=[/?#]|$)", re.IGNORECASE
)


def read_barcodes(image: Image.Image) -> list[str]:
    """The GTINs in a photo (any mode; RGB or L is fastest), in canonical form, best first.

    Reads EAN-13, EAN-8, UPC-A, UPC-E, ITF-14, GS1 DataBar, and the GTIN inside GS1-128 and GS1
    Digital Link QR codes. A code with one check digit counts only when slightly altered copies of
    its surroundings read the same. Looks closer only while nothing was found: first at a reduced
    copy, then at all pixels, then at a copy turned by 45 degrees, then at an enlarged one. Empty
    where there is no code with a valid check digit.
    """
    grey = image if image.mode == "L" else image.convert("L")
    for look, options in _looks(grey):
        found = zxingcpp.read_barcodes(np.asarray(look), **options)
        ranked = sorted(found, key=lambda code: (DOUBTFUL.get(code.format, 0), -_area(code)))
        numbers = [
            number
            for code in ranked
            if (number := _gtin(code)) is not None and _confirmed(code, look)
        ]
        if numbers:
            return list(dict.fromkeys(numbers))
    return []


def _confirmed(code: Any, look: Image.Image) -> bool:
    """Whether the code says the same when it is seen a little differently."""
    if code.format not in ONE_CHECK_DIGIT:
        return True
    formats: Any = (code.format,)
    agreeing = 0
    for altered in _altered(look.crop(_surroundings(code, look.size))):
        again = zxingcpp.read_barcodes(np.asarray(altered), formats=formats, try_downscale=False)
        agreeing += any(other.text == code.text for other in again)
        if agreeing == CONFIRMATIONS:
            return True
    return False


def _altered(part: Image.Image) -> Iterator[Image.Image]:
    larger = (part.width * 5 // 4, part.height * 5 // 4)
    yield part.resize(larger, Image.Resampling.LANCZOS)
    yield part.rotate(3, resample=Image.Resampling.BILINEAR, fillcolor=255)
    yield part.filter(ImageFilter.GaussianBlur(0.6))
    smaller = (part.width * 7 // 8, part.height * 7 // 8)
    yield part.resize(smaller, Image.Resampling.LANCZOS)


def _surroundings(code: Any, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the code with its quiet zone, inside the picture."""
    p = code.position
    points = (p.top_left, p.top_right, p.bottom_right, p.bottom_left)
    across, down = [point.x for point in points], [point.y for point in points]
    margin = 24 + max(max(across) - min(across), max(down) - min(down)) // 6
    return (
        max(min(across) - margin, 0),
        max(min(down) - margin, 0),
        min(max(across) + margin, size[0]),
        min(max(down) + margin, size[1]),
    )


def _looks(grey: Image.Image) -> Iterator[tuple[Image.Image, dict[str, Any]]]:
    first = _reduced(grey, FIRST_LOOK)
    yield first, {"formats": EVERYTHING, "try_downscale": False}
    if first is not grey:
        yield grey, {"formats": ON_GOODS}
    # Rows and columns are scanned: a code lying at 45 degrees crosses neither from end to end. The
    # corners that fall off the turned picture would double its area.
    turned = _reduced(first, TURNED_LOOK).rotate(
        45, resample=Image.Resampling.BILINEAR, fillcolor=255
    )
    yield turned, {"formats": ON_GOODS, "try_downscale": False}
    if max(grey.size) < SMALL:
        size = (grey.width * ENLARGED, grey.height * ENLARGED)
        yield (
            grey.resize(size, Image.Resampling.LANCZOS),
            {"formats": ON_GOODS, "try_downscale": False},
        )


def _reduced(grey: Image.Image, longest: int) -> Image.Image:
    """A copy at most about ``longest`` pixels long, by whole blocks; itself where it is already."""
    factor = round(max(grey.size) / longest)
    return grey.reduce(factor) if factor > 1 else grey


def _area(code: Any) -> float:
    """Twice the area of the code's quadrilateral, in pixels."""
    p = code.position
    across = (p.bottom_right.x - p.top_left.x) * (p.bottom_left.y - p.top_right.y)
    down = (p.bottom_left.x - p.top_right.x) * (p.bottom_right.y - p.top_left.y)
    return abs(float(across - down))


def _gtin(code: Any) -> str | None:
    text = code.text
    if code.content_type == zxingcpp.ContentType.GS1:
        element = GTIN_ELEMENT.search(text)
        return canonical_gtin(element[1]) if element else None
    if code.format in (_F.QRCode, _F.QRCodeModel1, _F.QRCodeModel2):
        link = DIGITAL_LINK.match(text)
        return canonical_gtin(link[1]) if link else None
    # Code 128 without the GS1 mark holds anything: a digit string in it is somebody's own number.
    return None if code.format == _F.Code128 else canonical_gtin(text)
