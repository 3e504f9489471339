"""Weights that are missing, damaged, foreign or another file's are refused, never guessed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from recognition.encoders import (
    EncoderError,
    EncoderOptions,
    MissingWeights,
    UnknownEncoder,
    WrongWeights,
    build_encoder,
    choose,
    clip_key,
)
from recognition.encoders.files import file_digest
from recognition.encoders.keys import digest_weights

pytestmark = pytest.mark.real_encoder


def _load(path: Path, architecture: str = "ViT-S-32-alt") -> None:
    key = f"open_clip:{architecture}:{digest_weights(file_digest(path))}"
    build_encoder(key, EncoderOptions(device="cpu", clip_weights=path)).load()


@pytest.fixture
def altered(tmp_path: Path, small_clip: Any) -> Callable[..., Path]:
    """Saves the small CLIP's weights with changes to single parameters."""
    import torch
    from safetensors.torch import save_file

    def save(suffix: str = ".safetensors", **changes: Any) -> Path:
        state = dict(small_clip.network.state_dict())
        for name, value in changes.items():
            name = name.replace("__", ".")  # noqa: PLW2901
            state.pop(name, None)
            if value is not None:
                state[name] = value
        path = tmp_path / f"altered{suffix}"
        save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
        return path

    return save


def test_no_file_is_named() -> None:
    encoder = build_encoder("open_clip:ViT-B-32:sha256-0123456789ab", EncoderOptions())
    with pytest.raises(MissingWeights, match="RETAILVISION_CLIP_WEIGHTS"):
        encoder.load()


@pytest.mark.parametrize("preference", ["auto", "clip"])
def test_a_named_file_that_is_not_there(tmp_path: Path, preference: Any) -> None:
    with pytest.raises(MissingWeights, match="cannot be read"):
        choose(preference, tmp_path / "nothing.safetensors")
    with pytest.raises(MissingWeights, match="cannot be read"):
        choose(preference, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("weights.safetensors", b"", "is empty"),
        ("weights.pt", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("weights.npz", b"PK", "no weights file"),
    ],
)
def test_what_cannot_be_weights_is_seen_before_loading(
    tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WrongWeights, match=word):
        clip_key(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
@pytest.mark.parametrize("damage", ["truncated", "foreign"])
def test_damaged_files(altered: Callable[..., Path], suffix: str, damage: str) -> None:
    path = altered(suffix)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == "truncated" else b"GIF89a" * 1000)
    with pytest.raises(WrongWeights, match="cannot be loaded as ViT-S-32-alt"):
        _load(path)


def test_a_pickle_that_runs_code_is_not_run(tmp_path: Path) -> None:
    import pickle

    proof = tmp_path / "proof"

    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (proof,))

    path = tmp_path / "trap.pt"
    path.write_bytes(pickle.dumps({"state_dict": Trap()}))
    with pytest.raises(WrongWeights):
        _load(path)
    assert not proof.exists()


def test_pickles_that_hold_something_else(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "list.pt"
    contents: list[Any] = [[1, 2], {}, {"state_dict": {}}, torch.zeros(3)]
    for content in contents:
        torch.save(content, path)
        with pytest.raises(WrongWeights):
            _load(path)


def test_a_missing_parameter_is_never_left_random(altered: Callable[..., Path]) -> None:
    with pytest.raises(WrongWeights, match="cannot be loaded"):
        _load(altered(visual__proj=None))


def test_wrong_architecture(small_clip: Any, altered: Callable[..., Path]) -> None:
    import torch

    with pytest.raises(WrongWeights, match="as ViT-M-32-alt"):
        _load(small_clip.path, "ViT-M-32-alt")
    # The weights of a 256-pixel sibling: open_clip would bend its positions to fit.
    larger = torch.randn(8 * 8 + 1, 384)
    for suffix in (".safetensors", ".pt"):
        with pytest.raises(WrongWeights, match="made for another architecture"):
            _load(altered(suffix, visual__positional_embedding=larger))


def test_another_file_under_the_same_key(small_clip: Any, altered: Callable[..., Path]) -> None:
    key = clip_key(small_clip.path)
    other = altered(logit_scale=small_clip.network.logit_scale.detach() + 1)
    with pytest.raises(WrongWeights, match="another one"):
        build_encoder(key, EncoderOptions(clip_weights=other)).load()


def test_weights_that_are_not_numbers_give_no_vector(
    altered: Callable[..., Path], photos: dict[str, Image.Image], small_clip: Any
) -> None:
    import torch

    path = altered(visual__proj=torch.full_like(small_clip.network.visual.proj, float("nan")))
    key = f"open_clip:ViT-S-32-alt:{digest_weights(file_digest(path))}"
    encoder = build_encoder(key, EncoderOptions(clip_weights=path))
    with pytest.raises(EncoderError, match="not finite"):
        encoder.encode_images([photos["china"]])


def test_a_configuration_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"something")
    config = tmp_path / "open_clip_config.json"
    for text, word in (("{", "cannot be read"), (json.dumps({"model_cfg": {}}), "does not ship")):
        config.write_text(text)
        with pytest.raises(WrongWeights, match=word):
            clip_key(tmp_path / "weights.pt")


def test_an_unknown_tag() -> None:
    encoder = build_encoder("open_clip:ViT-B-32:laion9b", EncoderOptions())
    with pytest.raises(UnknownEncoder, match="laion2b_s34b_b79k"):
        encoder.load()


def test_a_failed_load_may_be_tried_again(small_clip: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    encoder = build_encoder(clip_key(small_clip.path), EncoderOptions(clip_weights=path))
    with pytest.raises(MissingWeights):
        encoder.load()
    path.symlink_to(small_clip.path)
    encoder.load()
