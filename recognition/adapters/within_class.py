"""Fitting: shrunk within-class whitening, and linear discriminant analysis as its rival.

Photos of one product differ by light, angle and background; the directions in which they differ most
say least about the product. Whitening divides them out: with W the covariance of the photos about
their products' means, vectors become (x - mean) @ W^-1/2 (Hatch, Kajarekar & Stolcke, "Within-class
covariance normalization", 2006). W is shrunk towards a multiple of the identity, since there are
fewer photos than dimensions (Ledoit & Wolf, 2004). The discriminant keeps, after whitening, only
the directions in which the products' means differ (Fisher, 1936; Rao, 1948).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.adapters.adapter import Adapter

Floats = NDArray[np.float64]
# Fewer photos beyond each product's first teach nothing about how photos of a product differ.
LEAST_PHOTOS = 50
_SMALLEST = 1e-10
# Share of the largest eigenvalue below which one is rounding.
_NOTHING = 1e-10


class TooFewPhotos(ValueError):
    """There are not enough products with several photos to learn from."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an adapter is fitted. `shrinkage` 0..1: the share of the identity in W."""

    method: str
    shrinkage: float

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.method} {self.shrinkage:g}"


WHITENING, DISCRIMINANT = "whitening", "discriminant"
RECIPES = (
    *(Recipe(WHITENING, shrinkage) for shrinkage in (0.05, 0.1, 0.2, 0.4)),
    *(Recipe(DISCRIMINANT, shrinkage) for shrinkage in (0.1, 0.2)),
)


def fit_adapter(
    vectors: NDArray[np.floating], products: Sequence[int] | NDArray[np.int64], recipe: Recipe
) -> Adapter:
    """From unit vectors (photos, d) and the product of each.

    Raises:
        TooFewPhotos: fewer than LEAST_PHOTOS photos beyond the first of each product.
    """
    return fit_all(vectors, products, [recipe])[0]


def fit_all(
    vectors: NDArray[np.floating],
    products: Sequence[int] | NDArray[np.int64],
    recipes: Sequence[Recipe],
) -> list[Adapter]:
    """Several at the cost of one: they share the decomposition.

    Raises:
        TooFewPhotos: fewer than LEAST_PHOTOS photos beyond the first of each product.
    """
    x = np.asarray(vectors, dtype=np.float64)
    _ids, places = np.unique(np.asarray(products), return_inverse=True)
    counts = np.bincount(places)
    beyond = int((counts - 1).sum())
    if beyond < LEAST_PHOTOS:
        raise TooFewPhotos(
            f"{beyond} photos beyond the first of each product; {LEAST_PHOTOS} are needed."
        )
    means = np.zeros((len(counts), x.shape[1]))
    np.add.at(means, places, x)
    means /= counts[:, None]
    several = counts[places] > 1
    deviations = (x - means[places])[several]
    values, directions = _eigen(deviations, beyond)
    return [_adapter(recipe, x.mean(axis=0), means, values, directions) for recipe in recipes]


def _eigen(deviations: Floats, freedom: int) -> tuple[Floats, Floats]:
    """Of the covariance of the deviations: eigenvalues above 0 (r,) and directions as columns (d, r).

    With fewer photos than dimensions, by way of their products with each other, which are fewer.
    """
    photos, dimension = deviations.shape
    if photos >= dimension:
        values, directions = np.linalg.eigh(deviations.T @ deviations / freedom)
        return np.maximum(values, 0), directions
    values, weights = np.linalg.eigh(deviations @ deviations.T / freedom)
    real = values > max(float(values[-1]) * _NOTHING, _SMALLEST)
    values, weights = values[real], weights[:, real]
    return values, (deviations.T @ weights) / np.sqrt(values * freedom)


def _adapter(
    recipe: Recipe, mean: Floats, means: Floats, values: Floats, directions: Floats
) -> Adapter:
    dimension = len(mean)
    level = max(float(values.sum()) / dimension, _SMALLEST)
    # The directions in which no photo differed have the shrunk covariance of nothing.
    elsewhere = (recipe.shrinkage * level) ** -0.5
    along = ((1 - recipe.shrinkage) * values + recipe.shrinkage * level) ** -0.5
    matrix = elsewhere * np.eye(dimension) + (directions * (along - elsewhere)) @ directions.T
    if recipe.method == DISCRIMINANT:
        matrix = matrix @ _between((means - mean) @ matrix)
    elif recipe.method != WHITENING:
        raise ValueError(f"There is no method {recipe.method!r}.")
    # To about length 1, so that the numbers are kept with all the digits that they have.
    matrix = matrix * level**0.5
    return Adapter(mean.astype(np.float32), matrix.astype(np.float32))


def _between(means: Floats) -> Floats:
    """Directions in which the means of the products lie, as columns: at most one less than there
    are products.
    """
    most = max(min(len(means) - 1, means.shape[1]), 1)
    _left, _strengths, rows = np.linalg.svd(means, full_matrices=False)
    rows = rows[:most]
    # The sign of a direction is the library's choice; fixing it makes the same photos give the
    # same adapter.
    largest = np.abs(rows).argmax(axis=1)
    signs = np.sign(rows[np.arange(len(rows)), largest])
    return np.asarray((rows * signs[:, None]).T)
