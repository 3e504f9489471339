"""How far a plane may be believed: what it keeps of the neighbourhoods in all dimensions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Neighbours that are looked at, as scikit-learn's trustworthiness does by default for the one, and
# as many as a search shows for the other.
TRUST_NEIGHBOURS = 5
CATEGORY_NEIGHBOURS = 10
# Points that are judged, each against all others: beyond, they are drawn by lot.
MOST_JUDGED = 5000
# Distances that are held at a time: 32 MB.
_AT_ONCE = 8_000_000

# Whether the photo that is nearest to a photo shows its product.
ALONE, WRONG, RIGHT = -1, 0, 1

_Floats = NDArray[np.float32]
_Ints = NDArray[np.int64]
OnPart = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Quality:
    """`trustworthiness` 0..1 (Venna & Kaski 2001): 1 where no point has a neighbour on the plane
    that it has not in all dimensions. The shares are those of neighbours of the same category.
    None where there are too few points to tell. `judged` of `points` were looked at.
    """

    points: int
    judged: int
    trustworthiness: float | None = None
    trust_neighbours: int = 0
    same_category_plane: float | None = None
    same_category_full: float | None = None
    category_neighbours: int = 0


def measure_quality(
    vectors: ArrayLike,
    positions: ArrayLike,
    categories: ArrayLike,
    *,
    seed: int = 0,
    most: int = MOST_JUDGED,
    on_part: OnPart = lambda _done, _total: None,
) -> Quality:
    """`vectors` (n, dimension) of unit length, `positions` (n, 2), `categories` (n,) as numbers."""
    full, plane = np.asarray(vectors, np.float32), np.asarray(positions, np.float64)
    labels = np.asarray(categories)
    number = len(full)
    judged = np.arange(number)
    if number > most:
        judged = np.sort(np.random.default_rng(seed).permutation(number)[:most])
    near = min(CATEGORY_NEIGHBOURS, number - 1)
    # Its formula holds for fewer than half of the points.
    trusted = min(TRUST_NEIGHBOURS, (number - 1) // 2)
    if near < 1:
        return Quality(number, len(judged))
    there = _neighbours_on_plane(plane, judged, near)
    penalty, same = 0.0, 0
    for rows in _parts(len(judged), number):
        chosen = judged[rows]
        distances = _distances(full, chosen)
        if trusted:
            of_plane = np.take_along_axis(distances, there[rows, :trusted], axis=1)
            ranks = np.sort(distances, axis=1)
            for at, line in enumerate(ranks):
                rank = np.searchsorted(line, of_plane[at], side="left") + 1
                penalty += float(np.maximum(rank - trusted, 0).sum())
        nearest = np.argpartition(distances, near - 1, axis=1)[:, :near]
        same += int((labels[nearest] == labels[chosen][:, None]).sum())
        on_part(rows.stop, len(judged))
    trust = None
    if trusted:
        worst = len(judged) * trusted * (2 * number - 3 * trusted - 1)
        trust = 1 - 2 * penalty / worst
    return Quality(
        points=number,
        judged=len(judged),
        trustworthiness=trust,
        trust_neighbours=trusted,
        same_category_plane=float((labels[there] == labels[judged][:, None]).mean()),
        same_category_full=same / (len(judged) * near),
        category_neighbours=near,
    )


def first_is_right(
    vectors: ArrayLike,
    products: ArrayLike,
    *,
    on_part: OnPart = lambda _done, _total: None,
) -> NDArray[np.int8]:
    """For each photo, left out: does the nearest other photo show its product? RIGHT, WRONG, or
    ALONE where its product has no other photo. A tie with another product is WRONG: luck is no merit.
    """
    full, owners = np.asarray(vectors, np.float32), np.asarray(products)
    found = np.full(len(full), ALONE, dtype=np.int8)
    _names, inverse, counts = np.unique(owners, return_inverse=True, return_counts=True)
    asked = np.flatnonzero(counts[inverse] > 1)
    for rows in _parts(len(asked), len(full)):
        chosen = asked[rows]
        distances = _distances(full, chosen)
        own = owners[None, :] == owners[chosen][:, None]
        nearest_own = np.where(own, distances, np.inf).min(axis=1)
        nearest_other = np.where(own, np.inf, distances).min(axis=1)
        found[chosen] = np.where(nearest_own < nearest_other, RIGHT, WRONG)
        on_part(rows.stop, len(asked))
    return found


def first_in_gallery(
    asked: ArrayLike, asked_of: ArrayLike, gallery: ArrayLike, gallery_of: ArrayLike
) -> NDArray[np.int8]:
    """As `first_is_right`, of photos that are not in the gallery: ALONE where it holds none of
    their product.
    """
    queries, photos = np.asarray(asked, np.float32), np.asarray(gallery, np.float32)
    owners, of = np.asarray(gallery_of), np.asarray(asked_of)
    found = np.full(len(queries), ALONE, dtype=np.int8)
    known = np.flatnonzero(np.isin(of, owners))
    for rows in _parts(len(known), len(photos)):
        chosen = known[rows]
        distances = np.round(1 - queries[chosen] @ photos.T, 6)
        own = owners[None, :] == of[chosen][:, None]
        nearest_own = np.where(own, distances, np.inf).min(axis=1)
        nearest_other = np.where(own, np.inf, distances).min(axis=1)
        found[chosen] = np.where(nearest_own < nearest_other, RIGHT, WRONG)
    return found


def _parts(rows: int, columns: int) -> list[slice]:
    step = max(1, _AT_ONCE // max(columns, 1))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def _distances(full: _Floats, chosen: _Ints) -> _Floats:
    """Cosine distances of some to all; infinite to itself."""
    # Rounded, so that identical photos are equally far whatever the order of the sums.
    distances = np.round(1 - full[chosen] @ full.T, 6)
    distances[np.arange(len(chosen)), chosen] = np.inf
    return np.asarray(distances, np.float32)


def _neighbours_on_plane(plane: NDArray[np.float64], judged: _Ints, near: int) -> _Ints:
    """(judged, near) nearest others on the plane, nearest first."""
    from scipy.spatial import cKDTree  # noqa: PLC0415

    _far, found = cKDTree(plane).query(plane[judged], k=near + 1)
    found = np.atleast_2d(found)
    itself = found == judged[:, None]
    # Where many lie on one spot, a point may not be among its own nearest: then the last one goes.
    itself[~itself.any(axis=1), -1] = True
    return np.asarray(found[~itself].reshape(len(judged), near), dtype=np.int64)
