# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""A check that open_clip leaves out: were the weights made for this very architecture?"""

from pathlib import Path
from typing import Any

from recognition.encoders.errors import WrongWeights

# open_clip accepts either form of these numbers, and they take no part in a vector.
_SCALARS = ("logit_scale", "logit_bias")


def check_shapes(network: Any, path: Path) -> None:
    """Raises WrongWeights when the file's parameters had to be bent to fit the network.

    open_clip loads strictly, except that it resizes positional embeddings that do not fit: the
    weights of a 256-pixel model load into the 224-pixel one without a word.
    """
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    for name, shape in _shapes_in(path).items():
        if name in expected and name not in _SCALARS and shape != expected[name]:
            raise WrongWeights(
                f"The weights file {path} was made for another architecture: {name} is {shape} "
                f"there and {expected[name]} here. Name the right file."
            )


def _shapes_in(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors in a weights file, by parameter name, without reading their values."""
    if path.suffix.lower() == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    else:
        shapes = {
            name: tuple(value.shape)
            for name, value in _pickled(path).items()
            if hasattr(value, "shape")
        }
    return {name.removeprefix("module."): shape for name, shape in shapes.items()}


def _pickled(path: Path) -> dict[str, Any]:
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except RuntimeError:  # files from before torch 1.6 cannot be mapped
        content = torch.load(path, map_location="cpu", weights_only=True)
    state: dict[str, Any] = content.get("state_dict", content)
    return state
