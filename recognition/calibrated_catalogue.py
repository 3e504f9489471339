"""Which photos of which products a calibration was measured on, kept small, and how many have changed.

Of each photo its id and a mark: 32 bits of its product, of the categories that this is in and of the
photo's digest. Of larger catalogues a sample by the photo's id, so that the same photos are looked at
again later.
"""

from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import TextField
from django.db.models.functions import MD5, Cast
from numpy.typing import NDArray

from products.models import Category
from recognition.models import CalibratedCatalogue, CalibrationRun, Encoder, ImageEmbedding

# 240 kB. Of so many, a share of 20 % is known to 0.3 points.
MOST_PHOTOS = 20_000
_PHOTO = np.dtype([("image", "<i8"), ("mark", "<u4")])
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Described:
    """`photos` are rows of `_PHOTO`, by image; of those whose scattered id lies `below`, a few hex
    digits; empty: of all.
    """

    below: str
    photos: NDArray[Any]


def describe(encoder: Encoder, below: str | None = None) -> Described:
    """The catalogue as it is now. `below`: as it was described before; None: as there is room."""
    rows = ImageEmbedding.objects.findable(encoder.pk)
    if below is None:
        below = _cut(rows.count())
    if below:
        rows = rows.annotate(scattered=MD5(Cast("image_id", TextField())))
        rows = rows.filter(scattered__lt=below)
    chains = _chains()
    photos = [
        (image, crc32(f"{product}:{chains.get(path, path)}:{digest}".encode()))
        for image, product, path, digest in rows.order_by("image").values_list(
            "image", "image__product", "image__product__category__path", "digest"
        )
    ]
    return Described(below, np.array(photos, dtype=_PHOTO))


def keep(run: CalibrationRun, described: Described) -> None:
    CalibratedCatalogue.objects.create(
        run=run, below=described.below, photos=described.photos.tobytes()
    )


def changed_since(run: CalibrationRun) -> float | None:
    """How many photos came, went, or show another product, in other categories, or another picture
    by now, as a share of those that there were. None: the run did not keep what it was measured on.
    """
    kept = CalibratedCatalogue.objects.filter(run=run).first()
    if kept is None:
        return None
    then = np.frombuffer(bytes(kept.photos), dtype=_PHOTO)
    now = describe(run.encoder, kept.below).photos
    both, at_then, at_now = np.intersect1d(
        then["image"], now["image"], assume_unique=True, return_indices=True
    )
    altered = int((then["mark"][at_then] != now["mark"][at_now]).sum())
    return (len(then) + len(now) - 2 * len(both) + altered) / max(len(then), 1)


def _cut(photos: int) -> str:
    if photos <= MOST_PHOTOS:
        return ""
    return f"{MOST_PHOTOS * 16**_DIGITS // photos:0{_DIGITS}x}"


def _chains() -> Mapping[str, tuple[int, ...]]:
    """By path of a category: itself and those above it, by id. Paths change when others are added."""
    ids = dict(Category.objects.order_by().values_list("path", "pk"))
    step = Category.steplen
    return {
        path: tuple(ids[path[:end]] for end in range(len(path), 0, -step) if path[:end] in ids)
        for path in ids
    }
