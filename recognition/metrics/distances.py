"""Distances between vectors. Small is near, for each of them."""

from collections.abc import Callable, Iterator
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

# `euclidean` is of the vectors as they are, `euclidean_unit` of the same scaled to length 1; `dot`
# is the negative inner product, as pgvector's operator <#> gives it.
Metric = Literal["cosine", "euclidean", "euclidean_unit", "dot", "manhattan"]
METRICS: tuple[Metric, ...] = get_args(Metric)

# Numbers of one operand that are held in double precision at a time.
_NUMBERS_AT_ONCE = 1_000_000
# Sums over the same numbers differ in their last bits with their place in a matrix; equal vectors
# shall be equally far.
_DECIMALS = 10


def checked(vectors: ArrayLike) -> NDArray[np.float32]:
    """
    Raises:
        ValueError: they are no rows of finite numbers.
    """
    array = np.asarray(vectors, dtype=np.float32)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError("Vectors are rows of numbers, all of the same length.")
    if not np.isfinite(array).all():
        raise ValueError("A vector holds a number that is not finite.")
    return array


def lengths(vectors: ArrayLike) -> NDArray[np.float64]:
    """Euclidean lengths of rows."""
    array = checked(vectors)
    return np.concatenate(
        [np.linalg.norm(_double(array[rows]), axis=1) for rows in _blocks(*array.shape)]
        or [np.empty(0)]
    )


def paired(
    metric: Metric,
    left: ArrayLike,
    right: ArrayLike,
    places: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> NDArray[np.float64]:
    """The distance of each row of `left` to the same row of `right`; or of the rows at the places in
    both, which are not all copied at once.

    Raises:
        ValueError: they do not fit, a number is not finite, or a vector without direction has none.
    """
    one, other = checked(left), checked(right)
    rows = np.arange(len(one))
    first, second = places or (rows, np.arange(len(other)))
    if one.shape[1] != other.shape[1] or len(first) != len(second):
        raise ValueError("Each vector needs its partner.")
    function = _PAIRED[metric]
    parts = [
        function(_double(one[first[block]]), _double(other[second[block]]))
        for block in _blocks(len(first), one.shape[1])
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def between(metric: Metric, left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """The distances of all rows of `left` (n) to all of `right` (m), as a matrix (n, m).

    Raises:
        ValueError: as `paired`.
    """
    one, other = checked(left), checked(right)
    if one.shape[1] != other.shape[1]:
        raise ValueError("Vectors of different dimensions have no distance.")
    result = np.empty((len(one), len(other)))
    double = _double(one)
    for columns in _blocks(*other.shape):
        result[:, columns] = _BETWEEN[metric](double, _double(other[columns]))
    return result


def _blocks(rows: int, dimension: int) -> Iterator[slice]:
    step = max(1, _NUMBERS_AT_ONCE // dimension)
    return (slice(start, start + step) for start in range(0, rows, step))


def _double(array: NDArray[np.float32]) -> NDArray[np.float64]:
    return array.astype(np.float64)


def _units(array: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(array, axis=1, keepdims=True)
    if not length.all():
        raise ValueError("A vector of length 0 has no direction.")
    return array / length


_Function = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def _inner(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("nd,nd->n", a, b))


_PAIRED: dict[Metric, _Function] = {
    "cosine": lambda a, b: np.round(1 - _inner(_units(a), _units(b)), _DECIMALS),
    "euclidean": lambda a, b: np.linalg.norm(a - b, axis=1),
    "euclidean_unit": lambda a, b: np.linalg.norm(_units(a) - _units(b), axis=1),
    "dot": lambda a, b: np.round(-_inner(a, b), _DECIMALS),
    "manhattan": lambda a, b: np.abs(a - b).sum(axis=1),
}
_BETWEEN: dict[Metric, _Function] = {
    "cosine": lambda a, b: np.round(1 - _units(a) @ _units(b).T, _DECIMALS),
    # By differences, not by the expanded square, whose error is largest where photos are alike.
    "euclidean": lambda a, b: cdist(a, b, "euclidean"),
    "euclidean_unit": lambda a, b: cdist(_units(a), _units(b), "euclidean"),
    "dot": lambda a, b: np.round(-(a @ b.T), _DECIMALS),
    "manhattan": lambda a, b: cdist(a, b, "cityblock"),
}
