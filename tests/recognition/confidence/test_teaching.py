"""What labelled photos teach of single products, and that the bound is not touched by it."""

from dataclasses import replace

import numpy as np
import pytest

from recognition.confidence import (
    ConfidenceModel,
    Evidence,
    Examples,
    Rules,
    fit_confidence,
    teaching_and_carrying,
)
from recognition.confidence.model import fit_model
from recognition.confidence.teaching import LEAST_TO_TEACH, TEACHING_SHARE, leanings
from tests.recognition.confidence.worlds import PRODUCTS, world

# Each of these products has a twin that is not in the catalogue: half of its answers are wrong,
# however sure they look.
TWINNED = range(PRODUCTS // 5)


def with_twins(number: int, seed: int) -> Examples:
    examples = world(number, seed, hard=0.3)
    rng = np.random.default_rng([seed, 1])
    examples.truth = [
        None if first in TWINNED and rng.random() < 0.5 else truth
        for first, truth in zip(examples.first, examples.truth, strict=True)
    ]
    return examples


def evidence(asked: Examples, *, taught: bool) -> Evidence:
    training = world(800, 1, hard=0.3)
    training.extend(world(200, 9, unknown=1.0))
    if not taught:
        return Evidence(training, asked, asked.as_unknown())
    teaching, carriers = teaching_and_carrying(asked, 4)
    training.extend(teaching)
    return Evidence(training, carriers, carriers.as_unknown(), teaching)


def test_a_product_with_a_twin_is_trusted_less_and_others_serve_more() -> None:
    rules = Rules(targets=(0.05,))
    asked, new = with_twins(1200, 2), with_twins(3000, 3)
    shares = {}
    for taught in (False, True):
        fitted = fit_confidence(evidence(asked, taught=taught), {}, rules)
        threshold = fitted.scopes[0].at[0].choice.threshold
        if threshold is None:
            shares[taught] = 0.0
            continue
        accepted = fitted.right.scores(new.features, new.first) > threshold
        assert (~new.right[accepted]).mean() <= 0.06  # of a sample of 3000
        shares[taught] = float(accepted.mean())
    assert shares[True] > shares[False] + 0.2


def test_what_is_rare_hardly_leans() -> None:
    def of(number: int, *, right: bool) -> float:
        return leanings(np.full(number, 0.8), np.full(number, right), [7] * number)[7]

    assert -0.8 < of(1, right=False) < 0 < of(1, right=True) < 0.3
    assert of(30, right=False) < 3 * of(1, right=False)
    # Even of certain scores it stays finite, and settles at the top.
    assert np.isfinite(
        list(leanings(np.array([1.0, 0.0]), np.array([False, True]), [1, 2]).values())
    ).all()


def test_a_leaning_is_where_the_posterior_is_highest() -> None:
    scores, right = np.array([0.9, 0.8, 0.7, 0.95]), np.array([False, False, True, True])
    value = leanings(scores, right, [3, 3, 3, 3])[3]

    def log_posterior(at: float) -> float:
        chances = 1 / (1 + np.exp(-(np.log(scores / (1 - scores)) + at)))
        return float(np.log(np.where(right, chances, 1 - chances)).sum() - at**2 / 2)

    assert all(log_posterior(value) > log_posterior(value + step) for step in (-0.01, 0.01))


def test_the_same_photos_are_never_on_both_sides() -> None:
    asked = world(LEAST_TO_TEACH, 5, unknown=0.2)
    teaching, carriers = teaching_and_carrying(asked, 4)
    assert len(teaching) == round(TEACHING_SHARE * len(asked))
    ids = [{id(each) for each in part.ranked} for part in (teaching, carriers)]
    assert not ids[0] & ids[1]
    assert len(ids[0] | ids[1]) == len(asked)
    again, _carriers = teaching_and_carrying(asked, 4)
    assert [id(each) for each in again.ranked] == [id(each) for each in teaching.ranked]


def test_of_few_or_only_known_photos_all_carry_the_bound() -> None:
    for asked in (world(LEAST_TO_TEACH - 1, 5, unknown=0.2), world(LEAST_TO_TEACH, 5)):
        teaching, carriers = teaching_and_carrying(asked, 4)
        assert not len(teaching)
        assert carriers is asked


def test_leanings_are_written_down_and_older_calibrations_have_none() -> None:
    examples = world(300, 1)
    model = fit_model(examples.features, examples.right, np.ones(len(examples)))
    leaning = replace(model, leanings={3: -1.5, 1: 0.5})
    again = ConfidenceModel.from_data(leaning.as_data())
    assert again == leaning
    data = leaning.as_data()
    del data["leanings"]
    assert ConfidenceModel.from_data(data) == model
    features, firsts = examples.features[:2], [3, PRODUCTS + 5]
    plain = model.scores(features, firsts)
    leant = leaning.scores(features, firsts)
    assert leant[0] < plain[0]
    assert leant[1] == pytest.approx(plain[1])
    assert model.taught_by(Examples()) is model
