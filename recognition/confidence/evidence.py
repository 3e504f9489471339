"""Photos of which it is known what they show, and what each of them met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.ranked import FEATURES, Ranked, features, pooled_distances


@dataclass(slots=True)
class Examples:
    """Rows of evidence: parallel lists. `truth` is a product, or None: not in the catalogue."""

    ranked: list[Ranked] = field(default_factory=list)
    truth: list[int | None] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(self, ranked: Ranked, truth: int | None, weight: float = 1.0) -> None:
        """Photos that met nothing say nothing, and are passed over."""
        if ranked.products:
            self.ranked.append(ranked)
            self.truth.append(truth)
            self.weight.append(weight)

    def extend(self, other: "Examples", weight: float = 1.0) -> None:
        for ranked, truth, own in zip(other.ranked, other.truth, other.weight, strict=True):
            self.add(ranked, truth, own * weight)

    def chosen(self, places: Iterable[int]) -> "Examples":
        places = list(places)
        return Examples(
            [self.ranked[at] for at in places],
            [self.truth[at] for at in places],
            [self.weight[at] for at in places],
        )

    def known(self) -> "Examples":
        return self.chosen(at for at, truth in enumerate(self.truth) if truth is not None)

    def unknown(self) -> "Examples":
        return self.chosen(at for at, truth in enumerate(self.truth) if truth is None)

    def short(self, most: int) -> "Examples":
        """Each with the nearest so many products only."""
        return Examples([each.short(most) for each in self.ranked], self.truth, self.weight)

    def as_unknown(self) -> "Examples":
        """The known ones again, each as if its product were not in the catalogue."""
        removed = Examples()
        for ranked, truth in zip(self.ranked, self.truth, strict=True):
            if truth is not None:
                removed.add(ranked.without(truth), None)
        return removed

    def __len__(self) -> int:
        return len(self.ranked)

    # --- as arrays -------------------------------------------------------------------------------

    @property
    def features(self) -> NDArray[np.float64]:
        """Shape (n, features)."""
        if not self.ranked:
            return np.empty((0, len(FEATURES)))
        return np.stack([features(each) for each in self.ranked])

    @property
    def first(self) -> list[int]:
        return [each.products[0] for each in self.ranked]

    @property
    def is_known(self) -> NDArray[np.bool_]:
        return np.array([truth is not None for truth in self.truth], dtype=bool)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the first product is the one that the photo shows."""
        pairs = zip(self.ranked, self.truth, strict=True)
        return np.array([ranked.products[0] == truth for ranked, truth in pairs], dtype=bool)

    @property
    def gaps(self) -> NDArray[np.float64]:
        """How far behind the best the right product is, in pooled distance; inf: not found."""
        return np.array(
            [_gap(ranked, truth) for ranked, truth in zip(self.ranked, self.truth, strict=True)],
            dtype=np.float64,
        )


@dataclass(slots=True)
class Evidence:
    """What a calibration rests on.

    `training` may be of any kind, and only teaches the model. `carriers` carry the bound: they are a
    random sample of what is asked, untouched by the training, known and unknown as they came.
    `simulated` are the carriers that are known, as if their products were not there. `taught` are
    those of the training that were asked with, and show how far single products are to be trusted.
    """

    training: Examples
    carriers: Examples
    simulated: Examples
    taught: Examples = field(default_factory=Examples)


def _gap(ranked: Ranked, truth: int | None) -> float:
    rank = ranked.rank_of(truth)
    if rank is None:
        return float("inf")
    pooled = pooled_distances(ranked)
    return float(pooled[rank - 1] - pooled.min())


def gaps_of(ranked: Sequence[Ranked]) -> list[NDArray[np.float64]]:
    """For each, how far behind the best every product is, in its order."""
    pooled = [pooled_distances(each) for each in ranked]
    return [each - each.min() for each in pooled]
