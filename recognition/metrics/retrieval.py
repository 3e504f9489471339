"""Asking with photos: does the right product come first, and what tells when it does not?

Products are ranked by their nearest photo, as the site's search ranks them. Where products are
equally far, the right one is taken to stand last: luck is no merit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recognition.metrics.distances import Metric, between

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

# Distances that are held at a time: 32 MB.
_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What came of each query. Where something is missing it is infinite: `own` and `rank` where the
    product has no (other) photo, `first` where there is no photo, `second` where there is no second
    product, `other` where there is none but the right one.

    `first` and `second` are distances to the first two products, `own` to the right product, and
    `other` to the nearest of all others, which would be first if the right one were not there.
    `average_precision` is over photos, those at one distance taken together; NaN without such.
    """

    first: _Floats
    second: _Floats
    own: _Floats
    other: _Floats
    rank: _Floats
    average_precision: _Floats

    def __len__(self) -> int:
        return len(self.rank)

    @property
    def margin(self) -> _Floats:
        """Distance to the second product minus that to the first; infinite without a second."""
        with np.errstate(invalid="ignore"):
            return np.where(np.isfinite(self.second), self.second - self.first, np.inf)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the first product is the right one, and no other is as near."""
        return np.asarray(self.rank == 1)


def retrieve(
    metric: Metric,
    queries: ArrayLike,
    query_products: ArrayLike,
    gallery: ArrayLike,
    gallery_products: ArrayLike,
    *,
    left_out: ArrayLike | None = None,
    on_chunk: Callable[[], None] = lambda: None,
) -> Retrieved:
    """Ranks the gallery for each query.

    `left_out` names for each query a photo of the gallery that is taken to be absent: itself.

    Raises:
        ValueError: the vectors cannot be compared; see `distances.between`.
    """
    asked, true = np.asarray(queries), np.asarray(query_products)
    products = np.asarray(gallery_products)
    order = np.argsort(products, kind="stable")
    names, starts = np.unique(products[order], return_index=True)
    photos = np.asarray(gallery)[order]
    # Of a query whose product has no photo, the bounds are equal.
    low = np.searchsorted(products[order], true, side="left")
    high = np.searchsorted(products[order], true, side="right")
    column = np.where(high > low, np.searchsorted(names, true), -1)
    absent = None
    if left_out is not None:
        places = np.empty(len(order), dtype=np.int64)
        places[order] = np.arange(len(order))
        absent = places[np.asarray(left_out)]
    columns = np.full((6, len(asked)), np.inf)
    columns[5] = np.nan
    step = chunk_size(len(photos))
    for start in range(0, len(asked), step) if len(photos) else ():
        rows = slice(start, start + step)
        distances = between(metric, asked[rows], photos)
        if absent is not None:
            distances[np.arange(len(distances)), absent[rows]] = np.inf
        columns[:5, rows] = _by_product(distances, starts, column[rows])
        columns[5, rows] = [
            _average_precision(distances[at], low[row], high[row])
            for at, row in enumerate(range(len(asked))[rows])
        ]
        on_chunk()
    return Retrieved(*columns)


def chunk_size(photos: int) -> int:
    """How many queries are answered at a time."""
    return max(1, _AT_ONCE // max(photos, 1))


def recall_at(rank: ArrayLike, first: int) -> float | None:
    """The share of queries whose product is among so many; None without queries."""
    ranks = np.asarray(rank)
    return float((ranks <= first).mean()) if len(ranks) else None


def mean_average_precision(retrieved: Retrieved) -> float | None:
    """Over the queries that have an average precision."""
    values = retrieved.average_precision[~np.isnan(retrieved.average_precision)]
    return float(values.mean()) if len(values) else None


def _by_product(distances: _Floats, starts: _Ints, column: _Ints) -> _Floats:
    nearest = np.minimum.reduceat(distances, starts, axis=1)
    rows = np.arange(len(nearest))
    own = np.where(column >= 0, nearest[rows, column], np.inf)
    rank = np.where(np.isfinite(own), (nearest <= own[:, None]).sum(axis=1), np.inf)
    two = np.partition(nearest, 1, axis=1) if nearest.shape[1] > 1 else nearest
    first = two[:, 0]
    second = two[:, 1] if nearest.shape[1] > 1 else np.full(len(nearest), np.inf)
    nearest[rows[column >= 0], column[column >= 0]] = np.inf
    return np.stack([first, second, own, nearest.min(axis=1), rank])


def _average_precision(distances: _Floats, low: int, high: int) -> float:
    own = np.sort(distances[low:high])
    own = own[np.isfinite(own)]
    if not len(own):
        return float("nan")
    within = np.searchsorted(np.sort(distances), own, side="right")
    return float((np.searchsorted(own, own, side="right") / within).mean())
