"""Photos in which there is nothing to see."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from django.core.files.storage import Storage

from products.models import ProductImage
from recognition.embedding import FileLost, PhotoUnreadable, StorageTrouble, read_stored
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
    """Contrast by digest, None of what cannot be read; each photo is read once in its life.

    What the storage does not give out now is left out, and looked for the next time; so is a file
    that is lost, which cannot be read this time.
    """
    files = {row["digest"]: row["file"] for rows in photos.values() for row in rows}
    known = dict(PhotoDetail.objects.values_list("digest", "contrast").iterator())
    missing = sorted(set(files) - set(known))
    storage = ProductImage._meta.get_field("file").storage
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        measured = []
        for digest in batch:
            try:
                known[digest] = _contrast(storage, files[digest], digest)
            except FileLost:
                known[digest] = None
            except StorageTrouble as error:
                logger.warning("No look at %s now: %s", files[digest], error)
            else:
                measured.append(PhotoDetail(digest=digest, contrast=known[digest]))
        PhotoDetail.objects.bulk_create(measured, ignore_conflicts=True)
        if on_progress is not None:
            on_progress((start + len(batch)) / len(missing))
    return known


def _contrast(storage: Storage, name: str, digest: str) -> float | None:
    """
    Raises:
        FileLost, StorageTrouble: as `read_stored`.
    """
    try:
        image = read_stored(storage, name, digest, _SIDE)
    except FileLost:
        raise
    except PhotoUnreadable as error:
        logger.warning("Nothing to see in %s: %s", name, error)
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
        digest = row["digest"]
        contrast = details.get(digest)
        if sharers[digest] > SHARED_BY:
            found[row["pk"]] = "shared"
        elif contrast is None and digest in details:
            found[row["pk"]] = "unreadable"
        elif contrast is not None and contrast <= flat:
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
