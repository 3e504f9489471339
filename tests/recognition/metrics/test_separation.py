"""How well distances tell two kinds apart: by hand, and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score, roc_curve

from recognition.metrics import separation

# Of 4 x 4 pairs, (0.4; 0.3) is the wrong way round and (0.3; 0.3) is even.
SAME, DIFFERENT = [0.1, 0.2, 0.3, 0.4], [0.3, 0.5, 0.6, 0.7]


def two_kinds(ties: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    same, different = rng.normal(0.4, 0.2, 300), rng.normal(0.6, 0.2, 500)
    return (np.round(same, 1), np.round(different, 1)) if ties else (same, different)


def labelled(same: np.ndarray, different: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat([1, 0], [len(same), len(different)]), np.concatenate([same, different])


def test_by_hand() -> None:
    assert separation.auroc(SAME, DIFFERENT) == pytest.approx(14.5 / 16)
    curve = separation.roc(SAME, DIFFERENT)
    assert curve is not None
    assert curve.thresholds.tolist() == [-np.inf, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert curve.true_accepts.tolist() == [0, 0.25, 0.5, 0.75, 1, 1, 1, 1]
    assert curve.false_accepts.tolist() == [0, 0, 0, 0.25, 0.25, 0.5, 0.75, 1]
    # At 0.3, one of four is refused and one of four accepted.
    assert separation.equal_error(curve) == separation.EqualError(0.25, pytest.approx(0.3))
    rows = separation.by_threshold(SAME, DIFFERENT, [0.0, 0.3, 1.0])
    assert [row.precision for row in rows] == [None, 0.75, 0.5]
    assert [row.recall for row in rows] == [0, 0.75, 1]
    assert [row.f1 for row in rows] == [0, 0.75, pytest.approx(2 / 3)]
    best = separation.best_f1(SAME, DIFFERENT)
    assert best == separation.AtThreshold(0.4, 0.8, 1.0, pytest.approx(8 / 9))


def test_the_equal_error_lies_between_two_points() -> None:
    """Refused and accepted are (1/2, 0) at 0.1 and (0, 1) at 0.3: they meet at a third."""
    curve = separation.roc([0.1, 0.3], [0.3])
    assert curve is not None
    found = separation.equal_error(curve)
    assert (found.rate, found.threshold) == (pytest.approx(1 / 3), pytest.approx(0.1 + 0.2 / 3))


@pytest.mark.parametrize("ties", [False, True])
def test_beside_scikit_learn(ties: bool) -> None:
    same, different = two_kinds(ties)
    truth, distances = labelled(same, different)
    assert separation.auroc(same, different) == pytest.approx(roc_auc_score(truth, -distances))
    curve = separation.roc(same, different)
    assert curve is not None
    false, true, _thresholds = roc_curve(truth, -distances, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_accepts, false)
    np.testing.assert_allclose(curve.true_accepts, true)
    rows = separation.by_threshold(same, different, [0.3, 0.5, 0.7])
    for row in rows:
        accepted = distances <= row.threshold
        assert row.precision == pytest.approx(precision_score(truth, accepted))
        assert row.recall == pytest.approx(recall_score(truth, accepted))
        assert row.f1 == pytest.approx(f1_score(truth, accepted))
    best = separation.best_f1(same, different)
    assert best is not None
    assert best.f1 == pytest.approx(
        max(f1_score(truth, distances <= t) for t in np.unique(distances))
    )


def test_precision_is_of_all_pairs_not_of_the_sample() -> None:
    same, different = two_kinds(ties=False)
    few = different[::5]
    truth, distances = labelled(same, few)
    weights = np.where(truth == 1, 1.0, len(different) / len(few))
    row = separation.by_threshold(same, few, [0.5], different_of=len(different))[0]
    accepted = distances <= 0.5
    assert row.precision == pytest.approx(precision_score(truth, accepted, sample_weight=weights))
    assert row.f1 == pytest.approx(f1_score(truth, accepted, sample_weight=weights))
    best = separation.best_f1(same, few, different_of=len(different))
    assert best is not None
    assert best.f1 == pytest.approx(
        max(f1_score(truth, distances <= t, sample_weight=weights) for t in np.unique(distances))
    )


@pytest.mark.parametrize(("same", "different"), [([], [0.5]), ([0.5], []), ([], [])])
def test_of_one_kind_nothing_is_told(same: list[float], different: list[float]) -> None:
    assert separation.auroc(same, different) is None
    assert separation.roc(same, different) is None
    assert separation.best_f1(same, different) is None


def test_all_equal() -> None:
    same, different = [0.2] * 5, [0.2] * 7
    assert separation.auroc(same, different) == 0.5
    curve = separation.roc(same, different)
    assert curve is not None
    assert separation.equal_error(curve) == separation.EqualError(0.5, pytest.approx(0.2))
    best = separation.best_f1(same, different)
    assert best is not None
    assert (best.precision, best.recall) == (pytest.approx(5 / 12), 1)
    shown = separation.distribution(same, different)
    assert shown is not None
    assert (shown.same.sum(), shown.different.sum()) == (1, 1)


def test_fully_apart() -> None:
    curve = separation.roc([0.1, 0.2], [0.8, 0.9])
    assert curve is not None
    found = separation.equal_error(curve)
    assert (found.rate, found.threshold) == (0, pytest.approx(0.2))
    assert separation.auroc([0.1, 0.2], [0.8, 0.9]) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_distance_is_refused(bad: float) -> None:
    for call in (separation.auroc, separation.roc, separation.best_f1, separation.distribution):
        with pytest.raises(ValueError, match="not finite"):
            call([0.1, bad], [0.2])
        with pytest.raises(ValueError, match="not finite"):
            call([0.1], [bad])


def test_distributions_are_shares() -> None:
    shown = separation.distribution([0.0, 0.1, 0.9], [1.0] * 4, bins=2)
    assert shown is not None
    np.testing.assert_allclose(shown.edges, [0, 0.5, 1])
    np.testing.assert_allclose(shown.same, [2 / 3, 1 / 3])
    np.testing.assert_allclose(shown.different, [0, 1])
    assert separation.distribution([], []) is None


def test_a_thinned_curve_keeps_its_shape() -> None:
    same, different = two_kinds(ties=False)
    curve = separation.roc(same, different)
    assert curve is not None
    x, y, t = separation.thinned(
        [curve.false_accepts, curve.true_accepts, curve.thresholds], most=120
    )
    assert len(x) == len(y) == len(t) <= 122
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    area = float(np.trapezoid(y, x))
    assert area == pytest.approx(separation.auroc(same, different), abs=0.005)
