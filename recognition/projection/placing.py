"""A place on a finished plane for a vector that was not there when it was laid out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# Nearest points that have a say.
NEIGHBOURS = 10
_STEPS = 50
# Cosine distances of 16-bit vectors are no finer.
_FINEST = 1e-3


@dataclass(frozen=True, slots=True)
class Placed:
    """`spread`: how far from it the nearest points lie on the plane, weighted; a large one says that
    they lie apart, and that the place means little.
    """

    x: float
    y: float
    spread: float
    weights: Sequence[float]


def place(positions: ArrayLike, distances: ArrayLike) -> Placed | None:
    """The weighted geometric median of the nearest points, nearest first; None without any.

    t-SNE has no function that maps a new vector. A weighted mean would put one whose neighbours lie
    in two groups between them, where nothing is; the median goes to the heavier group (Weiszfeld).
    """
    points = np.asarray(positions, np.float64).reshape(-1, 2)[:NEIGHBOURS]
    if not len(points):
        return None
    far = np.maximum(np.asarray(distances, np.float64)[:NEIGHBOURS], _FINEST)
    weights = far**-2
    weights /= weights.sum()
    at = weights @ points
    scale = float(np.abs(points - at).max()) or 1.0
    for _ in range(_STEPS):
        away = np.maximum(np.linalg.norm(points - at, axis=1), 1e-6 * scale)
        pull = weights / away
        at = (pull / pull.sum()) @ points
    spread = float(weights @ np.linalg.norm(points - at, axis=1))
    return Placed(float(at[0]), float(at[1]), spread, tuple(weights.tolist()))
