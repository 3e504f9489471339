"""The accept point: which answers may be called a match, with a bound on how many are wrong.

Thresholds are tried from the strictest down, and the first that fails ends the walk, so that no
correction for their number is needed; a walk starts at a few places, which share the allowed chance
of failure (fixed-sequence testing with several starts: Angelopoulos, Bates, Candes, Jordan and Lei,
"Learn then Test", 2021; the exact binomial bound for selective prediction: Geifman and El-Yaniv,
"Selective classification for deep neural networks", 2017). The candidates are order statistics of
the scores: given the next score below, those above it are an independent sample of what is
accepted, so that the binomial bound is exact.
"""

from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

# Where walks start, as shares of the evidence, beside one as early as a walk can hope to pass.
_STARTS = (0.3,)
_EARLY = 1.5
_STEPS = 200
# Nobody confirms more; and an estimate so far out says only that the rates are at the limit.
_MOST_NEEDED = 20_000
_PLACES_PLANNED = 60
# A rate that is hardly below the target would need evidence without end.
_PLANNED = 0.98
# Of the allowed chance of failure: for the wrong among the known, the accepted among the unknown,
# and the share of the known that is accepted at all.
_PARTS = (0.6, 0.3, 0.1)


@dataclass(frozen=True, slots=True)
class Sample:
    """Scores of evidence inside a scope, and how many photos there were in and outside of it.

    `unknown_share` None: the evidence is a fair sample of what is asked, its unknown photos
    included, and `scores`/`wrong` hold both. Otherwise they hold the known ones only, and
    `unknown_scores` those of unknown ones, which are weighed by the share.
    """

    scores: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    total: int
    unknown_scores: NDArray[np.float64]
    unknown_total: int
    unknown_share: float | None

    def __post_init__(self) -> None:
        if self.scores.shape != self.wrong.shape:
            raise ValueError("Each score is right or wrong.")


@dataclass(frozen=True, slots=True)
class Choice:
    """An accept point: answers whose score is above `threshold`. `threshold` None: none keeps the
    promise; `needed` is then how many photos of evidence might, if they were like these; None:
    no number would.
    """

    target: float
    threshold: float | None = None
    bound: float | None = None
    accepted: int = 0
    wrong: int = 0
    needed: int | None = None

    def as_data(self) -> dict[str, float | int | None]:
        return {
            "target": self.target, "threshold": self.threshold, "bound": self.bound,
            "accepted": self.accepted, "wrong": self.wrong, "needed": self.needed,
        }  # fmt: skip


def upper_bound(
    hits: NDArray[np.int64] | int, tries: NDArray[np.int64] | int, failure: float
) -> NDArray[np.float64]:
    """Clopper and Pearson's: above the true rate with probability 1 - failure. No tries: 1."""
    hits, tries = np.asarray(hits), np.asarray(tries)
    with np.errstate(invalid="ignore"):
        bound = beta.ppf(1 - failure, hits + 1, np.maximum(tries - hits, 1e-300))
    return np.where(hits >= tries, 1.0, bound)


def lower_bound(
    hits: NDArray[np.int64] | int, tries: NDArray[np.int64] | int, failure: float
) -> NDArray[np.float64]:
    """Below the true rate with probability 1 - failure. No hits: 0."""
    hits, tries = np.asarray(hits), np.asarray(tries)
    with np.errstate(invalid="ignore"):
        bound = beta.ppf(failure, np.maximum(hits, 1e-300), tries - hits + 1)
    return np.where(hits <= 0, 0.0, bound)


def least_accepted(target: float, failure: float) -> int:
    """How many must be accepted, none of them wrong, for the bound to reach the target."""
    return ceil(log(failure) / log(1 - target))


def choose_threshold(sample: Sample, target: float, failure: float = 0.05) -> Choice:
    """The lowest threshold whose share of wrong answers among the accepted is at most `target`,
    but for a chance of `failure`.
    """
    if not 0 < target < 1:
        raise ValueError("A target is a share between 0 and 1.")
    order = np.argsort(-sample.scores, kind="stable")
    scores, wrong = sample.scores[order], np.cumsum(sample.wrong[order], dtype=np.int64)
    # Equal scores are accepted together or not at all; one is left below to be the threshold.
    ends = np.flatnonzero(scores[:-1] > scores[1:]) + 1 if len(scores) > 1 else np.array([], int)
    if not len(ends):
        return Choice(target, needed=_needed(sample, scores, wrong, target, failure))
    starts = _starts(len(scores), target, failure)
    best: Choice | None = None
    for start in starts:
        places = _walk(ends, start)
        bounds = _bounds(sample, scores, wrong, places, failure / len(starts))
        passed = bounds <= target
        held = len(places) if passed.all() else int(np.argmin(passed))
        if not held:
            continue
        place = int(places[held - 1])
        if best is None or place > best.accepted:
            best = Choice(
                target,
                threshold=float((scores[place - 1] + scores[place]) / 2),
                bound=float(bounds[held - 1]),
                accepted=place,
                wrong=int(wrong[place - 1]),
            )
    return best or Choice(target, needed=_needed(sample, scores, wrong, target, failure))


