"""How sure a finding is: known mixtures come out as they were made."""

import numpy as np
import pytest

from recognition.findings.measures.mixture import separate
from recognition.findings.measures.names import name_likeness, speaks_for_one


def mixed(rng: np.random.Generator, sound: int, faults: int) -> tuple[np.ndarray, np.ndarray]:
    values = np.concatenate([rng.normal(0, 1, (sound, 2)), rng.normal(4, 1, (faults, 2))])
    return values, np.r_[np.zeros(sound, bool), np.ones(faults, bool)]


def test_faults_are_told_from_the_rest_though_nobody_labelled_the_rest() -> None:
    rng = np.random.default_rng(1)
    observed, faulty = mixed(rng, 960, 40)
    mixture = separate(observed, rng.normal(4, 1, (200, 2)))
    assert mixture is not None
    found = mixture.probability > 0.5
    assert (found & faulty).sum() >= 36
    assert (found & ~faulty).sum() <= 2
    assert mixture.share == pytest.approx(0.04, abs=0.015)


def test_where_there_is_none_next_to_none_is_found() -> None:
    rng = np.random.default_rng(2)
    observed, _faulty = mixed(rng, 1000, 0)
    mixture = separate(observed, rng.normal(4, 1, (200, 2)))
    assert mixture is not None
    assert (mixture.probability > 0.5).sum() <= 1


def test_too_few_tell_nothing() -> None:
    assert separate(np.zeros((29, 2)), np.zeros((100, 2))) is None
    assert separate(np.zeros((100, 2)), np.zeros((29, 2))) is None


def test_values_that_are_all_the_same_are_no_error() -> None:
    assert separate(np.zeros((100, 2)), np.zeros((100, 2))) is not None


def test_alike_names_speak_for_one_product_and_numbers_against_it() -> None:
    names = ["Red lamp", "lamp RED", "Milk 1 l", "Milk 2 l", "!", "Blue chair"]
    pairs = np.array([[0, 1], [2, 3], [0, 5], [4, 5]])
    likeness = name_likeness(names, pairs)
    assert likeness[0] == pytest.approx(1)
    assert likeness[1] == 0
    ratio = speaks_for_one(likeness)
    assert ratio[0] > ratio[2] >= ratio[1]
    assert name_likeness(["!", "?"], np.array([[0, 1]])).tolist() == [0]
    assert speaks_for_one(np.zeros(0)).size == 0
