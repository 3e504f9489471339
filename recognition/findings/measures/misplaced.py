"""Photos that sit on the wrong product."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.findings.measures.metric import Frame, LearnedMeasure
from recognition.findings.measures.mixture import Mixture, separate
from recognition.findings.measures.photos import Photos, Surroundings

_MOST_MADE = 1000
# The nearest few of a product's photos: one alone may be a chance likeness, all of them would count
# views that the photo does not show.
_NEAREST = 3
_FEATURES = 8
Cases = list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class PlaceEvidence:
    """Photos of products with more than one: their rows, and the product that each belongs to
    rather than its own.
    """

    rows: NDArray[np.int64]
    better: NDArray[np.int64]
    mixture: Mixture | None


def place_evidence(
    photos: Photos, around: Surroundings, measure: LearnedMeasure, *, rng: np.random.Generator
) -> PlaceEvidence:
    """Each photo's own product against the best of its nearest others; and, as what a misplaced
    photo looks like, photos held against a random product, with their own among the others.
    """
    rows = np.flatnonzero(photos.counts[photos.owner] > 1)
    observed: Cases = [
        (int(row), int(photos.owner[row]), int(rival))
        for row in rows
        for rival in around.rivals[row]
    ]
    made = _made(photos, around, rng)
    features = _compare(photos, measure, observed + made)
    best, better = _best(observed, features[: len(observed)])
    made_best, _theirs = _best(made, features[len(observed) :])
    at = np.array(sorted(best), dtype=np.int64)
    if not len(at):
        return PlaceEvidence(at, at, None)
    observed_features = np.array([best[row] for row in at])
    made_features = np.array(list(made_best.values())).reshape(-1, _FEATURES)
    mixture = separate(observed_features, made_features)
    return PlaceEvidence(at, np.array([better[row] for row in at]), mixture)


def _made(photos: Photos, around: Surroundings, rng: np.random.Generator) -> Cases:
    several = np.flatnonzero(photos.counts > 1)
    rows = np.flatnonzero(photos.counts[photos.owner] > 2)
    cases: Cases = []
    if len(several) < 2:
        return cases
    for row in rng.permutation(rows)[:_MOST_MADE]:
        true, wrong = int(photos.owner[row]), int(rng.choice(several))
        if wrong == true:
            continue
        # As many as are looked at for a photo that really sits there.
        rivals, nearness = around.rivals[row], around.nearness[row]
        at = int((nearness > around.own[row]).sum())
        others = [int(other) for other in np.insert(rivals, at, true) if other != wrong]
        cases += [(int(row), wrong, other) for other in others[: len(rivals)]]
    return cases


def _compare(photos: Photos, measure: LearnedMeasure, cases: Cases) -> NDArray[np.float64]:
    features = np.zeros((len(cases), _FEATURES))
    by_groups: dict[tuple[int, int], list[int]] = {}
    for at, (_row, own, other) in enumerate(cases):
        first, second = sorted((int(measure.group[own]), int(measure.group[other])))
        by_groups.setdefault((first, second), []).append(at)
    for frame in measure.frames():
        for at in by_groups.get(frame.groups, ()):
            features[at] = _features(photos, frame, *cases[at])
    return features


def _features(photos: Photos, frame: Frame, row: int, own: int, other: int) -> list[float]:
    photo = frame.vectors[row]
    found: list[float] = []
    typical: list[float] = []
    for product in (own, other):
        rows = photos.rows(product)
        vectors = frame.vectors[rows[rows != row]]
        similar = np.sort(vectors @ photo)[::-1]
        found += [float(similar[:_NEAREST].mean()), float(similar.mean()), float(similar[0])]
        inside = np.sort((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)])
        usual = np.searchsorted(inside, similar).mean() / len(inside) if len(inside) else 0.5
        typical.append(float(usual))
    return [*found, *typical]


def _best(
    cases: Cases, features: NDArray[np.float64]
) -> tuple[dict[int, NDArray[np.float64]], dict[int, int]]:
    """For each photo, the other product that it is nearest to."""
    best: dict[int, NDArray[np.float64]] = {}
    product: dict[int, int] = {}
    for (row, _own, other), values in zip(cases, features, strict=True):
        if row not in best or values[3] > best[row][3]:
            best[row], product[row] = values, other
    return best, product
