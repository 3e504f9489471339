"""Which candidate is proposed, and why. Pure.

The measure is how often answers are right when they are given surest first: the mean of the share of
right answers over all coverages (one less the area under the risk-coverage curve; Geifman & El-Yaniv,
2017). It counts how many are right, and whether the margin tells which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recognition.tuning.candidates import Candidate
from recognition.tuning.trials import Outcomes, Trial

# Fewer photos that were asked with tell nothing apart.
LEAST_PHOTOS = 100
# Where fewer of the products have several photos, those say nothing of the others.
LEAST_SHARE = 0.5
_DRAWS, _SEED = 200, 20_260_602
# A candidate replaces the present one if it is better by so many standard errors, and a simpler one
# serves as well as the best if it is worse by no more than this many (Breiman et al., 1984).
_SURE, _AS_GOOD = 2.0, 1.0

Verdict = Literal["change", "keep", "too_little", "few_with_several"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one question: number of photos, shares of right answers, and the measure (None without)."""

    photos: int
    top1: float | None
    top5: float | None
    measure: float | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """`chosen` is the present one where nothing is to change. `gain` and `error` are the difference
    of the measure and its standard error, drawn by product.
    """

    verdict: Verdict
    chosen: Candidate
    present: Candidate
    measured_on: Literal["asked", "catalogue"]
    gain: float = 0.0
    error: float = 0.0


def figures(outcomes: Outcomes) -> Figures:
    if not outcomes.ranks:
        return Figures(0, None, None, None)
    ranks = np.array(outcomes.ranks)
    return Figures(
        len(ranks),
        float((ranks <= 1).mean()),
        float((ranks <= 5).mean()),
        float(measure(ranks == 1, np.array(outcomes.margins))),
    )


def measure(right: NDArray[np.bool_], margins: NDArray[np.float64]) -> float:
    """Mean over all coverages of the share of right answers, the surest given first."""
    order = np.argsort(-margins, kind="stable")
    return float((np.cumsum(right[order]) / np.arange(1, len(order) + 1)).mean())


def propose(trials: Sequence[Trial], present: Candidate, *, single_share: float) -> Proposal:
    """`single_share`: the share of the catalogue's products that have one photo.

    Raises:
        ValueError: the present candidate was not tried.
    """
    if present not in [trial.candidate for trial in trials]:
        raise ValueError(f"{present} was not tried.")
    by_candidate = {trial.candidate: trial for trial in trials}
    asked = len(by_candidate[present].asked.ranks) >= LEAST_PHOTOS
    on: Literal["asked", "catalogue"] = "asked" if asked else "catalogue"
    if not asked and len(by_candidate[present].several.ranks) < LEAST_PHOTOS:
        return Proposal("too_little", present, present, on)
    if not asked and single_share > 1 - LEAST_SHARE:
        return Proposal("few_with_several", present, present, on)
    draws = {each: _drawn(trial, on, single_share) for each, trial in by_candidate.items()}
    allowed = [
        each
        for each in draws
        if not _harms_single(by_candidate[each], by_candidate[_unadapted(each)], single_share, on)
    ]
    best = max(allowed, key=lambda each: draws[each][0])
    as_good = [each for each in allowed if _worse_by(draws[best], draws[each]) <= _AS_GOOD]
    chosen = min(as_good, key=lambda each: (each.cost, -draws[each][0]))
    gain, error = _difference(draws[chosen], draws[present])
    if chosen == present or (present.cost <= chosen.cost and gain <= _SURE * error):
        return Proposal("keep", present, present, on)
    return Proposal("change", chosen, present, on, gain, error)


Draws = NDArray[np.float64]


def _drawn(trial: Trial, on: str, single_share: float) -> Draws:
    """The measure on all products, then on products drawn with replacement; the same draws for all
    candidates, so that differences are of pairs.
    """
    if on == "asked":
        return _measures(trial.asked)
    several = _measures(trial.several)
    if not single_share or not trial.single.ranks:
        return several
    return (1 - single_share) * several + single_share * _measures(trial.single)


def _measures(outcomes: Outcomes) -> Draws:
    right = np.array(outcomes.ranks) == 1
    margins = np.array(outcomes.margins)
    order = np.argsort(-margins, kind="stable")
    right = right[order]
    _ids, places = np.unique(np.array(outcomes.products)[order], return_inverse=True)
    number = int(places.max()) + 1
    rng = np.random.default_rng(_SEED)
    found = [measure(right, -np.arange(len(right), dtype=np.float64))]
    for _draw in range(_DRAWS):
        weights = np.bincount(rng.integers(number, size=number), minlength=number)[places]
        total = np.cumsum(weights)
        accuracy = np.cumsum(weights * right) / np.maximum(total, 1)
        found.append(float((accuracy * weights).sum() / max(total[-1], 1)))
    return np.array(found)


def _difference(ours: Draws, theirs: Draws) -> tuple[float, float]:
    return float(ours[0] - theirs[0]), float(np.std(ours[1:] - theirs[1:]))


def _worse_by(best: Draws, other: Draws) -> float:
    """How many standard errors one is behind the best."""
    behind, error = _difference(best, other)
    return 0.0 if behind <= 0 else behind / max(error, 1e-9)


def _unadapted(candidate: Candidate) -> Candidate:
    return Candidate(candidate.views, None, candidate.scoring)


def _harms_single(trial: Trial, plain: Trial, single_share: float, on: str) -> bool:
    """Whether an adapter loses more than chance where products have one photo, and there are such.

    What labelled photos show holds for the catalogue as it is, products with one photo included.
    """
    if trial is plain or not single_share or on == "asked" or not trial.single.ranks:
        return False
    gain, error = _difference(_measures(trial.single), _measures(plain.single))
    return gain < -_SURE * error
