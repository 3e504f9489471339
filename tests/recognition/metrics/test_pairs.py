"""Pairs: each once where there is room for all, a fair sample otherwise."""

from itertools import combinations, product

import numpy as np
import pytest

from recognition.metrics.pairs import (
    Pairs,
    different_product_pairs,
    pairs_with,
    same_product_pairs,
)

PRODUCTS = np.array([5, 2, 5, 9, 2, 5])


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def as_set(pairs: Pairs) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)}


def test_all_of_them() -> None:
    everyone = {frozenset(pair) for pair in combinations(range(6), 2)}
    same = {pair for pair in everyone if len({PRODUCTS[at] for at in pair}) == 1}
    found = same_product_pairs(PRODUCTS, 100, rng())
    assert (as_set(found), found.of, len(found)) == (same, 4, 4)
    found = different_product_pairs(PRODUCTS, 100, rng())
    assert (as_set(found), found.of, len(found)) == (everyone - same, 11, 11)


def test_of_photos_that_were_asked_with() -> None:
    asked = np.array([2, 7, 5, 9])
    same, different = pairs_with(asked, PRODUCTS, 100, rng())
    everyone = set(product(range(4), range(6)))
    right = {(query, photo) for query, photo in everyone if asked[query] == PRODUCTS[photo]}
    assert set(zip(same.left.tolist(), same.right.tolist(), strict=True)) == right
    rest = set(zip(different.left.tolist(), different.right.tolist(), strict=True))
    assert rest == everyone - right
    assert (same.of, different.of) == (6, 18)


def test_a_sample_is_stated_distinct_and_repeatable() -> None:
    products = rng().integers(40, size=600)
    for function in (same_product_pairs, different_product_pairs):
        found = function(products, 500, rng(3))
        again = function(products, 500, rng(3))
        assert len(found) == len(as_set(found)) == 500
        assert found.of == len(function(products, 10**6, rng()))
        assert (found.left == again.left).all()
        assert (found.right == again.right).all()


def test_a_sample_is_fair() -> None:
    """Each pair is drawn about as often as each other."""
    products = np.array([1] * 5 + [2] * 2 + [3])
    counts: dict[frozenset[int], int] = {}
    for seed in range(2000):
        for pair in as_set(different_product_pairs(products, 4, rng(seed))):
            counts[pair] = counts.get(pair, 0) + 1
    assert len(counts) == 17
    expected = 2000 * 4 / 17
    assert max(abs(number - expected) for number in counts.values()) < 5 * np.sqrt(expected)


def test_many_photos_of_one_product_need_no_room_for_all_pairs() -> None:
    products = np.zeros(200_000, dtype=int)
    found = same_product_pairs(products, 1000, rng())
    assert found.of == 200_000 * 199_999 // 2
    assert (found.left != found.right).all()
    assert found.right.max() < 200_000


@pytest.mark.parametrize("products", [[], [4]])
def test_nothing_to_pair(products: list[int]) -> None:
    for function in (same_product_pairs, different_product_pairs):
        found = function(np.array(products, dtype=int), 10, rng())
        assert (len(found), found.of) == (0, 0)


def test_one_photo_each_and_one_product() -> None:
    assert same_product_pairs(np.arange(5), 10, rng()).of == 0
    assert different_product_pairs(np.ones(5), 10, rng()).of == 0
