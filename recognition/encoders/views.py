"""An encoder that looks at several crops of a picture, and pools what it sees.

Names of views are joined by `+` in a fixed order, as in `whole+centre+tight`; `mirrored` adds the
mirror image of each crop. The plain encoder looks at the whole.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageOps

from recognition.encoders.base import Encoder, Vectors
from recognition.encoders.errors import UnknownEncoder
from recognition.encoders.patches import Patches

WHOLE = "whole"
MIRRORED = "mirrored"
# Share of the width and of the height that a crop about the middle keeps. The plain key is `whole`
# without a name: what a whole picture is stays the network's own preprocessing.
CROPS = {WHOLE: 1.0, "centre": 0.7, "tight": 0.5}
_JOIN = "+"


def view_names(views: str) -> tuple[str, ...]:
    """Parts of the `views` of a key; "" is the whole picture.

    Raises:
        UnknownEncoder: a name that there is not, twice the same, in another order, or no crop.
    """
    if not views:
        return (WHOLE,)
    names = tuple(views.split(_JOIN))
    ordered = tuple(name for name in (*CROPS, MIRRORED) if name in names)
    if names != ordered or ordered in {(MIRRORED,), (WHOLE,)}:
        raise UnknownEncoder(
            f"{views!r} are no views: join some of {', '.join(CROPS)} by {_JOIN!r}, in this order, "
            f"with {MIRRORED} last where mirror images are wanted; without views, the whole "
            "picture is looked at."
        )
    return names


def passes(views: str) -> int:
    """How many pictures the network looks at for one photo."""
    names = view_names(views)
    crops = sum(name in CROPS for name in names)
    return crops * (2 if MIRRORED in names else 1)


class ViewsEncoder(Encoder):
    """The mean of the unit vectors of each view, scaled to length 1."""

    def __init__(self, key: str, base: Encoder, views: str) -> None:
        names = view_names(views)
        self.key = key
        self.base = base
        self.dimension = base.dimension
        self.speaks_text = base.speaks_text
        self.sees_patches = base.sees_patches
        smallest = min(CROPS[name] for name in names if name in CROPS)
        self.input_side = round(base.input_side / smallest)
        self._looks: list[Callable[[Image.Image], Image.Image]] = [
            look
            for name in names
            if name in CROPS
            for look in _looks(CROPS[name], mirrored=MIRRORED in names)
        ]

    @property
    def device_name(self) -> str:
        return self.base.device_name

    def load(self) -> None:
        self.base.load()

    def release_memory(self) -> None:
        self.base.release_memory()

    def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        # One view after the other: no more pictures in memory at once than the base takes.
        total = np.zeros((len(images), self.dimension), dtype=np.float32)
        for look in self._looks:
            total += self.base.encode_images([look(image) for image in images])
        return total

    def _encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self.base.encode_texts(texts)

    def _encode_patches(self, image: Image.Image, whole: bool) -> Patches:
        return self.base.encode_patches(image, whole=whole)


def _looks(share: float, *, mirrored: bool) -> list[Callable[[Image.Image], Image.Image]]:
    def look(image: Image.Image) -> Image.Image:
        return crop_about_middle(image, share)

    def look_in_mirror(image: Image.Image) -> Image.Image:
        return ImageOps.mirror(look(image))

    return [look, look_in_mirror] if mirrored else [look]


def crop_about_middle(image: Image.Image, share: float) -> Image.Image:
    """The middle of a picture, that share of its width and of its height (at least a pixel)."""
    if share >= 1:
        return image
    left, top = (1 - share) / 2 * image.width, (1 - share) / 2 * image.height
    x, y = int(left), int(top)
    right = max(x + 1, round(left + share * image.width))
    bottom = max(y + 1, round(top + share * image.height))
    return image.crop((x, y, right, bottom))
