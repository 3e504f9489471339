"""A box round what stands out of the border."""

import numpy as np
import pytest

from recognition.encoders.patches import Patches, as_patches
from recognition.looking import agree, foreground


def drawn(where: tuple[slice, slice], *, noise: float = 0.1, thing: int = 1) -> Patches:
    """12 x 12 patches of one background, with another thing at a place."""
    features = np.random.default_rng(3).normal(0, noise, (12, 12, 16)).astype(np.float32)
    features[:, :, 0] += 1
    features[where] += np.eye(16, dtype=np.float32)[thing] * 4
    return as_patches(features, (0, 0, 1, 1))


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(across, 0) * max(down, 0)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2])
def test_the_box_is_round_the_thing(noise: float) -> None:
    box = foreground(drawn((slice(3, 8), slice(4, 10)), noise=noise))
    assert box is not None
    assert overlap(box, (4 / 12, 3 / 12, 6 / 12, 5 / 12)) > 0.8


def test_the_larger_of_two_things_is_taken() -> None:
    patches = drawn((slice(2, 7), slice(2, 7)))
    vectors = patches.vectors.copy()
    vectors[9, 9] = vectors[4, 4]
    box = foreground(Patches(vectors, patches.lengths, patches.area))
    assert box is not None
    assert overlap(box, (2 / 12, 2 / 12, 5 / 12, 5 / 12)) > 0.8


def test_the_box_is_one_of_the_picture_not_of_what_the_grid_covers() -> None:
    patches = drawn((slice(3, 8), slice(4, 10)))
    box = foreground(Patches(patches.vectors, patches.lengths, (0.25, 0, 0.5, 1)))
    assert box is not None
    assert overlap(box, (0.25 + 2 / 12, 3 / 12, 3 / 12, 5 / 12)) > 0.8


@pytest.mark.parametrize(
    "patches",
    [
        drawn((slice(0, 0), slice(0, 0)), noise=0),
        drawn((slice(0, 0), slice(0, 0)), noise=0.05),
        as_patches(np.zeros((12, 12, 16), np.float32), (0, 0, 1, 1)),
        drawn((slice(0, 12), slice(1, 12))),
        as_patches(np.ones((2, 9, 4), np.float32), (0, 0, 1, 1)),
    ],
    ids=["plain", "noise", "nothing", "nearly everything", "too small"],
)
def test_no_box_where_nothing_stands_out(patches: Patches) -> None:
    assert foreground(patches) is None


def test_agreement_is_high_where_the_same_thing_is() -> None:
    here = drawn((slice(2, 5), slice(2, 5)), noise=0.02)
    there = drawn((slice(7, 11), slice(6, 11)), noise=0.02, thing=1)
    other = drawn((slice(7, 11), slice(6, 11)), noise=0.02, thing=2)
    same, different = agree(here, there), agree(here, other)
    assert same.query.shape == same.match.shape == (12, 12)
    assert same.query[3, 3] > 0.95
    assert different.query[3, 3] < 0.5
    assert same.match[8, 8] > 0.95
    assert ((same.query >= 0) & (same.query <= 1.0001)).all()
