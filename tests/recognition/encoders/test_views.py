"""Encoders that look at several crops."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from recognition.encoders import (
    CLIP_KEY,
    PACKAGED_KEY,
    PIXEL_KEY,
    EncoderOptions,
    UnknownEncoder,
    build_encoder,
    passes,
)
from recognition.encoders.views import crop_about_middle

TESTS = EncoderOptions(allow_test_encoders=True)


def picture(seed: int = 1) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((320, 240), Image.Resampling.NEAREST)


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_the_views_are_pooled() -> None:
    plain = build_encoder(PIXEL_KEY, TESTS)
    pooled = build_encoder(f"{PIXEL_KEY}:whole+tight", TESTS)
    whole, tight = picture(), picture().crop((80, 60, 240, 180))
    expected = unit(plain.encode_images([whole, tight]).sum(axis=0))
    np.testing.assert_allclose(pooled.encode_images([whole])[0], expected, atol=1e-6)


def test_mirrored_adds_the_mirror_image_of_each_crop() -> None:
    plain = build_encoder(PIXEL_KEY, TESTS)
    mirrored = build_encoder(f"{PIXEL_KEY}:centre+mirrored", TESTS)
    crop = crop_about_middle(picture(), 0.7)
    expected = unit(plain.encode_images([crop, ImageOps.mirror(crop)]).sum(axis=0))
    np.testing.assert_allclose(mirrored.encode_images([picture()])[0], expected, atol=1e-6)
    same = mirrored.encode_images([ImageOps.mirror(picture())])[0]
    np.testing.assert_allclose(same, expected, atol=2e-2)


def test_the_packaged_network_looks_at_crops_too() -> None:
    options = EncoderOptions(device="cpu")
    plain = build_encoder(PACKAGED_KEY, options)
    tight = build_encoder(f"{PACKAGED_KEY}:tight", options)
    assert (tight.dimension, tight.speaks_text) == (1280, False)
    assert tight.input_side == 2 * plain.input_side
    crop = crop_about_middle(picture(), 0.5)
    np.testing.assert_allclose(
        tight.encode_images([picture()]), plain.encode_images([crop]), atol=1e-5
    )


@pytest.mark.parametrize(
    ("views", "number"),
    [("", 1), ("centre", 1), ("whole+centre+tight", 3), ("whole+centre+tight+mirrored", 6)],
)
def test_passes(views: str, number: int) -> None:
    assert passes(views) == number


@pytest.mark.parametrize(
    "views", ["whole", "mirrored", "tight+centre", "centre+centre", "middle", "centre+"]
)
def test_other_views_are_refused(views: str) -> None:
    with pytest.raises(UnknownEncoder):
        build_encoder(f"{CLIP_KEY}:{views}", EncoderOptions())


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2)])
def test_no_picture_is_too_small(size: tuple[int, int]) -> None:
    views = build_encoder(f"{PIXEL_KEY}:whole+centre+tight+mirrored", TESTS)
    assert views.encode_images([Image.new("RGB", size, "red")]).shape == (1, 512)
