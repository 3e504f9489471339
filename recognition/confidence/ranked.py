"""What a photo met in the catalogue, and the few numbers that tell how clear that was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Names of the columns of `features`, in order. Changing them asks for a new scoring name.
FEATURES = (
    "nearest",  # cosine distance to the nearest photo of the first product
    "margin",  # distance to the nearest photo of any other product, less that
    "relative margin",  # the same as a share of the other's
    "agreement",  # of the five nearest photos, the share that shows the first product
    "margin of three",  # as margin, by the mean of three photos a product, over all products
    "margin of all",  # as margin, by the mean of all photos a product, over all products
    "score",  # distance of the first product, as products are ranked
    "score margin",  # that of the second product, less that
    "lead",  # log odds of the first product against all others, by softmax of the distances
    "sharp lead",  # the same, at which only the closest rivals count
)
# A vector that has nothing to do with another is at a right angle to it: where there is no second
# product, it is held to stand there.
_UNRELATED = 1.0
_AGREEING = 5
# Of the softmax over distances: one and three hundredths of a cosine distance are the scales at
# which products of shops lie apart, before and after an adapter (benchmarks/verdicts.py).
_WIDE, _SHARP = 0.1, 0.03
_MOST_ODDS = 30.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Products in the order of their `scores`, lowest first; for each the cosine distances (0..2,
    ascending) of its photos, or of the nearest of them.
    """

    products: tuple[int, ...]
    distances: tuple[NDArray[np.float64], ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.products) == len(self.distances) == len(self.scores):
            raise ValueError("Each product has distances and a score.")

    @property
    def first(self) -> int | None:
        return self.products[0] if self.products else None

    def rank_of(self, product: int | None) -> int | None:
        """Counted from 1; None where it was not found."""
        return self.products.index(product) + 1 if product in self.products else None

    def short(self, most: int) -> "Ranked":
        """The nearest so many."""
        return Ranked(self.products[:most], self.distances[:most], self.scores[:most])

    def without(self, product: int) -> "Ranked":
        """What the photo would have met if this product were not in the catalogue."""
        kept = [at for at, each in enumerate(self.products) if each != product]
        return Ranked(
            tuple(self.products[at] for at in kept),
            tuple(self.distances[at] for at in kept),
            tuple(self.scores[at] for at in kept),
        )


def by_score(
    distances: Mapping[int, Sequence[float]], scores: Mapping[int, float] | None = None
) -> Ranked:
    """Products in order, from the distances of their photos; those without any are left out.
    Without `scores`, by their nearest photo.
    """
    sorted_distances = {
        product: np.sort(np.asarray(each, dtype=np.float64))
        for product, each in distances.items()
        if len(each)
    }
    if scores is None:
        scores = {product: float(each[0]) for product, each in sorted_distances.items()}
    order = sorted(sorted_distances, key=lambda product: (scores[product], product))
    return Ranked(
        tuple(order),
        tuple(sorted_distances[product] for product in order),
        tuple(float(scores[product]) for product in order),
    )


def pooled_distances(ranked: Ranked) -> NDArray[np.float64]:
    """One distance a product, shape (products,), by which sets of look-alikes are drawn.

    Where products are ranked by their nearest photo, it is the mean over that, the three nearest and
    all: a stray photo that happens to be near counts for less than by the nearest alone, and sets
    are smaller at the same rate (benchmarks/verdicts.py).
    """
    scores = np.array(ranked.scores, dtype=np.float64)
    if not np.array_equal(scores, [each[0] for each in ranked.distances]):
        return scores
    return np.array(
        [(each[0] + each[:3].mean() + each.mean()) / 3 for each in ranked.distances],
        dtype=np.float64,
    )


def features(ranked: Ranked) -> NDArray[np.float64]:
    """Shape (len(FEATURES),).

    Raises:
        ValueError: nothing was met.
    """
    if not ranked.products:
        raise ValueError("Nothing was met, so nothing can be said of it.")
    first, others = ranked.distances[0], ranked.distances[1:]
    nearest, score = float(first[0]), ranked.scores[0]
    second = min((float(each[0]) for each in others), default=max(_UNRELATED, nearest))
    rivals = np.array(ranked.scores[1:] or (max(_UNRELATED, score),))
    return np.array(
        [
            nearest,
            second - nearest,
            (second - nearest) / max(second, 1e-6),
            _agreement(first, others),
            _margin(first, others, 3),
            _margin(first, others, None),
            score,
            float(rivals.min()) - score,
            _lead(score, rivals, _WIDE),
            _lead(score, rivals, _SHARP),
        ]
    )


def _agreement(first: NDArray[np.float64], others: Sequence[NDArray[np.float64]]) -> float:
    """A product with fewer photos than five can fill no more places than it has photos."""
    most = min(_AGREEING, len(first))
    rivals = np.sort(np.concatenate([each[:_AGREEING] for each in others])) if others else first[:0]
    ahead = [int(np.searchsorted(rivals, distance, side="left")) for distance in first[:most]]
    return sum(place + at < most for at, place in enumerate(ahead)) / most


def _margin(
    first: NDArray[np.float64], others: Sequence[NDArray[np.float64]], most: int | None
) -> float:
    own = float(first[:most].mean())
    return min((float(each[:most].mean()) for each in others), default=max(_UNRELATED, own)) - own


def _lead(score: float, rivals: NDArray[np.float64], scale: float) -> float:
    # log(exp(-score/scale) / sum(exp(-rivals/scale))), with the largest term taken out of the sum.
    closest = float(rivals.min())
    rest = float(np.log(np.exp((closest - rivals) / scale).sum()))
    return float(np.clip((closest - score) / scale - rest, -_MOST_ODDS, _MOST_ODDS))
