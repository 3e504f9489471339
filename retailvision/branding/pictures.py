"""Reads a retailer's logo: what it is, how large it stands on a page, and what cannot be shown."""

import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property
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
_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"\s*\+?([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([a-z]*)\s*", re.IGNORECASE)
# In CSS pixels; of other units browsers take no width.
_UNITS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
# Orientations of EXIF that lay a picture on its side, and the tag that says so.
_ON_ITS_SIDE, _ORIENTATION = {5, 6, 7, 8}, 0x0112


@dataclass(frozen=True)
class BrandFile:
    """A file that the site serves as it is, under a name that changes with what is in it."""

    stem: str
    suffix: str
    content_type: str
    body: bytes

    @cached_property
    def name(self) -> str:
        """Every page asks for it."""
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
    """As browsers show it: a camera may have written that it lies on its side."""
    too_large = f"{path} has a side of more than {_MAX_SIDE} pixels."
    try:
        with Image.open(path, formats=list(_RASTER)) as image:
            kind, (width, height) = _RASTER[str(image.format)], image.size
            is_too_large = max(image.size) > _MAX_SIDE
            if not is_too_large:
                image.load()
                if image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE:
                    width, height = height, width
    except Image.DecompressionBombError as error:
        raise ValueError(too_large) from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is no picture; write an SVG, PNG, WebP or JPEG.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}.") from error
    if is_too_large:
        raise ValueError(too_large)
    return width, height, *kind


def _svg_size(path: Path, body: bytes) -> tuple[float, float]:
    """As browsers take it: by its width and height where it has both, else by its viewBox."""
    try:
        root = fromstring(body, forbid_dtd=False)
    except DefusedXmlException as error:
        raise ValueError(f"{path} declares entities; save it as a plain SVG.") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"{path} is no SVG that can be read: {error}.") from error
    if root.tag.rpartition("}")[2] != "svg":
        raise ValueError(f"{path} is no SVG: it begins with {root.tag!r}.")
    if not root.tag.startswith(_SVG):
        # As in a page of HTML, which needs none; by itself no browser shows it.
        raise ValueError(f'{path} lacks xmlns="{_SVG[1:-1]}" in its svg element.')
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    own = [_length(root.get(side, "")) for side in ("width", "height")]
    sides = own if None not in own else [_length(each) for each in box[2:]]
    width, height = sides if len(sides) == 2 else (None, None)
    if not (width and height):
        raise ValueError(f"{path} does not say how large it is; give its svg element a viewBox.")
    return width, height


def _length(text: str) -> float | None:
    """In CSS pixels; None: it is no length, or depends on where the picture stands."""
    found = _NUMBER.fullmatch(text)
    unit = _UNITS.get(found[2].lower()) if found else None
    return float(found[1]) * unit if found and unit else None
