"""Reads a retailer's logo: what it is, how large it stands on a page, and what cannot be shown."""

import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, UnidentifiedImageError

# Pages promise to weigh less than 200 kB before photos, and a logo is on each of them.
MAX_BYTES = 100_000
_MAX_SIDE = 4000
WIDEST = 8.0
_SQUARE = 0.05  # so much may the sides differ
# From here on it is taken to hold the name, which then is not written beside it.
_HOLDS_NAME = 1.8
_SHOWN_HEIGHT = 32
_RASTER = {
    "PNG": (".png", "image/png"),
    "WEBP": (".webp", "image/webp"),
    "JPEG": (".jpg", "image/jpeg"),
}
_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(px)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BrandFile:
    """A file that the site serves as it is, under a name that changes with what is in it."""

    stem: str
    suffix: str
    content_type: str
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.stem}-{hashlib.sha256(self.body).hexdigest()[:12]}{self.suffix}"


@dataclass(frozen=True, slots=True)
class BrandPicture:
    """`ratio`: width to height."""

    file: BrandFile
    ratio: float

    @property
    def height(self) -> int:
        """In CSS pixels, as the head of a page shows it."""
        return _SHOWN_HEIGHT

    @property
    def width(self) -> int:
        return max(1, round(_SHOWN_HEIGHT * self.ratio))

    @property
    def is_square(self) -> bool:
        return abs(self.ratio - 1) <= _SQUARE

    @property
    def holds_name(self) -> bool:
        return self.ratio >= _HOLDS_NAME


def read_picture(path: Path, stem: str, *, square: bool = False) -> BrandPicture:
    """Reads an SVG, PNG, WebP or JPEG.

    Raises:
        ValueError: it cannot be shown; the text says why and what would do.
    """
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    if len(body) > MAX_BYTES:
        raise ValueError(
            f"{path} has more than {MAX_BYTES // 1000} kB, which every page would carry."
        )
    if path.suffix.lower() == ".svg":
        width, height = _svg_size(path, body)
        suffix, content_type = ".svg", "image/svg+xml"
    else:
        width, height, suffix, content_type = _raster_size(path)
    picture = BrandPicture(BrandFile(stem, suffix, content_type, body), width / height)
    if square and not picture.is_square:
        raise ValueError(f"{path} is {width:g} × {height:g}; an icon is as wide as it is high.")
    if not 1 / 2 <= picture.ratio <= WIDEST:
        raise ValueError(
            f"{path} is {width:g} × {height:g}; write one that is at most {WIDEST:g} times as wide as"
            " high, and at most twice as high as wide."
        )
    return picture


def _raster_size(path: Path) -> tuple[int, int, str, str]:
    try:
        with Image.open(path, formats=list(_RASTER)) as image:
            if max(image.size) > _MAX_SIDE:
                raise ValueError(f"{path} has a side of more than {_MAX_SIDE} pixels.")
            image.load()
            return (*image.size, *_RASTER[str(image.format)])
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is no picture; write an SVG, PNG, WebP or JPEG.") from error
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} is damaged: {error}.") from error


def _svg_size(path: Path, body: bytes) -> tuple[float, float]:
    try:
        root = fromstring(body, forbid_dtd=False)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ValueError(f"{path} is no SVG that can be read: {error}.") from error
    if root.tag.rpartition("}")[2] != "svg":
        raise ValueError(f"{path} is no SVG: it begins with {root.tag!r}.")
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sides = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    found = [_NUMBER.fullmatch(each) for each in sides]
    width, height = (float(each[1]) if each else 0.0 for each in found)
    if not (width > 0 and height > 0):
        raise ValueError(f"{path} does not say how large it is; give its svg element a viewBox.")
    return width, height
