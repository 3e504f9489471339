"""What trials find on made-up shops."""

import numpy as np

from recognition.adapters import Recipe
from recognition.confidence import scoring
from recognition.tuning.candidates import Candidate
from recognition.tuning.choosing import figures, propose
from recognition.tuning.trials import Asked, Photos, Trial, run_trials, steps
from tests.recognition.adapters.test_adapter import shop

PLAIN = Candidate("", None, scoring.NEAREST)
WHITENED = Candidate("", Recipe("whitening", 0.05), scoring.NEAREST)


def photos_of(
    vectors: np.ndarray, products: np.ndarray, listed: np.ndarray | None = None
) -> Photos:
    first = np.zeros(len(products), dtype=bool)
    first[np.unique(products, return_index=True)[1]] = True
    return Photos(
        {"": vectors}, products, first, np.ones(len(first), bool) if listed is None else listed
    )


def of(trials: list[Trial], candidate: Candidate) -> Trial:
    return next(trial for trial in trials if trial.candidate == candidate)


def test_an_adapter_that_helps_is_found_to_help() -> None:
    trials = run_trials(photos_of(*shop()))
    plain, white = of(trials, PLAIN), of(trials, WHITENED)
    assert len(plain.several.ranks) == len(white.several.ranks) == 240
    assert figures(white.several).top1 > figures(plain.several).top1 + 0.3
    proposal = propose(trials, PLAIN, single_share=0)
    assert proposal.verdict == "change"
    assert proposal.chosen.recipe is not None


def test_an_adapter_that_cannot_help_is_left_off() -> None:
    rng = np.random.default_rng(5)
    centres = np.repeat(rng.normal(size=(40, 30)), 5, axis=0)
    vectors = centres + rng.normal(size=centres.shape) * 0.9
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    trials = run_trials(photos_of(vectors.astype(np.float32), np.repeat(np.arange(40), 5)))
    proposal = propose(trials, Candidate("", None, scoring.PROTOTYPE), single_share=0)
    assert proposal.verdict == "keep"


def test_one_photo_a_product_tries_no_adapter_and_proposes_nothing() -> None:
    vectors, _products = shop()
    trials = run_trials(photos_of(vectors, np.arange(len(vectors))))
    assert all(trial.candidate.recipe is None for trial in trials)
    assert propose(trials, PLAIN, single_share=1.0).verdict == "too_little"


def test_labelled_photos_are_asked_against_the_whole_catalogue() -> None:
    vectors, products = shop(products=40, photos=8)
    kept = np.arange(len(products)) % 8 < 6
    truth = np.where(products[~kept] == 3, -1, products[~kept])
    asked = Asked({"": vectors[~kept]}, truth)
    trials = run_trials(photos_of(vectors[kept], products[kept]), asked)
    white = of(trials, WHITENED)
    assert len(white.asked.ranks) == 80
    wrong = [rank for rank, product in zip(white.asked.ranks, truth, strict=True) if product == -1]
    assert min(wrong) > 40
    assert figures(white.asked).top1 > 0.9


def test_confirmed_photos_teach_but_are_not_there_to_be_found() -> None:
    vectors, products = shop(products=40, photos=6)
    listed = np.arange(len(products)) % 6 != 5
    trials = run_trials(photos_of(vectors, products, listed))
    assert len(of(trials, PLAIN).several.ranks) == 200
    assert len(of(trials, PLAIN).single.ranks) == 160


def test_progress_is_told_step_by_step() -> None:
    told: list[int] = []
    run_trials(photos_of(*shop()), advance=lambda: told.append(1))
    assert len(told) == steps([""])
