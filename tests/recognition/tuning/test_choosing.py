"""What is proposed, from outcomes that are known."""

import numpy as np
import pytest

from recognition.adapters import Recipe
from recognition.confidence import scoring
from recognition.tuning.candidates import Candidate
from recognition.tuning.choosing import figures, measure, propose
from recognition.tuning.trials import Outcomes, Trial

PLAIN = Candidate("", None, scoring.NEAREST)
CENTRE = Candidate("centre", None, scoring.NEAREST)
POOLED = Candidate("whole+centre+tight", None, scoring.NEAREST)
WHITE = Candidate("", Recipe("whitening", 0.1), scoring.NEAREST)


def outcomes(share: float, number: int = 400, seed: int = 0) -> Outcomes:
    """That share is right; which photos, and how sure, is chance, the same for every share."""
    rng = np.random.default_rng(seed)
    right = rng.random(number) < share
    return Outcomes(
        np.where(right, 1, 7).tolist(),
        rng.random(number).tolist(),
        (np.arange(number) // 5).tolist(),
    )


def trial(candidate: Candidate, several: float, single: float = 0.3, asked: float = 0) -> Trial:
    return Trial(
        candidate,
        outcomes(several),
        outcomes(single, 300),
        outcomes(asked) if asked else Outcomes(),
    )


def test_a_clearly_better_way_is_proposed() -> None:
    proposal = propose([trial(PLAIN, 0.6), trial(POOLED, 0.8)], PLAIN, single_share=0)
    assert (proposal.verdict, proposal.chosen) == ("change", POOLED)
    assert proposal.gain == pytest.approx(0.2, abs=0.08)
    assert proposal.gain > 2 * proposal.error > 0


def test_what_is_worse_is_left_off() -> None:
    trials = [trial(PLAIN, 0.8), trial(POOLED, 0.7), trial(WHITE, 0.6)]
    assert propose(trials, PLAIN, single_share=0).verdict == "keep"


def test_chance_changes_nothing() -> None:
    lucky = Trial(POOLED, outcomes(0.61, seed=9), outcomes(0.3))
    assert propose([trial(PLAIN, 0.6), lucky], PLAIN, single_share=0).verdict == "keep"


def test_of_ways_that_are_as_good_the_cheapest_is_proposed() -> None:
    trials = [trial(PLAIN, 0.5), trial(CENTRE, 0.8), trial(POOLED, 0.8)]
    assert propose(trials, PLAIN, single_share=0).chosen == CENTRE


def test_an_adapter_that_harms_products_with_one_photo_is_refused_where_there_are_such() -> None:
    trials = [trial(PLAIN, 0.6, single=0.4), trial(WHITE, 0.9, single=0.1)]
    assert propose(trials, PLAIN, single_share=0).chosen == WHITE
    assert propose(trials, PLAIN, single_share=0.1).verdict == "keep"


def test_most_products_with_one_photo_are_not_spoken_for_by_the_others() -> None:
    trials = [trial(PLAIN, 0.6), trial(POOLED, 0.9)]
    assert propose(trials, PLAIN, single_share=0.6).verdict == "few_with_several"


def test_labelled_photos_decide_where_there_are_enough() -> None:
    trials = [trial(PLAIN, 0.6, asked=0.8), trial(POOLED, 0.9, asked=0.6)]
    proposal = propose(trials, PLAIN, single_share=0.9)
    assert (proposal.verdict, proposal.measured_on) == ("keep", "asked")


def test_too_few_photos_tell_nothing() -> None:
    few = [Trial(PLAIN, outcomes(0.1, 99)), Trial(POOLED, outcomes(0.9, 99))]
    assert propose(few, PLAIN, single_share=0).verdict == "too_little"


def test_the_measure_rewards_knowing_which_answers_are_right() -> None:
    right = np.array([True, True, False, False])
    sure_when_right = measure(right, np.array([4.0, 3.0, 2.0, 1.0]))
    sure_when_wrong = measure(right, np.array([1.0, 2.0, 3.0, 4.0]))
    assert sure_when_right == pytest.approx((1 + 1 + 2 / 3 + 1 / 2) / 4)
    assert sure_when_wrong == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)


def test_figures_of_nothing_are_none() -> None:
    assert figures(Outcomes()).top1 is None
