"""Distances against values by hand and against scipy's."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from recognition.metrics import METRICS, between, paired
from recognition.metrics.distances import Metric, lengths

A, B = [[3.0, 4.0]], [[4.0, 3.0]]
BY_HAND = {
    "cosine": 1 - 24 / 25,
    "euclidean": np.sqrt(2),
    "euclidean_unit": np.sqrt(2) / 5,
    "dot": -24.0,
    "manhattan": 2.0,
}
PEERS = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "cityblock"}


def some(rows: int, seed: int = 1, dimension: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
def test_by_hand(metric: Metric) -> None:
    assert paired(metric, A, B) == pytest.approx([BY_HAND[metric]])
    assert between(metric, A, B) == pytest.approx(np.array([[BY_HAND[metric]]]))


@pytest.mark.parametrize("metric", PEERS)
def test_as_scipy_does(metric: Metric) -> None:
    left, right = some(20), some(30, seed=2)
    peer = cdist(left.astype(float), right.astype(float), PEERS[metric])
    np.testing.assert_allclose(between(metric, left, right), peer, atol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_in_pieces_as_at_once(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = some(11), some(11, seed=2)
    whole, rows = between(metric, left, right), paired(metric, left, right)
    np.testing.assert_allclose(np.diag(whole), rows, atol=1e-9)
    monkeypatch.setattr("recognition.metrics.distances._NUMBERS_AT_ONCE", 20)
    np.testing.assert_allclose(between(metric, left, right), whole, atol=1e-12)
    np.testing.assert_allclose(paired(metric, left, right), rows, atol=1e-12)
    places = np.array([3, 0, 3]), np.array([1, 1, 10])
    np.testing.assert_allclose(paired(metric, left, right, places), whole[places], atol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_equal_vectors_are_equally_far_wherever_they_stand(metric: Metric) -> None:
    row = some(1, dimension=1280)
    distances = between(metric, row, np.repeat(row, 500, axis=0))
    assert len(np.unique(distances)) == 1
    if metric != "dot":
        assert distances[0, 0] == 0


def test_of_unit_length_all_but_manhattan_rank_alike() -> None:
    left, right = some(1), some(200, seed=2)
    left /= lengths(left)[:, None]
    right /= lengths(right)[:, None]
    orders = {m: np.argsort(between(m, left, right)[0]).tolist() for m in METRICS}
    assert orders["euclidean"] == orders["euclidean_unit"] == orders["dot"] == orders["cosine"]
    assert orders["manhattan"] != orders["cosine"]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(metric: Metric, bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        paired(metric, [[1.0, bad]], B)
    with pytest.raises(ValueError, match="not finite"):
        between(metric, A, [[1.0, bad]])


@pytest.mark.parametrize("metric", ["cosine", "euclidean_unit"])
def test_a_vector_without_direction_is_refused(metric: Metric) -> None:
    with pytest.raises(ValueError, match="direction"):
        paired(metric, [[0.0, 0.0]], B)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="partner"):
        paired("cosine", A, [*B, *B])
    with pytest.raises(ValueError, match="dimensions"):
        between("cosine", A, [[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="rows"):
        between("cosine", [1.0, 2.0], B)


def test_none_are_no_error() -> None:
    none = np.empty((0, 2))
    assert paired("dot", none, none).shape == (0,)
    assert between("dot", none, B).shape == (0, 1)
