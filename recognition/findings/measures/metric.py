"""A measure of likeness learned from the catalogue: what differs between photos of one product
counts less.

Whitening by the scatter within products (within-class covariance normalisation, Hatch et al. 2006),
with a ridge. Whoever is judged must not have been learned from: two entries of one product would be
pushed apart by their own labels, and a misplaced photo pulled towards where it sits. So products are
dealt into groups, and two products are compared by what the other groups taught.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.findings.measures.photos import Photos

GROUPS = 4
# None: the encoder's own measure. Shares of the mean scatter that are added to each direction.
RIDGES: tuple[float | None, ...] = (None, 3.0, 1.0, 0.3, 0.1, 0.03)
# Products that choose among the ridges; more of them say the same.
_MOST_CHOOSING = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """The photos as the groups other than these two taught to see them."""

    groups: tuple[int, int]
    vectors: NDArray[np.float32]


class LearnedMeasure:
    """`frames()` gives each pair of groups once; `ridge` is the one that told held-out photos' own
    products best, each ridge judged on products that it had not seen.
    """

    def __init__(self, photos: Photos, rng: np.random.Generator) -> None:
        self._photos = photos
        self.group = rng.permutation(np.arange(photos.products) % GROUPS)
        self._axes: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self.ridge: float | None = None
        self.accuracy = 0.0
        if (photos.counts > 1).any():
            self._mean = photos.vectors.mean(axis=0)
            self._scatter, self._freedom = self._scatters()
            self.ridge, self.accuracy = self._choose(rng)

    def frames(self) -> Iterator[Frame]:
        for first in range(GROUPS):
            for second in range(first, GROUPS):
                seen = self._see(self._photos.vectors, first, second, self.ridge)
                yield Frame((first, second), seen)

    def _scatters(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        photos, dimension = self._photos, self._photos.vectors.shape[1]
        scatter = np.zeros((GROUPS, dimension, dimension))
        freedom = np.zeros(GROUPS, dtype=np.int64)
        means = np.add.reduceat(photos.vectors, photos.starts[:-1], axis=0) / photos.counts[:, None]
        groups = self.group[photos.owner]
        for group in range(GROUPS):
            rows = np.flatnonzero((groups == group) & (photos.counts[photos.owner] > 1))
            rest = photos.vectors[rows] - means[photos.owner[rows]]
            scatter[group] = rest.T @ rest
            freedom[group] = len(rows) - len(np.unique(photos.owner[rows]))
        return scatter, freedom

    def _see(
        self, vectors: NDArray[np.float32], first: int, second: int, ridge: float | None
    ) -> NDArray[np.float32]:
        if ridge is None:
            return vectors
        seen = (vectors - self._mean) @ self._turning(first, second, ridge)
        return seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-12)

    def _turning(self, first: int, second: int, ridge: float) -> NDArray[np.float32]:
        if (first, second) not in self._axes:
            others = [group for group in range(GROUPS) if group not in {first, second}]
            freedom = max(int(self._freedom[others].sum()), 1)
            self._axes[first, second] = np.linalg.eigh(self._scatter[others].sum(axis=0) / freedom)
        values, axes = self._axes[first, second]
        values = values.clip(0)
        seen = values > values[-1] * 1e-9
        if not seen.any():
            return np.eye(len(values), dtype=np.float32)
        scale = 1 / np.sqrt(values + ridge * values[seen].mean())
        # float32: the vectors are, and it halves the time of the largest product.
        return (axes * scale).astype(np.float32)

    def _choose(self, rng: np.random.Generator) -> tuple[float | None, float]:
        counts = self._photos.counts
        several = np.flatnonzero(counts > 1)
        chosen = set(rng.permutation(several)[:_MOST_CHOOSING].tolist())
        best: tuple[float | None, float] = (None, -1.0)
        held_out = [
            [p for p in np.flatnonzero(self.group == group) if int(p) in chosen]
            for group in range(GROUPS)
        ]
        for ridge in RIDGES:
            right = total = 0
            for group, products in enumerate(held_out):
                if len(products) < 2:
                    continue
                rows = np.concatenate([self._photos.rows(int(product)) for product in products])
                seen = self._see(self._photos.vectors[rows], group, group, ridge)
                right += _own_first(seen, self._photos.owner[rows])
                total += len(rows)
            accuracy = right / total if total else 0.0
            if accuracy > best[1]:
                best = (ridge, accuracy)
        return best


def _own_first(vectors: NDArray[np.float32], owner: NDArray[np.int64]) -> int:
    """How many photos have one of their own product as the nearest other one."""
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    return int((owner[similar.argmax(axis=1)] == owner).sum())
