"""Two products whose photos mix as if they were of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.findings.measures.metric import GROUPS, Frame, LearnedMeasure
from recognition.findings.measures.mixture import Mixture, at_share, separate
from recognition.findings.measures.photos import Photos

# A product of few photos can be split in few ways; more splits of it add nothing.
_SPLITS = 4
# Splits made, in all: beyond, the model no longer changes.
_MOST_SPLIT = 1000


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """`interleaved`: how often a photo of the other product is nearer than one of its own, 0.5 where
    they mix as one. NaN where neither has two photos. `mixture` is None where the catalogue cannot
    tell how sure that is.
    """

    interleaved: NDArray[np.float64]
    mixture: Mixture | None
    split: int


def duplicate_evidence(
    photos: Photos,
    pairs: NDArray[np.int64],
    measure: LearnedMeasure,
    *,
    names: NDArray[np.float64] | None = None,
    rng: np.random.Generator,
) -> PairEvidence:
    """`names` holds, for each pair, by how much its names speak for one product (a ratio)."""
    features = np.full((len(pairs), 3), np.nan)
    made: list[list[float]] = []
    of_pair = _by_groups(measure, pairs)
    # Halves are noisier than whole products; those of the products with most photos, least.
    several = photos.counts[photos.counts > 2]
    enough = max(3, float(np.median(several))) if len(several) else 3
    to_split = rng.permutation(np.flatnonzero(photos.counts >= enough))[:_MOST_SPLIT]
    for frame in measure.frames():
        pool = _within(photos, frame, measure, rng)
        for at in of_pair.get(frame.groups, ()):
            a, b = pairs[at]
            features[at] = _features(
                frame.vectors[photos.rows(a)], frame.vectors[photos.rows(b)], pool
            )
        if frame.groups[0] == frame.groups[1]:
            mine = to_split[measure.group[to_split] == frame.groups[0]]
            made += _split(photos, frame, mine, pool, rng)
    mixture = _mixture(features, np.array(made).reshape(-1, 3), names)
    return PairEvidence(features[:, 0], mixture, len(to_split))


def _mixture(
    features: NDArray[np.float64], made: NDArray[np.float64], names: NDArray[np.float64] | None
) -> Mixture | None:
    told = np.isfinite(features).all(axis=1)
    mixture = separate(features[told], made[np.isfinite(made).all(axis=1)])
    if mixture is None:
        return None
    # Where photos tell nothing, names alone speak.
    ratio = np.ones(len(features))
    ratio[told] = mixture.ratio
    if names is not None:
        ratio *= names
    return at_share(ratio, mixture.share)


def _by_groups(
    measure: LearnedMeasure, pairs: NDArray[np.int64]
) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {
        (a, b): [] for a in range(GROUPS) for b in range(a, GROUPS)
    }
    for at, (a, b) in enumerate(pairs):
        first, second = sorted((int(measure.group[a]), int(measure.group[b])))
        found[first, second].append(at)
    return found


def _within(
    photos: Photos, frame: Frame, measure: LearnedMeasure, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Similarities of photos of one product, sorted: what is usual in this frame."""
    several = [
        p for p in np.flatnonzero(photos.counts > 1) if int(measure.group[p]) in frame.groups
    ]
    found = [
        _pairs_of(frame.vectors[photos.rows(p)]) for p in rng.permutation(several)[:_MOST_SPLIT]
    ]
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.float32)


def _pairs_of(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def _split(
    photos: Photos, frame: Frame, products: Sequence[int] | NDArray[np.int64],
    pool: NDArray[np.float32], rng: np.random.Generator,
) -> list[list[float]]:  # fmt: skip
    """What duplicates look like: products entered twice, each entry with half of the photos."""
    made = []
    for product in products:
        for _turn in range(_SPLITS):
            rows = rng.permutation(photos.rows(int(product)))
            half = len(rows) // 2
            made.append(_features(frame.vectors[rows[:half]], frame.vectors[rows[half:]], pool))
    return made


def _features(
    a: NDArray[np.float32], b: NDArray[np.float32], pool: NDArray[np.float32]
) -> list[float]:
    """All three expect the same of one product's photos whatever their number: how they interleave;
    how much farther the other product's are than one's own; how near they are for photos of one
    product in this catalogue.
    """
    across = a @ b.T
    both = (_nearer(a, across), _nearer(b, across.T))
    shares = [share for share in both if share is not None]
    if not shares or not len(pool):
        return [np.nan] * 3
    inner = [_pairs_of(side).mean() for side in (a, b) if len(side) > 1]
    usual = np.searchsorted(pool, across.ravel()).mean() / len(pool)
    return [float(np.mean(shares)), float(across.mean() - np.mean(inner)), float(usual)]


def _nearer(side: NDArray[np.float32], across: NDArray[np.float32]) -> float | None:
    """Mean share of a photo's own product that a photo of the other is nearer than; a tie is half."""
    if len(side) < 2:
        return None
    inside = side @ side.T
    total = 0.0
    for row in range(len(side)):
        own = np.sort(np.delete(inside[row], row))
        below = np.searchsorted(own, across[row], "left")
        upto = np.searchsorted(own, across[row], "right")
        total += float((below + upto).mean()) / 2 / len(own)
    return total / len(side)
