"""What the encoders see where."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from recognition.adapters import Adapter
from recognition.encoders import (
    CLIP_KEY,
    PIXEL_KEY,
    AdaptedEncoder,
    Encoder,
    EncoderOptions,
    PatchesNotSupported,
    build_encoder,
    clip_key,
)

Photos = dict[str, Image.Image]


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def summed(patches: Any) -> np.ndarray:
    """The vectors as they were before they got their unit length, added up."""
    return np.asarray((patches.vectors * patches.lengths[:, :, None]).sum(axis=(0, 1)))


def halves() -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (130, 130), "red")
    image.paste("blue", (65, 0, 130, 130))
    return image


@pytest.fixture
def pixel(options: EncoderOptions) -> Encoder:
    return build_encoder(PIXEL_KEY, options)


def test_patches_of_one_colour_are_the_same_and_of_two_are_not(pixel: Encoder) -> None:
    patches = pixel.encode_patches(halves())
    assert (patches.rows, patches.columns, patches.area) == (13, 13, (0, 0, 1, 1))
    assert patches.flat.shape == (169, 4)
    np.testing.assert_allclose(np.linalg.norm(patches.flat, axis=1), 1, rtol=1e-5)
    assert patches.vectors[3, 0] @ patches.vectors[9, 5] > 0.999
    assert patches.vectors[3, 0] @ patches.vectors[3, 12] < 0.5


def test_views_look_at_the_whole_through_their_base(
    pixel: Encoder, options: EncoderOptions
) -> None:
    views = build_encoder(f"{PIXEL_KEY}:centre+tight", options)
    assert views.sees_patches
    np.testing.assert_array_equal(
        views.encode_patches(halves()).vectors, pixel.encode_patches(halves()).vectors
    )


def test_an_adapter_of_vectors_that_are_no_patches_leaves_patches_alone(pixel: Encoder) -> None:
    adapter = Adapter(np.zeros(512, np.float32), np.eye(512, 8, dtype=np.float32))
    adapted = AdaptedEncoder(f"{PIXEL_KEY}:adapter-1", pixel, adapter)
    np.testing.assert_array_equal(
        adapted.encode_patches(halves()).vectors, pixel.encode_patches(halves()).vectors
    )


@pytest.mark.real_encoder
def test_the_mean_of_the_packaged_encoders_patches_is_its_vector(
    packaged: Encoder, photos: Photos
) -> None:
    patches = packaged.encode_patches(photos["china"])
    assert patches.vectors.shape == (7, 7, 1280)
    assert patches.vectors.dtype == patches.lengths.dtype == np.float32
    vector = packaged.encode_images([photos["china"]])[0]
    np.testing.assert_allclose(unit(summed(patches)), vector, atol=1e-4)
    left, top, width, height = patches.area  # the central 7/8 of 640 x 427
    assert (width * 640, height * 427) == pytest.approx((0.875 * 427, 0.875 * 427))
    assert (left, top) == pytest.approx(((1 - width) / 2, (1 - height) / 2))


@pytest.mark.real_encoder
def test_the_packaged_encoder_sees_all_of_a_picture_where_it_is(
    packaged: Encoder, photos: Photos
) -> None:
    patches = packaged.encode_patches(photos["flower"], whole=True)
    assert patches.area == (0, 0, 1, 1)
    assert (patches.rows, patches.columns) == (9, 14)
    mirrored = packaged.encode_patches(
        photos["flower"].transpose(Image.Transpose.FLIP_LEFT_RIGHT), whole=True
    )
    there = (patches.vectors * mirrored.vectors[:, ::-1]).sum(axis=2)
    elsewhere = (patches.vectors * mirrored.vectors).sum(axis=2)
    assert there.mean() > elsewhere.mean() + 0.1
    assert packaged.encode_patches(Image.new("RGB", (1, 9000)), whole=True).columns == 2


@pytest.mark.real_encoder
def test_an_adapter_is_applied_to_each_patch(packaged: Encoder, photos: Photos) -> None:
    matrix = np.random.default_rng(5).standard_normal((1280, 16)).astype(np.float32)
    adapter = Adapter(np.full(1280, 0.01, np.float32), matrix)
    adapted = AdaptedEncoder(f"{packaged.key}:adapter-1", packaged, adapter)
    plain = packaged.encode_patches(photos["china"])
    np.testing.assert_allclose(
        adapted.encode_patches(photos["china"]).flat, adapter.apply(plain.flat), atol=1e-5
    )


@pytest.mark.real_encoder
def test_patches_of_clip_are_its_tokens_in_the_space_of_pictures_and_words(
    small_clip: Any, photos: Photos
) -> None:
    import torch

    encoder = build_encoder(clip_key(small_clip.path), EncoderOptions(clip_weights=small_clip.path))
    assert encoder.sees_patches
    patches = encoder.encode_patches(photos["china"])
    visual = small_clip.network.visual
    assert (patches.rows, patches.columns) == visual.grid_size
    # open_clip's own way to the tokens, and to the vector of the picture beside them.
    with torch.inference_mode():
        batch = encoder._normalised(encoder._images_to_batch([photos["china"]]))
        pooled, tokens = visual._pool(visual.transformer(visual._embeds(batch)))
        expected = (tokens[0] @ visual.proj).numpy()
        whole = (pooled[0] @ visual.proj).numpy()
    np.testing.assert_allclose(
        patches.flat, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5
    )
    np.testing.assert_allclose(encoder.encode_images([photos["china"]])[0], unit(whole), atol=1e-5)
    width, height = photos["china"].size
    assert patches.area == pytest.approx(((1 - height / width) / 2, 0, height / width, 1))
    assert encoder.encode_patches(photos["china"], whole=True).area == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("architecture", "sees"),
    [
        ("ViT-B-32", True),
        ("ViT-L-14-CLIPA", True),
        ("RN50", False),
        ("ViT-B-16-SigLIP", False),
        ("coca_ViT-B-32", False),
    ],
)
def test_which_architectures_see_patches(architecture: str, sees: bool) -> None:
    encoder = build_encoder(f"open_clip:{architecture}:x", EncoderOptions())
    assert encoder.sees_patches is sees
    assert build_encoder(CLIP_KEY, EncoderOptions()).sees_patches


def test_who_sees_none_says_so() -> None:
    encoder = build_encoder("open_clip:RN50:openai", EncoderOptions())
    with pytest.raises(PatchesNotSupported, match="does not say"):
        encoder.encode_patches(halves())
