"""The catalogue as a check-up sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from products.models import Product
from recognition.findings.measures.photos import Photos
from recognition.models import Encoder, ImageEmbedding

# Numbers that are held at once, 300 MB: 60,000 vectors of 1280. Comparing them all takes minutes.
_MOST_NUMBERS = 76_800_000
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Active products that have vectors: ids by index, their photos' ids by row."""

    photos: Photos
    product_ids: NDArray[np.int64]
    image_ids: NDArray[np.int64]
    # How many vectors there are; more than `photos` holds where the catalogue is too large.
    photos_of: int


def load_catalogue(encoder: Encoder) -> Catalogue:
    """All vectors that a search may find; in a catalogue too large, each product's first photos."""
    rows = ImageEmbedding.objects.findable(encoder.pk)
    most = max(1, _MOST_NUMBERS // encoder.dimension)
    found = rows.order_by("image__position", "image__product", "image").values_list(
        "image__product", "image", "vector"
    )[:most]
    size = min(rows.count(), most)
    vectors = np.empty((size, encoder.dimension), dtype=np.float32)
    products, images = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    filled = 0
    for product, image, vector in found.iterator(chunk_size=_ROWS_AT_ONCE):
        if filled == size:  # added while we read
            break
        vectors[filled], products[filled], images[filled] = _array(vector), product, image
        filled += 1
    vectors, products, images = vectors[:filled], products[:filled], images[:filled]
    order = np.lexsort((np.arange(filled), products))
    ids, owner = np.unique(products[order], return_inverse=True)
    return Catalogue(Photos.of(vectors[order], owner), ids, images[order], rows.count())


def facts_of(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What of products speaks for or against two of them being one."""
    rows = Product.objects.filter(pk__in=list(ids)).values(
        "pk", "sku", "name", "brand", "barcode", "attributes"
    )
    return {row["pk"]: dict(row) for row in rows}


def _array(vector: object) -> NDArray[np.float32]:
    return np.asarray(vector, dtype=np.float32)
