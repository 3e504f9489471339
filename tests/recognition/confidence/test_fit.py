"""From evidence to rules, on worlds whose chances are known."""

import numpy as np
import pytest

from recognition.confidence import ConfidenceModel, Evidence, Examples, Rules, fit_confidence
from recognition.confidence.model import fit_model
from tests.recognition.confidence.worlds import PRODUCTS, world

RULES = Rules(targets=(0.05, 0.1))


def evidence(number: int = 600, **kind: float) -> Evidence:
    carriers = world(number, 2, **kind)
    return Evidence(world(800, 1, **kind), carriers, carriers.as_unknown())


def test_what_is_accepted_is_right_as_often_as_promised() -> None:
    fitted = fit_confidence(evidence(1000), {}, RULES)
    (whole,) = fitted.scopes
    for at in whole.at:
        new = world(20_000, 3)
        accepted = fitted.right.scores(new.features) > at.choice.threshold
        assert (~new.right[accepted]).mean() <= at.choice.target
        assert accepted.mean() == pytest.approx(at.coverage, abs=0.05)


def test_unknown_products_count_as_they_came() -> None:
    fitted = fit_confidence(evidence(1500, unknown=0.2), {}, RULES)
    (whole,) = fitted.scopes
    at = whole.at[1]
    new = world(20_000, 3, unknown=0.2)
    accepted = fitted.right.scores(new.features) > at.choice.threshold
    assert (~new.right[accepted]).mean() <= 0.1
    assert whole.unknown > 250
    assert at.false_accepts < 0.2
    assert fitted.unknown_below is not None


def test_the_sets_hold_what_was_not_accepted() -> None:
    fitted = fit_confidence(evidence(1000), {}, RULES)
    at = fitted.scopes[0].at[0]
    new = world(20_000, 3)
    rest = fitted.right.scores(new.features) <= at.choice.threshold
    assert (new.gaps[rest] <= at.sets.gap).mean() == pytest.approx(0.95, abs=0.035)
    assert at.sets.median_size <= 2


def test_a_category_that_is_worse_is_withheld_and_its_child_with_it() -> None:
    """The first half of the products lie in category 1 and are told apart; in 2 (and below it 3)
    hardly any answer is right, whatever the margin.
    """
    good = world(900, 4, hard=0.2)
    bad = world(300, 5)
    good = good.chosen(at for at, first in enumerate(good.first) if first < PRODUCTS // 2)
    bad = bad.chosen(at for at, first in enumerate(bad.first) if first >= PRODUCTS // 2)
    rng = np.random.default_rng(6)
    bad.truth = [first if rng.random() < 0.5 else (first + 1) % PRODUCTS for first in bad.first]
    carriers = Examples()
    carriers.extend(good)
    carriers.extend(bad.chosen(range(60)))
    chains = {p: (1,) if p < PRODUCTS // 2 else (3, 2) for p in range(PRODUCTS)}
    fitted = fit_confidence(
        Evidence(world(800, 1), carriers, carriers.as_unknown()), chains, Rules(targets=(0.2,))
    )
    outcomes = {scope.scope: scope.at[0].outcome for scope in fitted.scopes}
    assert outcomes[None] == "own"
    assert outcomes[1] == "own"
    assert outcomes[2] == "withheld"
    # Above it nothing is in force, so there is nothing to fall back on.
    assert outcomes[3] == "none"


def test_a_small_category_uses_the_threshold_above() -> None:
    chains = {product: (1,) if product == 0 else () for product in range(PRODUCTS)}
    fitted = fit_confidence(evidence(900), chains, Rules(targets=(0.05,)))
    whole, category = fitted.scopes
    assert whole.at[0].outcome == "own"
    assert 20 <= category.known < 100
    assert category.at[0].outcome == "above"
    assert category.at[0].choice.threshold is None
    assert category.at[0].coverage > 0


def test_the_margin_is_what_tells_in_this_world() -> None:
    signals = fit_confidence(evidence(), {}, RULES).signals
    assert signals["margin"] > 0.7
    assert signals["nearest"] < 0.6
    assert signals["all together"] > 0.7


def test_no_training_is_refused() -> None:
    with pytest.raises(ValueError, match="Too few"):
        fit_confidence(Evidence(world(5, 1), world(50, 2), Examples()), {}, RULES)


def test_without_carriers_nothing_is_promised() -> None:
    fitted = fit_confidence(Evidence(world(200, 1), Examples(), Examples()), {}, RULES)
    at = fitted.scopes[0].at[0]
    assert (at.outcome, at.sets, at.coverage) == ("none", None, None)
    assert at.choice.needed is not None


def test_a_model_survives_being_written_down() -> None:
    examples = world(300, 1)
    model = fit_model(examples.features, examples.right, np.ones(len(examples)))
    again = ConfidenceModel.from_data(model.as_data())
    assert np.array_equal(model.scores(examples.features), again.scores(examples.features))
    assert ((model.scores(examples.features) >= 0) & (model.scores(examples.features) <= 1)).all()
    with pytest.raises(ValueError, match="other features"):
        ConfidenceModel.from_data({**model.as_data(), "features": ["colour"]})


def test_a_column_that_never_changes_does_no_harm() -> None:
    rng = np.random.default_rng(1)
    features = np.column_stack([rng.random(100), *[np.full(100, 0.3)] * 5])
    model = fit_model(features, features[:, 0] > 0.5, np.ones(100))
    assert np.isfinite(model.scores(features)).all()
    assert model.scores(features)[features[:, 0] > 0.9].min() > 0.5
