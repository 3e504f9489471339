"""Error against coverage: how many answers are wrong if only the surest are given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Coverage:
    """From the strictest threshold to none: the share of answers given, and the share of those that
    are wrong.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    error: NDArray[np.float64]


def error_by_coverage(doubt: ArrayLike, right: ArrayLike) -> Coverage | None:
    """`doubt` is small where an answer is sure, as a distance; equal ones are given together.

    Raises:
        ValueError: a doubt is not a number, or they are not as many as there are answers.
    """
    doubts, correct = np.asarray(doubt, dtype=np.float64), np.asarray(right, dtype=bool)
    if doubts.shape != correct.shape or doubts.ndim != 1:
        raise ValueError("Each answer has one doubt and is right or wrong.")
    if np.isnan(doubts).any():
        raise ValueError("A doubt is not a number.")
    if not len(doubts):
        return None
    order = np.argsort(doubts, kind="stable")
    ordered, wrong = doubts[order], np.cumsum(~correct[order])
    ends = np.flatnonzero(np.append(ordered[1:] > ordered[:-1], True))
    given = ends + 1
    return Coverage(ordered[ends], given / len(doubts), wrong[ends] / given)


def area_under(curve: Coverage) -> float:
    """The mean error over all coverages, each answer as one step."""
    steps = np.diff(np.concatenate([[0.0], curve.coverage]))
    return float((steps * curve.error).sum())
