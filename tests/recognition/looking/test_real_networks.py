"""Boxes and agreement by the networks that sites use."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import PACKAGED_KEY, Encoder, EncoderOptions, build_encoder, clip_key
from recognition.looking import agree, foreground
from tests.recognition.encoders.conftest import make_clip, photos, small_clip

__all__ = ["make_clip", "photos", "small_clip"]

pytestmark = pytest.mark.real_encoder


@pytest.fixture(scope="module")
def packaged() -> Encoder:
    return build_encoder(PACKAGED_KEY, EncoderOptions(device="cpu"))


def wall(width: int, height: int) -> Image.Image:
    noise = np.random.default_rng(8).normal(0, 4, (height, width, 1))
    slope = np.linspace(-25, 25, width)[None, :, None]
    pixels = np.array([186, 178, 165]) + slope + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("place", [(60, 80), (200, 330), (150, 200)])
def test_the_box_is_round_a_flower_on_a_wall(
    packaged: Encoder, photos: dict[str, Image.Image], place: tuple[int, int]
) -> None:
    scene = wall(480, 640)
    scene.paste(photos["flower"].crop((150, 0, 577, 427)).resize((220, 220)), place)
    box = foreground(packaged.encode_patches(scene, whole=True))
    assert box is not None
    left, top, width, height = (box[0] * 480, box[1] * 640, box[2] * 480, box[3] * 640)
    across = min(left + width, place[0] + 220) - max(left, place[0])
    down = min(top + height, place[1] + 220) - max(top, place[1])
    common = across * down
    assert common / (width * height + 220 * 220 - common) > 0.4


def test_a_wall_has_no_box(packaged: Encoder) -> None:
    assert (
        foreground(packaged.encode_patches(Image.new("RGB", (480, 640), "white"), whole=True))
        is None
    )


def test_what_is_in_both_photos_is_what_agrees(
    packaged: Encoder, photos: dict[str, Image.Image]
) -> None:
    scene = wall(640, 427)
    scene.paste(photos["flower"].crop((150, 0, 577, 427)).resize((280, 280)), (340, 100))
    agreement = agree(
        packaged.encode_patches(scene, whole=True),
        packaged.encode_patches(photos["flower"], whole=True),
    )
    columns = agreement.query.shape[1]
    right = agreement.query[2:, columns * 9 // 16 : columns * 14 // 16].mean()
    left = agreement.query[2:, : columns // 3].mean()
    assert right > left + 0.1


def test_clip_agrees_with_itself(small_clip: Any, photos: dict[str, Image.Image]) -> None:
    encoder = build_encoder(clip_key(small_clip.path), EncoderOptions(clip_weights=small_clip.path))
    patches = encoder.encode_patches(photos["china"], whole=True)
    agreement = agree(patches, patches)
    np.testing.assert_allclose(agreement.query, 1, atol=1e-4)
    assert agreement.query.shape == agreement.match.shape == (patches.rows, patches.columns)
