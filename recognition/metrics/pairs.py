"""Pairs of photos of the same product and of different ones: all of them, or a fair sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places of the two photos of each pair, and of how many pairs there are these were drawn."""

    left: _Ints
    right: _Ints
    of: int

    def __len__(self) -> int:
        return len(self.left)


def same_product_pairs(products: ArrayLike, most: int, rng: np.random.Generator) -> Pairs:
    """Of photos with these products: each pair of one product once."""
    order, _start, end = _grouped(products)
    place = np.arange(len(order))
    pairs = _drawn(end - place - 1, most, rng)
    # The partners of a photo are those behind it in its group.
    right = pairs.left + 1 + pairs.right
    return Pairs(order[pairs.left], order[right], pairs.of)


def different_product_pairs(products: ArrayLike, most: int, rng: np.random.Generator) -> Pairs:
    """Of photos with these products: each pair of two products once."""
    order, _start, end = _grouped(products)
    pairs = _drawn(len(order) - end, most, rng)
    right = end[pairs.left] + pairs.right
    return Pairs(order[pairs.left], order[right], pairs.of)


def pairs_with(
    asked: ArrayLike, products: ArrayLike, most: int, rng: np.random.Generator
) -> tuple[Pairs, Pairs]:
    """Of photos that were asked with (their true products) and photos of the catalogue: those of the
    same product, and those of different ones.
    """
    order = np.argsort(np.asarray(products), kind="stable")
    ordered = np.asarray(products)[order]
    low = np.searchsorted(ordered, np.asarray(asked), side="left")
    high = np.searchsorted(ordered, np.asarray(asked), side="right")
    same = _drawn(high - low, most, rng)
    different = _drawn(len(order) - (high - low), most, rng)
    of_same = low[same.left] + same.right
    # The others are those before the product's own photos and those behind them.
    before = different.right < low[different.left]
    skipped = np.where(before, 0, (high - low)[different.left])
    of_different = different.right + skipped
    return (
        Pairs(same.left, order[of_same], same.of),
        Pairs(different.left, order[of_different], different.of),
    )


def _grouped(products: ArrayLike) -> tuple[_Ints, _Ints, _Ints]:
    """Photos in the order of their products, and for each place where its group starts and ends."""
    array = np.asarray(products)
    order = np.argsort(array, kind="stable")
    ordered = array[order]
    start = np.searchsorted(ordered, ordered, side="left")
    end = np.searchsorted(ordered, ordered, side="right")
    return order, start, end


def _drawn(partners: _Ints, most: int, rng: np.random.Generator) -> Pairs:
    """Each left one has so many partners: draws pairs, all alike, as (left, number of its partner)."""
    up_to = np.cumsum(partners, dtype=np.int64)
    total = int(up_to[-1]) if len(up_to) else 0
    if total <= most:
        chosen = np.arange(total)
    else:
        chosen = np.sort(rng.choice(total, most, replace=False, shuffle=False))
    left = np.searchsorted(up_to, chosen, side="right")
    before = up_to[left] - partners[left] if len(left) else left
    return Pairs(left, chosen - before, total)
