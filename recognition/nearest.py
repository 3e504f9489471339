"""The nearest photos of an encoder, best photo per product.

A filter never costs results: whenever `limit` products match, `limit` are returned. Up to
`SEARCH_EXACT_SCAN_PHOTOS` matching photos every vector is read, which is exact. Beyond, the HNSW
index is scanned iteratively, and over-fetched until enough products are there, since one product's
many photos would crowd out the others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import Cast
from numpy.typing import NDArray
from pgvector.django import CosineDistance, HalfVectorField

from recognition.filters import Filters
from recognition.models import Encoder, ImageEmbedding

# Recall over speed: 0.997 of the exact ten at 200 in 20,000 photos (benchmarks/nearest.py).
_SCAN_LIST = 200
# How far an iterative scan may go before it gives up, in photos.
_MOST_SCANNED = 200_000
_OVERFETCH = 4
# Under a filter the scan meets fewer photos that count: with a filter of 10 %, recall was 0.87 at
# the settings above and 1.00 at these, for the same time (benchmarks/nearest.py).
_NARROW_SCAN_LIST = 400
_NARROW_LEAST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A product by its nearest photo; cosine distance 0..2, small is close."""

    product_id: int
    image_id: int
    distance: float


def nearest_products(
    encoder: Encoder, vector: NDArray[np.float32], *, filters: Filters, limit: int
) -> list[Hit]:
    """The `limit` nearest products to a unit vector of this encoder, nearest first."""
    if limit < 1:
        return []
    photos = photos_by_distance(encoder, vector, filters)
    narrow = filters.narrows
    few = photos.order_by()[: settings.SEARCH_EXACT_SCAN_PHOTOS + 1].count()
    if few <= settings.SEARCH_EXACT_SCAN_PHOTOS:
        return _exact(photos, limit)
    return _by_index(photos, limit, narrow=narrow) or _exact(photos, limit)


# `Any`, here and below: the annotation `distance` is not a field that the type checker knows.
def photos_by_distance(encoder: Encoder, vector: NDArray[np.float32], filters: Filters) -> Any:
    """Ready photos of this encoder inside the filters, with their `distance` to a vector."""
    # The cast and the condition on the encoder are those of the encoder's partial index.
    column = Cast("vector", HalfVectorField(dimensions=encoder.dimension))
    return (
        ImageEmbedding.objects.ready()
        .filter(filters.condition("image__product__"), encoder_id=encoder.pk)
        .annotate(distance=CosineDistance(column, vector))
    )


def _exact(photos: Any, limit: int) -> list[Hit]:
    products = (
        photos.values("image__product")
        .annotate(nearest=Min("distance"))
        .order_by("nearest", "image__product")
        .values_list("image__product", flat=True)[:limit]
    )
    best = (
        photos.filter(image__product__in=list(products))
        .order_by("image__product", "distance", "image__position", "image")
        .distinct("image__product")
        .values_list("image__product", "image", "distance")
    )
    return sorted((Hit(*row) for row in best), key=_order)


def _by_index(photos: Any, limit: int, *, narrow: bool) -> list[Hit]:
    """Nearest products by the index; [] where the scan ended before there were enough."""
    fetch = max(limit * _OVERFETCH, _NARROW_LEAST if narrow else 0)
    scan_list = _NARROW_SCAN_LIST if narrow else _SCAN_LIST
    rows = photos.order_by("distance").values_list("image__product", "image", "distance")
    # SET LOCAL ends with the transaction, and Django sends these queries unprepared, so no plan
    # that was cached under other settings is used.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('hnsw.ef_search', %s, true),"
            " set_config('hnsw.iterative_scan', 'relaxed_order', true),"
            " set_config('hnsw.max_scan_tuples', %s, true)",
            [str(max(scan_list, min(fetch, 1000))), str(_MOST_SCANNED)],
        )
        while True:
            found = [Hit(*row) for row in rows[:fetch]]
            best: dict[int, Hit] = {}
            for hit in sorted(found, key=_order):
                best.setdefault(hit.product_id, hit)
            if len(best) >= limit:
                return list(best.values())[:limit]
            if len(found) < fetch:
                return []
            fetch *= _OVERFETCH


def _order(hit: Hit) -> tuple[float, int]:
    return hit.distance, hit.product_id
