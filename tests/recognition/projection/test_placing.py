"""A place for a new vector among the points that are nearest to it."""

import numpy as np
import pytest

from recognition.projection import place


def test_without_points_there_is_no_place() -> None:
    assert place(np.empty((0, 2)), []) is None


def test_a_photo_that_is_on_the_map_lies_where_it_is() -> None:
    found = place([[3, 4], [10, 10], [0, 0]], [0.0, 0.3, 0.4])
    assert found is not None
    assert (found.x, found.y) == pytest.approx((3, 4), abs=0.01)
    assert found.spread < 0.01


def test_two_that_are_equally_near_share_it() -> None:
    found = place([[0, 0], [2, 0], [1, 1], [1, -1]], [0.2] * 4)
    assert found is not None
    assert (found.x, found.y) == pytest.approx((1, 0), abs=1e-3)


def test_neighbours_in_two_groups_do_not_put_it_between_them() -> None:
    near = [[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5], [0.2, 0.1]]
    away = [[100, 100], [101, 100], [100, 101]]
    found = place(near + away, [0.3] * 9)
    assert found is not None
    assert found.x < 2
    assert found.y < 2
    # And it says that some lie far away.
    assert found.spread > 30


def test_points_on_one_spot() -> None:
    found = place([[5, 5]] * 4, [0.1, 0.2, 0.3, 0.4])
    assert found is not None
    assert (found.x, found.y, found.spread) == pytest.approx((5, 5, 0), abs=1e-6)
    assert sum(found.weights) == pytest.approx(1)
    assert list(found.weights) == sorted(found.weights, reverse=True)
