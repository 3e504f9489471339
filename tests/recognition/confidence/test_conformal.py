"""Sets hold the right product as often as they say."""

import numpy as np
import pytest

from recognition.confidence.conformal import set_rule, unknown_cut


def test_the_rate_is_kept_on_new_photos() -> None:
    rng, held = np.random.default_rng(1), []
    for _ in range(300):
        rule = set_rule(rng.exponential(size=99), [np.array([0.0])] * 99, 0.9)
        held.append((rng.exponential(size=200) <= rule.gap).mean())
    assert 0.89 < np.mean(held) < 0.92


def test_the_cut_is_the_order_statistic() -> None:
    # ceil(20 * .9) = 18th of 19.
    rule = set_rule(np.arange(1.0, 20.0), [np.array([0.0, 5.0, 30.0])] * 19, 0.9)
    assert (rule.gap, rule.rate, rule.samples) == (18.0, 0.9, 19)
    assert (rule.median_size, rule.large_size) == (2.0, 2.0)


def test_too_few_promise_nothing() -> None:
    assert set_rule(np.zeros(18), [np.zeros(1)] * 18, 0.95) is None
    assert set_rule(np.zeros(19), [np.zeros(1)] * 19, 0.95) is not None
    assert set_rule(np.empty(0), [], 0.95) is None


def test_products_that_were_not_found_lower_what_is_promised() -> None:
    gaps = np.array([0.1] * 80 + [np.inf] * 20)
    rule = set_rule(gaps, [np.array([0.0])] * 100, 0.95)
    assert rule.gap == pytest.approx(0.1)
    assert rule.rate == pytest.approx(80 / 101)
    assert set_rule(np.full(50, np.inf), [np.array([0.0])] * 50, 0.95) is None


def test_hardly_any_known_photo_is_called_unknown() -> None:
    rng = np.random.default_rng(2)
    called = [(rng.random(500) < unknown_cut(rng.random(199), 0.02)).mean() for _ in range(300)]
    assert np.mean(called) < 0.022
    assert unknown_cut(np.zeros(48), 0.02) is None
    assert unknown_cut(np.arange(49.0), 0.02) == 0.0
