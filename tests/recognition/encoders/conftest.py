"""Real pictures, and real networks that are made or loaded once."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import PACKAGED_KEY, Encoder, EncoderOptions, build_encoder

SMALL = "ViT-S-32-alt"  # 43 million parameters: a real CLIP that is made in a third of a second


@dataclass(frozen=True)
class SavedClip:
    """A CLIP with fixed random weights, as open_clip made it, and the file it was saved to."""

    network: Any
    path: Path


@pytest.fixture(scope="session")
def photos() -> dict[str, Image.Image]:
    """Two photographs, 640 x 427: a palace in China and a dahlia."""
    from sklearn.datasets import load_sample_image

    return {
        name: Image.fromarray(np.asarray(load_sample_image(f"{name}.jpg")))
        for name in ("china", "flower")
    }


@pytest.fixture(scope="session")
def options() -> EncoderOptions:
    return EncoderOptions(device="cpu", allow_test_encoders=True)


@pytest.fixture(scope="session")
def packaged(options: EncoderOptions) -> Encoder:
    encoder = build_encoder(PACKAGED_KEY, options)
    encoder.load()
    return encoder


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., Any]:
    """Architecture name -> an open_clip network with weights that depend on the seed alone."""

    def make(architecture: str, seed: int = 7, **more: Any) -> Any:
        import open_clip
        import torch

        torch.manual_seed(seed)
        return open_clip.create_model(architecture, load_weights=False, **more).eval()

    return make


@pytest.fixture(scope="session")
def vit_b_32(tmp_path_factory: pytest.TempPathFactory, make_clip: Any) -> Any:
    """ViT-B-32 in a .safetensors file (600 MB, removed afterwards)."""
    from safetensors.torch import save_file

    network = make_clip("ViT-B-32")
    path = tmp_path_factory.mktemp("vit-b-32") / "weights.safetensors"
    save_file(network.state_dict(), path)
    yield SavedClip(network, path)
    path.unlink()


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory, make_clip: Any) -> Any:
    """A small CLIP in a .pt file as training writes it, with its configuration beside it."""
    import json

    import torch

    from recognition.encoders.architectures import architecture_config

    network = make_clip(SMALL)
    path = tmp_path_factory.mktemp("small-clip") / "weights.pt"
    torch.save({"state_dict": network.state_dict(), "epoch": 1}, path)
    (path.parent / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": architecture_config(SMALL), "preprocess_cfg": {}})
    )
    yield SavedClip(network, path)
    path.unlink()


@pytest.fixture
def empty_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Points the hub's cache to an empty directory, and takes the machine's proxies away."""
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    for name in ("HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    return cache


@pytest.fixture
def put_in_hub_cache(empty_hub_cache: Path) -> Callable[[str, str, Path], Path]:
    """Repository, file name, file -> the file in the hub's cache, as a download leaves it there."""

    def put(repository: str, name: str, file: Path) -> Path:
        folder = empty_hub_cache / f"models--{repository.replace('/', '--')}"
        commit = "0" * 40
        (folder / "refs").mkdir(parents=True)
        (folder / "refs" / "main").write_text(commit)
        target = folder / "snapshots" / commit / name
        target.parent.mkdir(parents=True)
        target.symlink_to(file)
        return target

    return put
