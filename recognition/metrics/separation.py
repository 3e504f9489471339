"""How well distances tell pairs of the same product from pairs of different ones.

A pair counts as accepted where its distance is at most the threshold. Where one of the two kinds is
missing, nothing can be told: the figures are then None.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Roc:
    """Shares that are accepted by threshold, which grows. The first accepts nothing."""

    thresholds: _Floats
    false_accepts: _Floats
    true_accepts: _Floats


@dataclass(frozen=True, slots=True)
class EqualError:
    """Where as large a share of the different is accepted as of the same is refused."""

    rate: float
    threshold: float


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """`precision` None: nothing is accepted."""

    threshold: float
    precision: float | None
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """Shares of the two kinds in bins, which they have in common."""

    edges: _Floats
    same: _Floats
    different: _Floats


def distances_of(values: ArrayLike) -> _Floats:
    """
    Raises:
        ValueError: one is no number.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    if not np.isfinite(array).all():
        raise ValueError("A distance is not finite.")
    return array


def roc(same: ArrayLike, different: ArrayLike) -> Roc | None:
    one, other = np.sort(distances_of(same)), np.sort(distances_of(different))
    if not len(one) or not len(other):
        return None
    thresholds = np.unique(np.concatenate([one, other]))
    return Roc(
        thresholds=np.concatenate([[-np.inf], thresholds]),
        false_accepts=np.concatenate([[0.0], _share_within(other, thresholds)]),
        true_accepts=np.concatenate([[0.0], _share_within(one, thresholds)]),
    )


def auroc(same: ArrayLike, different: ArrayLike) -> float | None:
    """The chance that a pair of the same product is nearer than one of different products; equal
    ones count half.
    """
    one, other = distances_of(same), np.sort(distances_of(different))
    if not len(one) or not len(other):
        return None
    farther = len(other) - np.searchsorted(other, one, side="right")
    equal = len(other) - np.searchsorted(other, one, side="left") - farther
    return float((farther + equal / 2).mean() / len(other))


def equal_error(curve: Roc) -> EqualError:
    """On the line between the two points of the curve where the rates cross."""
    refused = 1 - curve.true_accepts
    gap = curve.false_accepts - refused
    at = int(np.argmax(gap >= 0))  # the last point accepts all, so there is one, and not the first
    before, after = gap[at - 1], gap[at]
    share = float(before / (before - after))
    rate = curve.false_accepts[at - 1] + share * (
        curve.false_accepts[at] - curve.false_accepts[at - 1]
    )
    # Nothing lies between no threshold and the first.
    low = curve.thresholds[at - 1] if at > 1 else curve.thresholds[at]
    return EqualError(float(rate), float(low + share * (curve.thresholds[at] - low)))


def by_threshold(
    same: ArrayLike,
    different: ArrayLike,
    thresholds: ArrayLike,
    *,
    same_of: int | None = None,
    different_of: int | None = None,
) -> list[AtThreshold]:
    """Precision, recall and F1 at each threshold.

    `same_of` and `different_of` are how many pairs there are of which these were drawn: precision
    is of all pairs then, not of the sample, in which the kinds may stand in another proportion.
    """
    one, other = np.sort(distances_of(same)), np.sort(distances_of(different))
    places = distances_of(thresholds)
    precision, recall, f1 = _rates(one, other, places, same_of, different_of)
    return [
        AtThreshold(float(t), None if np.isnan(p) else float(p), float(r), float(f))
        for t, p, r, f in zip(places, precision, recall, f1, strict=True)
    ]


def best_f1(
    same: ArrayLike,
    different: ArrayLike,
    *,
    same_of: int | None = None,
    different_of: int | None = None,
) -> AtThreshold | None:
    """Over all distances that occur, the smallest of equally good ones."""
    one, other = np.sort(distances_of(same)), np.sort(distances_of(different))
    if not len(one) or not len(other):
        return None
    places = np.unique(one)  # between two of these, only false accepts are added
    precision, recall, f1 = _rates(one, other, places, same_of, different_of)
    at = int(np.argmax(f1))
    return AtThreshold(float(places[at]), float(precision[at]), float(recall[at]), float(f1[at]))


def distribution(same: ArrayLike, different: ArrayLike, bins: int = 60) -> Distribution | None:
    one, other = distances_of(same), distances_of(different)
    both = np.concatenate([one, other])
    if not len(both):
        return None
    edges = np.histogram_bin_edges(both, bins=bins)
    shares = [np.histogram(values, bins=edges)[0] / max(len(values), 1) for values in (one, other)]
    return Distribution(edges, *shares)


def thinned(columns: Sequence[ArrayLike], most: int) -> list[_Floats]:
    """Of a curve with many points those that show its shape: evenly spaced along its way over the
    first two columns, both ends included.
    """
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    if len(arrays[0]) <= most:
        return arrays
    steps = [np.abs(np.diff(array)) / (float(np.ptp(array)) or 1.0) for array in arrays[:2]]
    way = np.concatenate([[0.0], np.cumsum(sum(steps))])
    places = np.unique(np.searchsorted(way, np.linspace(0, way[-1], most)))
    places = np.unique(np.concatenate([[0], places, [len(way) - 1]]))
    return [array[places] for array in arrays]


def _share_within(ordered: _Floats, thresholds: _Floats) -> _Floats:
    return np.searchsorted(ordered, thresholds, side="right") / max(len(ordered), 1)


def _rates(
    same: _Floats,
    different: _Floats,
    thresholds: _Floats,
    same_of: int | None,
    different_of: int | None,
) -> tuple[_Floats, _Floats, _Floats]:
    recall = _share_within(same, thresholds)
    right = recall * (len(same) if same_of is None else same_of)
    wrong = _share_within(different, thresholds)
    wrong = wrong * (len(different) if different_of is None else different_of)
    with np.errstate(invalid="ignore"):
        precision = right / (right + wrong)
        f1 = 2 * precision * recall / (precision + recall)
    return precision, recall, np.nan_to_num(f1)
