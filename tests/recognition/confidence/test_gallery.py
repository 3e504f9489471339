"""Ranking in memory: the same numbers as by hand."""

import numpy as np
import pytest

from recognition.confidence import Gallery, scoring


def at(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def cosine(degrees: float) -> float:
    return float(1 - np.cos(np.radians(degrees)))


@pytest.fixture
def gallery() -> Gallery:
    # Product 9 has photos at 10 and 50 degrees and far away; product 4 at 20; unsorted on purpose.
    return Gallery(at(50, 20, 10, 90, 170), [9, 4, 9, 9, 9])


def test_by_the_nearest_photo(gallery: Gallery) -> None:
    scores = gallery.scores(at(0), scoring.NEAREST)
    assert gallery.products.tolist() == [4, 9]
    np.testing.assert_allclose(scores, [[cosine(20), cosine(10)]], atol=1e-6)


def test_by_the_three_nearest_or_as_many_as_there_are(gallery: Gallery) -> None:
    scores = gallery.scores(at(0), scoring.THREE)
    three = np.mean([cosine(10), cosine(50), cosine(90)])
    np.testing.assert_allclose(scores, [[cosine(20), three]], atol=1e-6)


def test_by_the_prototype(gallery: Gallery) -> None:
    mean = at(10, 50, 90, 170).mean(axis=0)
    expected = 1 - mean[0] / np.linalg.norm(mean)
    scores = gallery.scores(at(0), scoring.PROTOTYPE)
    np.testing.assert_allclose(scores, [[cosine(20), expected]], atol=1e-6)


def test_what_is_met_is_in_the_order_of_the_scoring(gallery: Gallery) -> None:
    assert gallery.meet(at(0)[0], scoring.NEAREST, 5).products == (9, 4)
    met = gallery.meet(at(0)[0], scoring.PROTOTYPE, 5)
    assert met.products == (4, 9)
    assert met.distances[1][0] == pytest.approx(cosine(10), abs=1e-6)
    assert gallery.meet(at(0)[0], scoring.PROTOTYPE, 1).products == (4,)


def test_another_scoring_there_is_not(gallery: Gallery) -> None:
    with pytest.raises(ValueError, match="no scoring"):
        gallery.scores(at(0), "nearest-photo/1")
