"""Products that a photo cannot tell apart, measured as search would: by leaving one photo out."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from recognition.findings.measures.photos import Photos, Surroundings

# Of the pairs that are reported, the share that chance may bring (Benjamini and Hochberg 1995).
_FALSE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two products: of each one's photos, how many are nearer to the other than to the rest of
    their own.
    """

    first: int
    second: int
    first_wrong: int
    first_of: int
    second_wrong: int
    second_of: int

    @property
    def share(self) -> float:
        """The mean of both ways, so that many photos of one do not outvote few of the other."""
        return (self.first_wrong / self.first_of + self.second_wrong / self.second_of) / 2


def confusions(photos: Photos, around: Surroundings) -> list[Confusion]:
    """Pairs that search takes for each other in the whole catalogue, each for the other, more often
    than if its wrong answers were scattered over all products. The most confused first.
    """
    ways = _wrong_answers(photos, around)
    wrong = Counter[int]()
    for (product, _answer), number in ways.items():
        wrong[product] += number
    mutual = sorted((a, b) for a, b in ways if a < b and (b, a) in ways)
    chance = [
        _by_chance(ways[a, b], wrong[a], photos.products)
        * _by_chance(ways[b, a], wrong[b], photos.products)
        for a, b in mutual
    ]
    tried = photos.products * (photos.products - 1) // 2
    found = [
        Confusion(a, b, *_wrong(photos, a, b), *_wrong(photos, b, a))
        for a, b in _beyond_chance(mutual, chance, tried)
    ]
    return sorted(found, key=lambda each: (-each.share, each.first, each.second))


def _wrong_answers(photos: Photos, around: Surroundings) -> Counter[tuple[int, int]]:
    """How many photos of a product, held out, are answered with another one."""
    if not around.rivals.shape[1]:
        return Counter()
    wrong = (photos.counts[photos.owner] > 1) & (around.nearness[:, 0] >= around.own)
    rows = np.flatnonzero(wrong)
    return Counter((int(photos.owner[row]), int(around.rivals[row, 0])) for row in rows)


def _by_chance(number: int, wrong: int, products: int) -> float:
    return float(binom.sf(number - 1, wrong, 1 / (products - 1)))


def _beyond_chance(
    pairs: list[tuple[int, int]], chance: list[float], tried: int
) -> list[tuple[int, int]]:
    order = np.argsort(chance, kind="stable")
    passed = 0
    for rank, at in enumerate(order, start=1):
        if chance[at] <= _FALSE_SHARE * rank / max(tried, 1):
            passed = rank
    return [pairs[at] for at in order[:passed]]


def _wrong(photos: Photos, product: int, other: int) -> tuple[int, int]:
    own = photos.vectors[photos.rows(product)]
    inside = own @ own.T
    np.fill_diagonal(inside, -np.inf)
    across = own @ photos.vectors[photos.rows(other)].T
    return int((across.max(axis=1) >= inside.max(axis=1)).sum()), len(own)


def stray(photos: Photos, around: Surroundings) -> list[int]:
    """Products of several photos of which every one is nearer to another product than to the rest
    of its own: no photo of them would be answered with them.
    """
    if not around.rivals.shape[1]:
        return []
    nearer = around.nearness[:, 0] > around.own
    wrong = np.add.reduceat(nearer.astype(np.int64), photos.starts[:-1])
    return np.flatnonzero((wrong == photos.counts) & (photos.counts > 1)).tolist()
