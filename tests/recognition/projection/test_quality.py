"""Figures of a plane against known values."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from recognition.projection import (
    ALONE,
    RIGHT,
    WRONG,
    Quality,
    first_is_right,
    lay_out,
    measure_quality,
)


def around_a_circle(degrees: list[float]) -> np.ndarray:
    """Unit vectors whose neighbours are plain to see."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def cloud(number: int, dimension: int = 20, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(number, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_plane_that_keeps_everything_is_trusted_wholly() -> None:
    vectors = around_a_circle([0, 10, 25, 45, 70, 100, 140, 190, 240, 300])
    assert measure_quality(vectors, vectors, np.zeros(10)).trustworthiness == 1.0


@pytest.mark.parametrize("seed", [1, 2])
def test_trustworthiness_is_scikit_learns(seed: int) -> None:
    vectors = cloud(120, seed=seed)
    for positions in (
        lay_out(vectors).positions,
        np.random.default_rng(seed).normal(size=(120, 2)),
    ):
        known = trustworthiness(vectors, positions, n_neighbors=5)
        found = measure_quality(vectors, positions, np.zeros(120))
        assert found.trustworthiness == pytest.approx(known, abs=1e-3)
        assert (found.points, found.judged, found.trust_neighbours) == (120, 120, 5)


def test_a_sample_is_held_against_all_and_says_so() -> None:
    vectors = cloud(400)
    positions = lay_out(vectors).positions
    labels = np.arange(400) % 4
    whole = measure_quality(vectors, positions, labels)
    part = measure_quality(vectors, positions, labels, most=150, seed=3)
    assert part.judged == 150
    assert part.points == 400
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.03)
    assert part.same_category_full == pytest.approx(whole.same_category_full, abs=0.06)


def test_neighbours_of_the_same_category_are_counted_by_hand() -> None:
    # In all dimensions each has one neighbour of its own; on the plane the categories are mixed up.
    vectors = around_a_circle([0, 1, 90, 91])
    positions = np.array([[0.0, 0], [10, 0], [0, 1], [10, 1]])
    found = measure_quality(vectors, positions, np.array([7, 7, 8, 8]))
    assert found.category_neighbours == 3
    assert found.same_category_full == pytest.approx(1 / 3)
    assert found.same_category_plane == pytest.approx(1 / 3)


def test_the_share_tells_a_plane_that_mixes_from_one_that_does_not() -> None:
    vectors = around_a_circle([*np.linspace(0, 20, 12), *np.linspace(180, 200, 12)])
    labels = np.repeat([1, 2], 12)
    apart = measure_quality(vectors, vectors, labels)
    mixed = measure_quality(vectors, np.random.default_rng(0).normal(size=(24, 2)), labels)
    assert apart.same_category_full == apart.same_category_plane == 1.0
    assert mixed.same_category_full == 1.0
    assert mixed.same_category_plane is not None
    assert mixed.same_category_plane < 0.7


@pytest.mark.parametrize("number", [0, 1])
def test_too_few_points_have_no_quality(number: int) -> None:
    vectors = cloud(number)
    found = measure_quality(vectors, np.zeros((number, 2)), np.zeros(number))
    assert found == Quality(points=number, judged=number)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_few_points(number: int) -> None:
    vectors = cloud(number)
    found = measure_quality(vectors, lay_out(vectors).positions, np.zeros(number))
    assert found.same_category_full == found.same_category_plane == 1.0
    if number == 2:
        assert found.trustworthiness is None
    else:
        assert found.trustworthiness is not None
        assert 0 <= found.trustworthiness <= 1


def test_identical_photos_are_each_others_neighbours_whatever_the_order() -> None:
    vectors = np.repeat(cloud(1), 30, axis=0)
    found = measure_quality(vectors, np.zeros((30, 2)), np.arange(30))
    assert found.trustworthiness == 1.0
    assert found.same_category_full == found.same_category_plane == 0.0


def test_the_nearest_other_photo_is_right_wrong_or_there_is_none() -> None:
    vectors = around_a_circle([0, 2, 90, 91, 200, 350])
    products = np.array([1, 1, 2, 3, 2, 4])
    found = first_is_right(vectors, products)
    # 90 has 91 of another product nearest; 200 has its own far away, behind 91 and all.
    assert found.tolist() == [RIGHT, RIGHT, WRONG, ALONE, WRONG, ALONE]


def test_a_tie_is_no_merit() -> None:
    vectors = np.repeat(cloud(1), 4, axis=0)
    assert first_is_right(vectors, np.array([1, 1, 2, 2])).tolist() == [WRONG] * 4


def test_no_photos_at_all() -> None:
    assert first_is_right(np.empty((0, 8), np.float32), np.empty(0)).tolist() == []
