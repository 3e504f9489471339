"""Small pictures of a photo for pages: of which sizes and formats, and how they are made."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any, Literal

from PIL import Image

from products.imaging.colour import plain
from products.imaging.decode import decode, read_header
from products.imaging.limits import PhotoLimits

# As a file's name ends; the last two are for browsers that know neither of the others.
RenditionFormat = Literal["avif", "webp", "jpg", "png"]

# To be raised with every change below: then pages take the plain thumbnails until a photo has been
# made anew. The sides and qualities of before go into FORMER, so that their files are deleted.
RECIPE = 1
# The longer side in pixels, as a photo is shown: a row's small picture, a card, half and all of a
# phone's width, a product page, and full screen; for screens of one to three pixels a point.
SIDES = (120, 240, 480, 720, 1200, 2000)
# By structural similarity as good as a JPEG of quality 82, at two thirds (AVIF) and four fifths
# (WebP) of its bytes: benchmarks/pictures.py. A full screen is asked for by few and would cost AVIF
# as much time as all others together.
MODERN: dict[RenditionFormat, dict[int, int]] = {
    "avif": dict.fromkeys(SIDES[:-1], 64),
    "webp": dict.fromkeys(SIDES, 82),
}
# For old browsers, the API and the admin, which know them as `settings.THUMBNAIL_ALIASES`.
# PNG, for what is transparent, would be larger than the photo itself on a full screen.
FALLBACK: dict[RenditionFormat, dict[int, int]] = {
    "jpg": {120: 82, 480: 82, 1200: 86, 2000: 86},
    "png": {120: 82, 480: 82, 1200: 86},
}
# AVIF's speed 8 of 10 takes a third of the default's time for 3 % more bytes; one thread, since
# several photos are made at once where there are cores to spare.
_WRITERS: dict[RenditionFormat, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"speed": 8, "max_threads": 1, "advanced": {"tune": "ssim"}}),
    "webp": ("WEBP", {"method": 3}),
    "jpg": ("JPEG", {"optimize": True, "progressive": True}),
    "png": ("PNG", {}),
}


@dataclass(frozen=True, slots=True)
class Rendition:
    """A small picture: at most `side` pixels high and wide."""

    side: int
    format: RenditionFormat
    quality: int


FORMER: tuple[Rendition, ...] = ()


@dataclass(frozen=True, slots=True)
class ShrunkPhoto:
    """A photo at the size of its largest rendition, with alpha only where it hides something."""

    image: Image.Image  # L, LA, RGB or RGBA
    size: tuple[int, int]  # of the photo itself

    @property
    def transparent(self) -> bool:
        return self.image.mode in ("LA", "RGBA")


def fallback_format(*, transparent: bool) -> RenditionFormat:
    return "png" if transparent else "jpg"


def renditions_of(size: tuple[int, int], *, transparent: bool) -> list[Rendition]:
    """All renditions of a photo of this size; of each format, the last has all pixels if it can."""
    fallback = fallback_format(transparent=transparent)
    qualities = {**MODERN, fallback: FALLBACK[fallback]}
    return [
        Rendition(side, each, sides[side])
        for each, sides in qualities.items()
        for side in needed(sides, size)
    ]


def needed(sides: Iterable[int], size: tuple[int, int]) -> list[int]:
    """Those of some sides, in rising order, that make a difference for a photo of this size."""
    rising = sorted(sides)
    return [side for n, side in enumerate(rising) if n == 0 or rising[n - 1] < max(size)]


def fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size of a photo that is shrunk to a longer side, never enlarged."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def open_shrunk(data: bytes, limits: PhotoLimits) -> ShrunkPhoto:
    """A stored photo (upright, sRGB), not larger than renditions need it; raises PhotoRefused."""
    header = read_header(data, limits)
    size = (header.width, header.height)
    at_least = ceil(min(size) * min(1.0, SIDES[-1] / max(size)))
    image = plain(decode(header, limits, at_least=at_least), header.transparent_grey)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    return ShrunkPhoto(_resized(image, fit(size, SIDES[-1])), size)


def make_renditions(
    photo: ShrunkPhoto, *, go_on: Callable[[], bool] = lambda: True
) -> Iterator[tuple[Rendition, bytes]]:
    """Each rendition with its file, the largest first; ends early where `go_on` says no."""
    image, made = photo.image, 0
    every = renditions_of(photo.size, transparent=photo.transparent)
    for rendition in sorted(every, key=lambda each: each.side, reverse=True):
        if not go_on():
            return
        if rendition.side != made:
            # From the next larger one: it has nearly twice the pixels that are asked for.
            image, made = _resized(image, fit(photo.size, rendition.side)), rendition.side
        yield rendition, written(image, rendition)


def written(image: Image.Image, rendition: Rendition) -> bytes:
    """The file of a picture that has a rendition's size already."""
    name, options = _WRITERS[rendition.format]
    image.info = {}
    buffer = BytesIO()
    image.save(buffer, name, quality=rendition.quality, **options)
    return buffer.getvalue()


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
