"""CLIP through the real loading path gives what open_clip itself gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import EncoderOptions, build_encoder, clip_key

pytestmark = pytest.mark.real_encoder


def _direct(network: Any, images: list[Image.Image]) -> np.ndarray:
    """Vectors computed with open_clip's own transform."""
    import open_clip
    import torch

    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**network.visual.preprocess_cfg), is_train=False
    )
    with torch.inference_mode():
        features = network.encode_image(torch.stack([transform(image) for image in images]))
    return torch.nn.functional.normalize(features, dim=-1).numpy()


def test_vit_b_32_from_a_local_file(vit_b_32: Any, photos: dict[str, Image.Image]) -> None:
    import open_clip
    import torch

    encoder = build_encoder(
        clip_key(vit_b_32.path), EncoderOptions(device="cpu", clip_weights=vit_b_32.path)
    )
    images = [photos["china"], photos["flower"], photos["china"].resize((60, 300))]
    vectors = encoder.encode_images(images)
    assert encoder.device_name == "cpu"
    assert encoder.key.startswith("open_clip:ViT-B-32:sha256-")
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, _direct(vit_b_32.network, images), atol=1e-5)

    words = ["a palace", "a flower " * 100, ""]
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer("ViT-B-32")(words)
        expected = vit_b_32.network.encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(words), expected, atol=1e-5)
    assert encoder.encode_texts([]).shape == (0, 512)
    assert encoder.encode_images([]).shape == (0, 512)


def test_a_tag_brings_its_own_activation(
    vit_b_32: Any,
    photos: dict[str, Image.Image],
    put_in_hub_cache: Callable[[str, str, Path], Path],
    make_clip: Callable[..., Any],
) -> None:
    """The tag `openai` was trained with QuickGELU, which its weights file does not say."""
    repository = "timm/vit_base_patch32_clip_224.openai"
    put_in_hub_cache(repository, "open_clip_model.safetensors", vit_b_32.path)
    encoder = build_encoder("open_clip:ViT-B-32:openai", EncoderOptions(device="cpu"))
    images = list(photos.values())
    vectors = encoder.encode_images(images)

    quick = make_clip("ViT-B-32", force_quick_gelu=True)
    quick.load_state_dict(vit_b_32.network.state_dict())
    np.testing.assert_allclose(vectors, _direct(quick, images), atol=1e-5)
    assert np.abs(vectors - _direct(vit_b_32.network, images)).max() > 1e-3


def test_a_checkpoint_of_another_architecture_is_known_by_its_configuration(
    small_clip: Any, photos: dict[str, Image.Image]
) -> None:
    key = clip_key(small_clip.path)
    assert key.startswith("open_clip:ViT-S-32-alt:sha256-")
    encoder = build_encoder(key, EncoderOptions(clip_weights=small_clip.path, batch_size=2))
    assert encoder.dimension == 256
    images = [*photos.values(), photos["china"].rotate(90, expand=True)]
    np.testing.assert_allclose(
        encoder.encode_images(images), _direct(small_clip.network, images), atol=1e-5
    )


def test_extremely_long_pictures_stay_cheap_and_the_same(small_clip: Any) -> None:
    encoder = build_encoder(clip_key(small_clip.path), EncoderOptions(clip_weights=small_clip.path))
    noise = np.random.default_rng(3).integers(0, 256, (64, 1024, 3), dtype=np.uint8)
    strip = Image.fromarray(noise)
    expected = _direct(small_clip.network, [strip, strip.rotate(90, expand=True)])
    vectors = encoder.encode_images([strip, strip.rotate(90, expand=True)])
    assert (vectors * expected).sum(axis=1).min() > 0.9999
    assert np.isfinite(encoder.encode_images([Image.new("RGB", (1, 30_000), "red")])).all()


@pytest.mark.parametrize(
    ("architecture", "tag"),
    [("ViT-B-32", "laion2b_s34b_b79k"), ("ViT-B-16-SigLIP", "webli"), ("ViTamin-S", "datacomp1b")],
)
def test_hub_sources_agree_with_open_clip(architecture: str, tag: str) -> None:
    from open_clip import pretrained

    from recognition.encoders.hub import hub_source

    source = hub_source(architecture, tag)
    stated = pretrained.get_pretrained_cfg(architecture, tag)["hf_hub"]
    assert stated.startswith(f"{source.repository}/")
    assert stated.rpartition("/")[2] in {"", *source.files}
    assert source.files[0].endswith(".safetensors")
