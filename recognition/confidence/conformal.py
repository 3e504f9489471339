"""Sets that hold the right product at a stated rate, and photos that look like none of ours.

Split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world",
2005; Angelopoulos and Bates, "A gentle introduction to conformal prediction", 2021): the cut is the
order statistic of the evidence that a new photo stays below with at least the stated probability.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SetRule:
    """Products at most `gap` behind the best (in pooled distance) are shown: they hold the right one
    at `rate`, which is below the wanted where not even all that are looked at hold it so often.
    """

    gap: float
    rate: float
    samples: int
    median_size: float
    large_size: float  # nine of ten sets are no larger


def set_rule(
    gaps: NDArray[np.float64], all_gaps: list[NDArray[np.float64]], wanted: float
) -> SetRule | None:
    """The rule from known photos: `gaps` of their right products (inf: not among those looked at),
    `all_gaps` of all products that each met. None: too few to promise anything.
    """
    number = len(gaps)
    place = ceil((number + 1) * wanted)
    if place > number:
        return None
    gap, rate = float(np.sort(gaps)[place - 1]), wanted
    if not np.isfinite(gap):
        found = int(np.isfinite(gaps).sum())
        if not found:
            return None
        gap, rate = float(np.sort(gaps)[found - 1]), found / (number + 1)
    sizes = np.array([max(int((each <= gap).sum()), 1) for each in all_gaps])
    return SetRule(
        gap, rate, number, float(np.median(sizes)), float(np.quantile(sizes, 0.9, method="higher"))
    )


def unknown_cut(known_scores: NDArray[np.float64], rate: float) -> float | None:
    """The score below which at most that share of the photos of known products falls; None: too few
    to tell.
    """
    place = floor((len(known_scores) + 1) * rate)
    return float(np.sort(known_scores)[place - 1]) if place >= 1 else None
