"""The few numbers that a judgement rests on, by hand."""

import numpy as np
import pytest

from recognition.confidence import FEATURES, Ranked, features, pooled_distances
from recognition.confidence.ranked import by_score


def named(ranked: Ranked) -> dict[str, float]:
    return dict(zip(FEATURES, features(ranked).tolist(), strict=True))


def test_products_come_by_their_nearest_photo_and_photos_in_order() -> None:
    ranked = by_score({7: [0.5, 0.2], 3: [0.1], 9: []})
    assert ranked.products == (3, 7)
    assert ranked.distances[1].tolist() == [0.2, 0.5]
    assert ranked.first == 3
    assert (ranked.rank_of(7), ranked.rank_of(9), ranked.rank_of(None)) == (2, None, None)


def test_known_values() -> None:
    found = named(by_score({1: [0.2, 0.3, 0.4, 0.9], 2: [0.25, 0.5, 0.6], 3: [0.7]}))
    assert found["nearest"] == pytest.approx(0.2)
    assert found["margin"] == pytest.approx(0.05)
    assert found["relative margin"] == pytest.approx(0.05 / 0.25)
    # Of the nearest four (it has four photos): .2, .25, .3, .4, so three are its own.
    assert found["agreement"] == pytest.approx(3 / 4)
    assert found["margin of three"] == pytest.approx(0.45 - 0.3)
    assert found["margin of all"] == pytest.approx(0.45 - 0.45)


def test_pooling_is_the_mean_of_nearest_three_and_all() -> None:
    pooled = pooled_distances(by_score({1: [0.2, 0.3, 0.4, 0.9], 2: [0.6]}))
    assert pooled.tolist() == pytest.approx([(0.2 + 0.3 + 0.45) / 3, 0.6])


def test_a_catalogue_of_one_product_stands_alone_against_what_is_unrelated() -> None:
    found = named(by_score({1: [0.2]}))
    assert found["margin"] == pytest.approx(0.8)
    assert found["agreement"] == 1.0
    assert np.isfinite(list(found.values())).all()


def test_nothing_met_says_nothing() -> None:
    with pytest.raises(ValueError, match="Nothing was met"):
        features(Ranked((), (), ()))


def test_a_product_left_out_leaves_the_order() -> None:
    ranked = by_score({1: [0.2], 2: [0.3], 3: [0.4]})
    assert ranked.without(2).products == (1, 3)
    assert ranked.without(8).products == (1, 2, 3)
    assert ranked.short(1).products == (1,)


@pytest.mark.parametrize("distances", [{1: [0.0, 0.0], 2: [0.0]}, {1: [2.0], 2: [2.0]}])
def test_equal_distances_make_finite_numbers(distances: dict[int, list[float]]) -> None:
    assert np.isfinite(features(by_score(distances))).all()