def _starts(evidence: int, target: float, failure: float) -> list[int]:
    least = least_accepted(target, failure / (len(_STARTS) + 1))
    wanted = {ceil(least * _EARLY), *(ceil(share * evidence) for share in _STARTS)}
    return sorted(start for start in wanted if least <= start < evidence) or [least]


def _walk(ends: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """Numbers of accepted, growing, from the first that is not below the start."""
    later = ends[ends >= start]
    step = max(1, len(ends) // _STEPS)
    return later[::step]


def _bounds(
    sample: Sample,
    scores: NDArray[np.float64],
    wrong: NDArray[np.int64],
    places: NDArray[np.int64],
    failure: float,
) -> NDArray[np.float64]:
    """Upper bounds of the share of wrong ones among those accepted, at each place."""
    if not len(places):
        return np.empty(0)
    wrong_there = wrong[places - 1]
    if sample.unknown_share is None:
        return upper_bound(wrong_there, places, failure)
    for_wrong, for_unknown, for_share = (part * failure for part in _PARTS)
    of_known = upper_bound(wrong_there, places, for_wrong)
    taken = accepted_of(sample.unknown_scores, (scores[places - 1] + scores[places]) / 2)
    of_unknown = upper_bound(taken, np.full_like(taken, sample.unknown_total), for_unknown)
    share = lower_bound(places, np.full_like(places, sample.total), for_share)
    return combined(of_known, of_unknown, share, sample.unknown_share)


def accepted_of(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many scores lie above each threshold."""
    ascending = np.sort(scores)
    return np.asarray(len(ascending) - np.searchsorted(ascending, thresholds, side="right"))


def combined(
    wrong_of_known: NDArray[np.float64],
    accepted_of_unknown: NDArray[np.float64],
    accepted_of_known: NDArray[np.float64],
    unknown_share: float,
) -> NDArray[np.float64]:
    """The share of wrong answers among the accepted, where that share of photos is unknown.

    It grows with the first two and falls with the third, so bounds of those bound it.
    """
    known = (1 - unknown_share) * accepted_of_known
    unknown = unknown_share * accepted_of_unknown
    total = known + unknown
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = (known * wrong_of_known + unknown) / total
    return np.where(total > 0, rate, 1.0)


def _needed(
    sample: Sample,
    scores: NDArray[np.float64],
    wrong: NDArray[np.int64],
    target: float,
    failure: float,
) -> int | None:
    """How many photos of evidence would do, if more were like these: at the best place of all.

    An estimate, for planning: the rates of few photos are themselves uncertain.
    """
    if not len(scores):
        return least_accepted(target, failure)
    places = np.arange(1, len(scores) + 1)
    # Half a wrong one more than was seen: none among few is not none for ever.
    rates = (wrong + 0.5) / (places + 1)
    if sample.unknown_share is not None:
        taken = accepted_of(sample.unknown_scores, scores)
        rates = combined(
            rates,
            (taken + 0.5) / (sample.unknown_total + 1),
            places / max(sample.total, 1),
            sample.unknown_share,
        )
    good = np.flatnonzero(rates < target * _PLANNED)
    if not len(good):
        return None
    good = good[:: max(1, len(good) // _PLACES_PLANNED)]
    accepted = _accepted_needed(rates[good], target, failure)
    needed = int(np.ceil(accepted * len(scores) / places[good]).min())
    return needed if needed <= _MOST_NEEDED else None


def _accepted_needed(
    rates: NDArray[np.float64], target: float, failure: float
) -> NDArray[np.int64]:
    """For each rate of wrong answers, the least number of accepted at which it still passes."""
    low = np.full(len(rates), least_accepted(target, failure))
    high = np.full(len(rates), 10 * _MOST_NEEDED)
    while (low < high).any():
        middle = (low + high) // 2
        passes = upper_bound((rates * middle).astype(np.int64), middle, failure) <= target
        high = np.where(passes, middle, high)
        low = np.where(passes, low, np.minimum(middle + 1, high))
    return low
