"""The accept point keeps its promise as often as it says, and says so where it cannot."""

import numpy as np
import pytest

from recognition.confidence.thresholds import (
    Sample,
    choose_threshold,
    combined,
    least_accepted,
    lower_bound,
    upper_bound,
)

NONE = np.empty(0)


def observed(scores: np.ndarray, wrong: np.ndarray) -> Sample:
    return Sample(scores, wrong, len(scores), NONE, 0, None)


def draw(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores 0..1; an answer of score s is wrong with probability (1 - s)^2 / 2."""
    scores = rng.random(number)
    return scores, rng.random(number) < (1 - scores) ** 2 / 2


def true_error(threshold: float) -> float:
    """Of answers above a threshold: the mean of (1 - s)^2 / 2 over them."""
    return (1 - threshold) ** 2 / 6


@pytest.mark.parametrize(
    ("hits", "tries", "failure", "bound"),
    # No hit in n: 1 - failure^(1/n). The others from tables of Clopper and Pearson.
    [(0, 59, 0.05, 1 - 0.05 ** (1 / 59)), (0, 10, 0.05, 0.2589), (1, 10, 0.025, 0.4450), (5, 5, 0.05, 1.0), (0, 0, 0.05, 1.0)],
)  # fmt: skip
def test_upper_bounds_by_hand(hits: int, tries: int, failure: float, bound: float) -> None:
    assert float(upper_bound(hits, tries, failure)) == pytest.approx(bound, abs=1e-4)


@pytest.mark.parametrize(
    ("hits", "tries", "bound"), [(0, 10, 0.0), (10, 10, 0.05 ** (1 / 10)), (1, 10, 0.00512)]
)
def test_lower_bounds_by_hand(hits: int, tries: int, bound: float) -> None:
    assert float(lower_bound(hits, tries, 0.05)) == pytest.approx(bound, abs=1e-4)


@pytest.mark.parametrize(("target", "least"), [(0.05, 59), (0.1, 29), (0.01, 299)])
def test_the_least_that_must_be_accepted(target: float, least: int) -> None:
    assert least_accepted(target, 0.05) == least


def test_a_mixture_by_hand() -> None:
    # 900 known, 100 unknown of 1,000; 450 and 10 accepted; 9 of the known wrong.
    rate = combined(np.array(0.02), np.array(0.1), np.array(0.5), 0.1)
    assert float(rate) == pytest.approx((9 + 10) / 460)
    assert float(combined(np.array(0.0), np.array(0.0), np.array(0.0), 0.1)) == 1.0


@pytest.mark.parametrize("target", [0.05, 0.1])
def test_the_promise_is_broken_no_more_often_than_allowed(target: float) -> None:
    rng = np.random.default_rng(1)
    broken = found = 0
    for _ in range(300):
        choice = choose_threshold(observed(*draw(rng, 800)), target)
        if choice.threshold is not None:
            found += 1
            broken += true_error(choice.threshold) > target
    assert found > 250
    # 5 % are allowed; 300 draws of that stay below 27 with all but certainty.
    assert broken <= 27


def test_the_promise_holds_for_a_stated_share_of_unknown_photos() -> None:
    """Unknown photos are accepted with probability (1 - t)^2 above a threshold t."""
    rng, target, share, broken, found = np.random.default_rng(2), 0.1, 0.1, 0, 0
    for _ in range(200):
        scores, wrong = draw(rng, 1500)
        unknown = 1 - np.sqrt(rng.random(1500))
        choice = choose_threshold(Sample(scores, wrong, 1500, unknown, 1500, share), target)
        if choice.threshold is None:
            continue
        found += 1
        t = choice.threshold
        known, strange = (1 - share) * (1 - t), share * (1 - t) ** 2
        broken += (known * true_error(t) + strange) / (known + strange) > target
    assert found > 50
    assert broken <= 20


def test_more_unknown_photos_ask_for_a_stricter_threshold() -> None:
    rng = np.random.default_rng(3)
    scores, wrong = draw(rng, 3000)
    unknown = rng.random(3000) ** 2
    thresholds = [
        choose_threshold(Sample(scores, wrong, 3000, unknown, 3000, share), 0.15).threshold
        for share in (0.0, 0.05, 0.1)
    ]
    assert None not in thresholds
    assert thresholds == sorted(thresholds)


def test_a_looser_target_accepts_more() -> None:
    sample = observed(*draw(np.random.default_rng(4), 2000))
    accepted = [choose_threshold(sample, target).accepted for target in (0.03, 0.05, 0.1, 0.2)]
    assert accepted == sorted(accepted)
    assert accepted[-1] > accepted[0]


def test_what_was_accepted_is_what_lies_above_the_threshold() -> None:
    scores, wrong = draw(np.random.default_rng(5), 1000)
    choice = choose_threshold(observed(scores, wrong), 0.1)
    above = scores > choice.threshold
    assert (above.sum(), wrong[above].sum()) == (choice.accepted, choice.wrong)
    assert choice.bound <= 0.1


def test_too_few_say_how_many_are_needed() -> None:
    choice = choose_threshold(observed(np.linspace(0, 1, 20), np.zeros(20, bool)), 0.05)
    assert choice.threshold is None
    assert choice.needed is not None
    assert choice.needed >= 59


def test_wrong_at_every_threshold_is_never_promised() -> None:
    rng = np.random.default_rng(6)
    choice = choose_threshold(observed(rng.random(2000), rng.random(2000) < 0.5), 0.1)
    assert (choice.threshold, choice.bound, choice.needed) == (None, None, None)


@pytest.mark.parametrize("number", [0, 1, 2, 500])
def test_equal_scores_cannot_be_told_apart(number: int) -> None:
    choice = choose_threshold(observed(np.full(number, 0.7), np.zeros(number, bool)), 0.1)
    assert choice.threshold is None


@pytest.mark.parametrize("target", [0.0, 1.0, -1])
def test_a_target_is_a_share(target: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        choose_threshold(observed(NONE, np.empty(0, bool)), target)
