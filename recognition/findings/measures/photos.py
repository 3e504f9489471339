"""The photos of a catalogue as one matrix, and each one's nearest products."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
OnProgress = Callable[[float], None]

# Rows compared with all others at once: some 25 MB of similarities among 20,000 photos.
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Photos:
    """Unit vectors (photos, dimension), those of one product side by side; `owner` is the product
    of each as an index 0, 1, ...
    """

    vectors: NDArray[np.float32]
    owner: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], owner: NDArray[np.int64]) -> "Photos":
        """`owner` is sorted and leaves no index out."""
        starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 2 if len(owner) else 1))
        return cls(vectors, owner, starts)

    @property
    def products(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def rows(self, product: int) -> NDArray[np.int64]:
        return np.arange(self.starts[product], self.starts[product + 1])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of each photo: cosine similarity to the nearest other photo of its own product (-inf: there is
    none), and the nearest other products with theirs, nearest first (-1 and -inf: no more).
    `pairs` are products (smaller index first) of which one is among the nearest of the other.
    """

    own: NDArray[np.float32]
    rivals: NDArray[np.int64]
    nearness: NDArray[np.float32]
    pairs: NDArray[np.int64]


def surroundings(
    photos: Photos, *, rivals: int = 8, partners: int = 10, on_progress: OnProgress | None = None
) -> Surroundings:
    """Compares every photo with every other, a few hundred at a time: exact, and quadratic."""
    n, products = len(photos.vectors), photos.products
    rivals, partners = max(min(rivals, products - 1), 0), max(min(partners, products - 1), 0)
    own = np.full(n, -np.inf, dtype=np.float32)
    nearest = np.full((n, rivals), -1, dtype=np.int64)
    nearness = np.full((n, rivals), -np.inf, dtype=np.float32)
    pairs: set[tuple[int, int]] = set()
    for first, last in _chunks(photos):
        top, bottom = int(photos.starts[first]), int(photos.starts[last])
        rows = np.arange(bottom - top)
        similar = photos.vectors[top:bottom] @ photos.vectors.T
        similar[rows, rows + top] = -np.inf
        by_product = np.maximum.reduceat(similar, photos.starts[:-1], axis=1)
        mine = photos.owner[top:bottom]
        own[top:bottom] = by_product[rows, mine]
        by_product[rows, mine] = -np.inf
        if rivals > 0:
            best = _largest(by_product, rivals)
            nearest[top:bottom] = best
            nearness[top:bottom] = np.take_along_axis(by_product, best, axis=1)
            by_product[rows, mine] = 0.0
            whole = np.add.reduceat(by_product, photos.starts[first:last] - top, axis=0)
            whole[np.arange(last - first), np.arange(first, last)] = -np.inf
            for a, others in enumerate(_largest(whole, partners), start=first):
                pairs.update((min(a, int(b)), max(a, int(b))) for b in others)
        if on_progress is not None:
            on_progress(bottom / n)
    found = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return Surroundings(own, nearest, nearness, found)


def _chunks(photos: Photos) -> list[tuple[int, int]]:
    """Whole products, so that what belongs together is seen together."""
    chunks, first, products = [], 0, photos.products
    for product in range(1, products + 1):
        if product == products or photos.starts[product + 1] - photos.starts[first] > _CHUNK:
            chunks.append((first, product))
            first = product
    return chunks


def _largest(values: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """Columns of the largest values of each row, the largest first."""
    part = np.argpartition(-values, number - 1, axis=1)[:, :number]
    order = np.argsort(-np.take_along_axis(values, part, axis=1), axis=1, kind="stable")
    return np.take_along_axis(part, order, axis=1)
