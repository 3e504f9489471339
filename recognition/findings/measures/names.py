"""How much the names of two products speak for one product."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def name_likeness(names: Sequence[str], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cosine of the trigrams inside words, rare ones weighing more, for each pair: 0..1. Names with
    different numbers in them (1 l and 2 l, 1.5 % and 3 %) are not alike.
    """
    if not len(pairs):
        return np.zeros(0)
    plain = [name.lower() for name in names]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True)
    try:
        grams = vectorizer.fit_transform(plain)
    except ValueError:  # nothing but punctuation
        return np.zeros(len(pairs))
    first, second = grams[pairs[:, 0]], grams[pairs[:, 1]]
    likeness = np.asarray(first.multiply(second).sum(axis=1)).ravel()
    numbers = [
        sorted(number.replace(",", ".") for number in _NUMBER.findall(name)) for name in plain
    ]
    same = np.array([numbers[a] == numbers[b] for a, b in pairs])
    return np.where(same, likeness, 0.0)


def speaks_for_one(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ratio for each pair: above 1, its names are more alike than those of most pairs.

    Of the pairs that photos brought together, the share whose names are at least as alike is a p-value
    against “just another pair of the same shelf”; 1/(2√p) turns it into evidence that may be multiplied
    with other evidence (a calibrator: Shafer et al. 2011, Vovk and Wang 2021).
    """
    if not len(likeness):
        return np.zeros(0)
    order = np.sort(likeness)
    at_least = len(order) - np.searchsorted(order, likeness, "left")
    return 0.5 / np.sqrt((at_least + 1) / (len(order) + 1))
