"""Asking with photos: ranks and precision by hand, and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score, top_k_accuracy_score

from recognition.metrics import between
from recognition.metrics.coverage import area_under, error_by_coverage
from recognition.metrics.retrieval import (
    mean_average_precision,
    recall_at,
    retrieve,
)

# On a line: euclidean distances are differences.
GALLERY = np.array([[0.0], [1.0], [3.0], [4.0], [9.0]])
OF = np.array([7, 7, 2, 7, 5])


def some(products: int = 12, photos: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    of = np.repeat(np.arange(products) * 3 + 1, photos)
    middle = rng.normal(size=(products, 6)).repeat(photos, axis=0)
    order = rng.permutation(len(of))
    return (middle + rng.normal(size=middle.shape))[order], of[order]


def test_by_hand() -> None:
    found = retrieve("euclidean", [[2.25], [9.5], [0.0]], [7, 5, 99], GALLERY, OF)
    np.testing.assert_allclose(found.first, [0.75, 0.5, 0.0])
    np.testing.assert_allclose(found.second, [1.25, 5.5, 3.0])
    np.testing.assert_allclose(found.margin, [0.5, 5.0, 3.0])
    np.testing.assert_allclose(found.own, [1.25, 0.5, np.inf])
    np.testing.assert_allclose(found.other, [0.75, 5.5, 0.0])
    assert found.rank.tolist() == [2, 1, np.inf]
    assert found.right.tolist() == [False, True, False]
    # The photos from 2.25 on are 2, 7, 7, 7, 5: three are right, as the second, third and fourth.
    np.testing.assert_allclose(
        found.average_precision, [(1 / 2 + 2 / 3 + 3 / 4) / 3, 1, np.nan], equal_nan=True
    )
    assert mean_average_precision(found) == pytest.approx((23 / 36 + 1) / 2)
    assert [recall_at(found.rank[:2], k) for k in (1, 2)] == [0.5, 1.0]


def test_a_photo_does_not_find_itself() -> None:
    left_out = np.array([0, 1, 2, 3, 4])
    found = retrieve("euclidean", GALLERY, OF, GALLERY, OF, left_out=left_out)
    np.testing.assert_allclose(found.own, [1, 1, np.inf, 3, np.inf])
    np.testing.assert_allclose(found.first, [1, 1, 1, 1, 5])
    assert found.rank.tolist() == [1, 1, np.inf, 2, np.inf]


@pytest.mark.parametrize("at_once", [10, 4_000_000])
def test_beside_scikit_learn(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.metrics.retrieval._AT_ONCE", at_once)
    vectors, of = some()
    places = np.arange(len(of))
    found = retrieve("cosine", vectors, of, vectors, of, left_out=places)
    distances = between("cosine", vectors, vectors)
    names = np.unique(of)
    for at in places:
        others = places != at
        relevant = (of == of[at])[others]
        peer = average_precision_score(relevant, -distances[at][others])
        assert found.average_precision[at] == pytest.approx(peer)
    held = np.where(np.eye(len(of), dtype=bool), np.inf, distances)
    nearest = np.stack([held[:, of == name].min(axis=1) for name in names], axis=1)
    for k in (1, 3, 5):
        peer = top_k_accuracy_score(np.searchsorted(names, of), -nearest, k=k)
        assert recall_at(found.rank, k) == pytest.approx(peer)
    # With one right product, the gain is 1 / log2(1 + rank).
    truth = np.eye(len(names))[np.searchsorted(names, of)]
    assert np.mean(1 / np.log2(1 + found.rank)) == pytest.approx(ndcg_score(truth, -nearest))


def test_equal_photos_are_no_luck() -> None:
    vectors, of = np.ones((6, 3)), np.array([1, 1, 2, 2, 3, 3])
    found = retrieve("cosine", vectors, of, vectors, of, left_out=np.arange(6))
    assert found.rank.tolist() == [3.0] * 6
    assert not found.right.any()
    assert found.margin.tolist() == [0.0] * 6
    np.testing.assert_allclose(found.average_precision, 1 / 5)


def test_one_product() -> None:
    found = retrieve("cosine", [[1.0, 0.0]], [4], [[1.0, 1.0], [0.0, 1.0]], [4, 4])
    assert (found.rank.tolist(), found.right.tolist()) == ([1.0], [True])
    assert (found.second.tolist(), found.other.tolist()) == ([np.inf], [np.inf])
    assert found.margin.tolist() == [np.inf]


def test_nothing_to_find_and_nothing_asked() -> None:
    found = retrieve("cosine", [[1.0, 0.0]], [4], np.empty((0, 2)), np.empty(0, dtype=int))
    assert (found.rank.tolist(), found.first.tolist()) == ([np.inf], [np.inf])
    assert mean_average_precision(found) is None
    found = retrieve("cosine", np.empty((0, 2)), [], [[1.0, 0.0]], [4])
    assert (len(found), recall_at(found.rank, 1)) == (0, None)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        retrieve("cosine", [[np.nan, 1.0]], [4], [[1.0, 0.0]], [4])


def test_error_against_coverage_by_hand() -> None:
    curve = error_by_coverage([0.3, 0.1, 0.2, 0.3], [False, True, False, True])
    assert curve is not None
    np.testing.assert_allclose(curve.thresholds, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(curve.coverage, [0.25, 0.5, 1.0])
    np.testing.assert_allclose(curve.error, [0, 0.5, 0.5])
    assert area_under(curve) == pytest.approx(0.375)


def test_the_order_of_answers_does_not_matter_where_they_are_equally_sure() -> None:
    doubt, right = np.array([0.1, 0.1, 0.1]), np.array([True, False, True])
    one, other = error_by_coverage(doubt, right), error_by_coverage(doubt, right[::-1])
    assert one is not None
    assert other is not None
    assert (one.coverage.tolist(), one.error.tolist()) == ([1.0], [pytest.approx(1 / 3)])
    assert one.error.tolist() == other.error.tolist()


def test_answers_that_are_none() -> None:
    assert error_by_coverage([], []) is None
    with pytest.raises(ValueError, match="not a number"):
        error_by_coverage([np.nan], [True])
    with pytest.raises(ValueError, match="one doubt"):
        error_by_coverage([0.1], [True, False])
