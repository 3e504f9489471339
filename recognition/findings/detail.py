"""Photos in which there is nothing to see."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from django.core.files.storage import Storage

from products.imaging import PhotoRefused, open_photo
from products.models import ProductImage
from products.photos import photo_limits
from recognition.models import PhotoDetail

logger = logging.getLogger(__name__)

_SIDE = 64
_BATCH = 200
# Grey levels of 256: what JPEG makes of a single colour.
_BLANK = 2.0
# Pixels on the shorter side: an icon, whatever the rest of the catalogue is like.
_ICON = 32
# Photos that tell what is usual in a catalogue; fewer tell nothing.
_LEAST = 30
# On more products than this, a picture stands for “no photo yet” rather than for a product.
SHARED_BY = 5

ProductPhotos = dict[int, list[dict[str, Any]]]


def active_photos() -> ProductPhotos:
    """All photos of active products, in order."""
    found: ProductPhotos = defaultdict(list)
    rows = (
        ProductImage.objects.filter(product__is_active=True, product__merged_into=None)
        .order_by("product", "position", "pk")
        .values("pk", "product", "digest", "width", "height", "file")
    )
    for row in rows.iterator(chunk_size=2000):
        found[row["product"]].append(dict(row))
    return found


def measure_details(
    photos: ProductPhotos, on_progress: Callable[[float], None] | None = None
) -> dict[str, float | None]:
    """Contrast by digest; each photo is read once in its life."""
    files = {row["digest"]: row["file"] for rows in photos.values() for row in rows}
    known = dict(PhotoDetail.objects.values_list("digest", "contrast").iterator())
    missing = sorted(set(files) - set(known))
    storage = ProductImage._meta.get_field("file").storage
    for start in range(0, len(missing), _BATCH):
        batch = [
            PhotoDetail(digest=digest, contrast=_contrast(storage, files[digest]))
            for digest in missing[start : start + _BATCH]
        ]
        PhotoDetail.objects.bulk_create(batch, ignore_conflicts=True)
        known.update((row.digest, row.contrast) for row in batch)
        if on_progress is not None:
            on_progress((start + len(batch)) / len(missing))
    return known


def _contrast(storage: Storage, name: str) -> float | None:
    try:
        with storage.open(name, "rb") as file:
            image = open_photo(file.read(), photo_limits(), at_least=_SIDE)
    except (OSError, PhotoRefused) as error:
        logger.warning("No look at %s: %s", name, error)
        return None
    grey = np.asarray(image.convert("L").resize((_SIDE, _SIDE)), dtype=np.float64)
    return float(grey.std())


def useless_photos(photos: ProductPhotos, details: dict[str, float | None]) -> dict[int, str]:
    """Photo ids with the reason: `shared`, `unreadable`, `blank` or `small`.

    What is unusually flat or small is told by the catalogue: far out below the rest (Tukey's outer
    fence, on logarithms), and less than a quarter of what is in the middle, since in a catalogue
    where all photos are alike a fence stands close.
    """
    rows = [row for each in photos.values() for row in each]
    sharers = Counter(
        digest for each in photos.values() for digest in {row["digest"] for row in each}
    )
    contrasts = [c for row in rows if (c := details.get(row["digest"])) is not None]
    flat = max(_BLANK, _far_below(contrasts))
    small = max(_ICON, _far_below([min(row["width"], row["height"]) for row in rows]))
    found = {}
    for row in rows:
        contrast = details.get(row["digest"])
        if sharers[row["digest"]] > SHARED_BY:
            found[row["pk"]] = "shared"
        elif contrast is None:
            found[row["pk"]] = "unreadable"
        elif contrast <= flat:
            found[row["pk"]] = "blank"
        elif min(row["width"], row["height"]) < small:
            found[row["pk"]] = "small"
    return found


def _far_below(values: Iterable[float]) -> float:
    """Above this, nothing is unusual; 0 where there is too little to tell."""
    logs = np.log(np.maximum(np.array(list(values), dtype=np.float64), 1e-3))
    if len(logs) < _LEAST:
        return 0.0
    low, middle, high = np.quantile(logs, [0.25, 0.5, 0.75])
    return float(np.exp(min(low - 3 * (high - low), middle - np.log(4))))
