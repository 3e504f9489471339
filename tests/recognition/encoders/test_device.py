"""The device is the one that was asked for, or an error says why not."""

import pytest

from recognition.encoders import PACKAGED_KEY, Encoder, EncoderError, EncoderOptions, build_encoder
from recognition.encoders.device import resolve_device

pytestmark = pytest.mark.real_encoder


def _available() -> set[str]:
    import torch

    found = {"cpu"}
    if torch.cuda.is_available():
        found |= {"cuda", "cuda:0"}
    if torch.backends.mps.is_available():
        found.add("mps")
    return found


def test_auto_takes_the_best_there_is() -> None:
    available = _available()
    best = next(name for name in ("cuda", "mps", "cpu") if name in available)
    assert resolve_device("auto") == best
    assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("wish", ["cuda", "cuda:97", "mps"])
def test_a_device_that_is_not_there(wish: str) -> None:
    if wish in _available():
        pytest.skip(f"this machine has {wish}")
    encoder = build_encoder(PACKAGED_KEY, EncoderOptions(device=wish))
    with pytest.raises(EncoderError, match=f"set to {wish}, but PyTorch sees"):
        encoder.load()
    assert encoder.device_name == wish


@pytest.mark.parametrize("wish", ["", "gpu", "cuda:", "cuda:x", "cpu:0"])
def test_a_device_that_does_not_exist(wish: str) -> None:
    with pytest.raises(EncoderError, match="is unknown"):
        resolve_device(wish)


def test_memory_can_be_released_at_any_time(packaged: Encoder) -> None:
    build_encoder(PACKAGED_KEY, EncoderOptions()).release_memory()
    packaged.release_memory()
    assert packaged.device_name == "cpu"
