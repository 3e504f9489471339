"""The encoder of the fast tests depends on the content of a picture, and on little else."""

import io

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import PIXEL_KEY, Encoder, EncoderOptions, TextNotSupported, build_encoder


@pytest.fixture
def pixel(options: EncoderOptions) -> Encoder:
    return build_encoder(PIXEL_KEY, options)


def _scene(seed: int) -> Image.Image:
    cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize((320, 240), Image.Resampling.BICUBIC)


def _recompressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


def test_unit_vectors_of_the_stated_form(pixel: Encoder) -> None:
    vectors = pixel.encode_images([_scene(seed) for seed in range(5)])
    assert vectors.shape == (5, 512)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert pixel.encode_images([]).shape == (0, 512)


def test_other_pictures_are_far_and_the_same_picture_is_near(pixel: Encoder) -> None:
    scenes = [_scene(seed) for seed in range(20)]
    vectors = pixel.encode_images(scenes)
    alike = vectors @ vectors.T - np.eye(20)
    for change in (
        lambda image: image.resize((200, 150)),
        lambda image: image.resize((640, 480)),
        _recompressed,
    ):
        changed = pixel.encode_images([change(scene) for scene in scenes])
        same = (vectors * changed).sum(axis=1)
        assert same.min() > 0.98
        assert same.min() > alike.max() + 0.2


def test_real_photos(pixel: Encoder, photos: dict[str, Image.Image]) -> None:
    china, flower, again = pixel.encode_images(
        [photos["china"], photos["flower"], _recompressed(photos["china"])]
    )
    assert china @ again > 0.99
    assert china @ flower < 0.5


def test_pictures_of_one_colour_have_vectors_that_differ(pixel: Encoder) -> None:
    colours = ["black", "white", "#7f7f7f", "#808080", "red", "blue"]
    vectors = pixel.encode_images([Image.new("RGB", (50, 50), colour) for colour in colours])
    assert np.isfinite(vectors).all()
    names = ["black", "white", "red", "blue"]
    chosen = vectors[[colours.index(name) for name in names]]
    assert (chosen @ chosen.T - np.eye(4)).max() < 0.9


def test_other_modes_and_tiny_pictures(pixel: Encoder) -> None:
    images = [Image.new("L", (1, 1)), Image.new("RGBA", (1, 400)), Image.new("P", (3, 2))]
    assert np.isfinite(pixel.encode_images(images)).all()


def test_it_sees_pictures_only(pixel: Encoder) -> None:
    assert not pixel.speaks_text
    with pytest.raises(TextNotSupported):
        pixel.encode_texts(["a red apple"])


def test_the_same_in_every_process(pixel: Encoder) -> None:
    vector = pixel.encode_images([_scene(1)])[0]
    again = type(pixel)().encode_images([_scene(1)])[0]
    np.testing.assert_array_equal(vector, again)
