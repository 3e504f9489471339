"""Fitting adapters, and keeping them."""

import numpy as np
import pytest

from recognition.adapters import Adapter, Recipe, TooFewPhotos, fit_adapter, fit_all, photo_folds
from recognition.adapters.within_class import DISCRIMINANT, WHITENING


def shop(
    products: int = 40, photos: int = 6, dimension: int = 24, seed: int = 3, noise: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Products that differ in all directions; photos differ by `noise`, much in the first four."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(products, dimension))
    strays = rng.normal(size=(products, photos, dimension)) * np.where(
        np.arange(dimension) < 4, 6.0, noise
    )
    vectors = (centres[:, None] + strays).reshape(-1, dimension)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.arange(products), photos)


def first_right(vectors: np.ndarray, products: np.ndarray) -> float:
    distances = 1 - vectors @ vectors.T
    np.fill_diagonal(distances, 9)
    return float((products[distances.argmin(axis=1)] == products).mean())


@pytest.mark.parametrize("method", [WHITENING, DISCRIMINANT])
def test_what_makes_photos_of_one_product_differ_is_divided_out(method: str) -> None:
    vectors, products = shop()
    new, of = shop(seed=3)
    half = np.arange(len(products)) % 2 == 0
    adapter = fit_adapter(vectors[half], products[half], Recipe(method, 0.05))
    assert first_right(new[~half], of[~half]) < 0.5
    assert first_right(adapter.apply(new[~half]), of[~half]) > 0.95


def test_adapted_vectors_have_length_one_and_the_stated_dimension() -> None:
    vectors, products = shop(products=20)
    whitened, discriminant = fit_all(
        vectors, products, [Recipe(WHITENING, 0.1), Recipe(DISCRIMINANT, 0.1)]
    )
    assert (whitened.takes, whitened.dimension) == (24, 24)
    assert (discriminant.takes, discriminant.dimension) == (24, 19)
    for adapter in (whitened, discriminant):
        lengths = np.linalg.norm(adapter.apply(vectors), axis=1)
        np.testing.assert_allclose(lengths, 1, rtol=1e-5)


def test_full_shrinkage_only_moves_the_mean() -> None:
    vectors, products = shop()
    adapter = fit_adapter(vectors, products, Recipe(WHITENING, 1.0))
    moved = vectors - vectors.mean(axis=0)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(adapter.apply(vectors), moved, atol=1e-5)


def test_a_vector_on_the_mean_is_still_a_vector() -> None:
    vectors, products = shop()
    adapter = fit_adapter(vectors, products, Recipe(WHITENING, 0.1))
    assert np.linalg.norm(adapter.apply(adapter.mean[None])) == pytest.approx(1)


def test_too_few_photos_teach_nothing() -> None:
    vectors, products = shop(products=49, photos=2)
    with pytest.raises(TooFewPhotos, match="49 photos beyond"):
        fit_adapter(vectors, products, Recipe(WHITENING, 0.1))


def test_one_photo_a_product_teaches_nothing() -> None:
    vectors, _products = shop()
    with pytest.raises(TooFewPhotos):
        fit_adapter(vectors, np.arange(len(vectors)), Recipe(WHITENING, 0.1))


def test_the_same_photos_give_the_same_bytes_in_any_number_of_products() -> None:
    vectors, products = shop()
    one = fit_adapter(vectors, products, Recipe(WHITENING, 0.1))
    other = fit_adapter(vectors, products * 7 + 100, Recipe(WHITENING, 0.1))
    assert one.to_bytes() == other.to_bytes()
    assert one.digest == other.digest


def test_it_comes_back_from_its_bytes() -> None:
    vectors, products = shop()
    adapter = fit_adapter(vectors, products, Recipe(DISCRIMINANT, 0.2))
    back = Adapter.from_bytes(adapter.to_bytes())
    np.testing.assert_array_equal(back.apply(vectors), adapter.apply(vectors))
    assert back.digest == adapter.digest


@pytest.mark.parametrize(
    "data", [b"", b"RVA1", b"XXXX" + b"\0" * 8, b"RVA1\x05\0\0\0\x05\0\0\0" + b"\0" * 8]
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the bytes"):
        Adapter.from_bytes(data)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Adapter(np.full(2, np.nan, dtype=np.float32), np.eye(2, dtype=np.float32))


def test_folds_never_hold_out_all_photos_of_a_product() -> None:
    products = np.repeat(np.arange(30), np.arange(30) % 4 + 1)
    folds = photo_folds(products, 5, seed=1)
    assert set(folds.tolist()) == set(range(5))
    for product in range(30):
        held_out = folds[products == product]
        assert len(held_out) == 1 or len(set(held_out.tolist())) == min(len(held_out), 5)
