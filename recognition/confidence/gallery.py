"""Photos of products in memory, ranked exactly as the database ranks them: for measuring."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.confidence import scoring as scorings
from recognition.confidence.ranked import Ranked, by_score

Floats = NDArray[np.float64]
_NEAREST_FEW = 3


class Gallery:
    """Unit vectors (photos, d) and of which product each is; products are any whole numbers."""

    def __init__(self, vectors: NDArray[np.floating], products: Sequence[int]) -> None:
        self.products, places = np.unique(np.asarray(products, dtype=np.int64), return_inverse=True)
        order = np.argsort(places, kind="stable")
        self._vectors = np.asarray(vectors, dtype=np.float32)[order]
        # Photos of one product lie side by side: where each product begins.
        self._starts = np.searchsorted(places[order], np.arange(len(self.products)))
        self._ends = np.append(self._starts[1:], len(order))
        sums = np.add.reduceat(self._vectors, self._starts, axis=0) if len(order) else self._vectors
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        self._prototypes = sums / np.maximum(lengths, 1e-12)

    def scores(self, queries: NDArray[np.floating], scoring: str) -> Floats:
        """Distance of each product to each query, (queries, products), in the order of
        `products`.
        """
        queries = np.asarray(queries, dtype=np.float32)
        if scoring == scorings.PROTOTYPE:
            return np.asarray(1 - queries @ self._prototypes.T, dtype=np.float64)
        distances = self._distances(queries)
        if scoring == scorings.NEAREST:
            return np.asarray(np.minimum.reduceat(distances, self._starts, axis=1), np.float64)
        if scoring != scorings.THREE:
            raise ValueError(f"There is no scoring {scoring!r}.")
        columns = [
            _mean_of_nearest(distances[:, start:end])
            for start, end in zip(self._starts, self._ends, strict=True)
        ]
        return np.stack(columns, axis=1).astype(np.float64)

    def meet(self, query: NDArray[np.floating], scoring: str, most: int) -> Ranked:
        """The nearest so many products to one query, with the distances of all their photos."""
        scores = self.scores(query[None], scoring)[0]
        distances = self._distances(np.asarray(query, dtype=np.float32)[None])[0]
        nearest = np.argsort(scores, kind="stable")[:most]
        return by_score(
            {
                int(self.products[at]): distances[self._starts[at] : self._ends[at]].tolist()
                for at in nearest
            },
            {int(self.products[at]): float(scores[at]) for at in nearest},
        )

    def _distances(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(1 - queries @ self._vectors.T, dtype=np.float32)


def _mean_of_nearest(distances: NDArray[np.float32]) -> NDArray[np.float32]:
    few = min(_NEAREST_FEW, distances.shape[1])
    nearest = np.partition(distances, few - 1, axis=1)[:, :few]
    return np.asarray(nearest.mean(axis=1), dtype=np.float32)
