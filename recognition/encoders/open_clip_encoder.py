# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""CLIP and its relatives through open_clip: any architecture, by tag or by local file.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021);
open weights: Cherti et al., "Reproducible scaling laws for contrastive language-image learning"
(2023). open_clip and torch are imported when the encoder loads, not before.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognition.encoders.architectures import dimension_of, input_side_of, sees_patches
from recognition.encoders.base import EncoderOptions, Vectors
from recognition.encoders.errors import EncoderError, MissingWeights, OutOfMemory, WrongWeights
from recognition.encoders.files import check_weights_file, file_digest
from recognition.encoders.halving import is_out_of_memory
from recognition.encoders.hub import download_weights, hub_source, weights_at_hand
from recognition.encoders.keys import EncoderKey, digest_weights
from recognition.encoders.patches import WHOLE_PICTURE, Area, central_square
from recognition.encoders.shapes import check_shapes
from recognition.encoders.torch_encoder import TorchEncoder

if TYPE_CHECKING:
    import torch

_PREPROCESSING = ("mean", "std", "interpolation", "resize_mode")
# A strip is cut to this many times its width around its centre before it is resized by its shorter
# side; only the central square is looked at, and 1 x 30,000 pixels would become 10 GB on the way.
_LONGEST_STRIP = 4


class OpenClipEncoder(TorchEncoder):
    """Pictures and texts in one space, through an open_clip network."""

    speaks_text = True

    def __init__(self, key: EncoderKey, options: EncoderOptions) -> None:
        super().__init__(str(key), options)
        self._parts = key
        self.dimension = dimension_of(key.architecture)
        self.input_side = input_side_of(key.architecture)
        self.sees_patches = sees_patches(key.architecture)
        self._to_square: Any = None
        self._mean: Any = None
        self._deviation: Any = None
        self._keeps_central_square = True
        self._tokenizer: Any = None
        self._dtype: Any = None

    def _load_network(self, device: str) -> Any:
        path = self._weights_path()
        import torch
        from open_clip import create_model_from_pretrained

        preprocessing, quick_gelu = self._configuration()
        half = device.startswith("cuda")
        try:
            # Always from a path: with a tag, open_clip would go to the network by itself.
            network, transform = create_model_from_pretrained(
                self._parts.architecture,
                pretrained=str(path),
                precision="fp16" if half else "fp32",
                device=device,
                force_quick_gelu=quick_gelu,
                **{f"image_{name}": value for name, value in preprocessing.items()},
            )
            check_shapes(network, path)
        except EncoderError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise OutOfMemory(f"The encoder {self.key} does not fit into {device}.") from error
            raise WrongWeights(
                f"The weights file {path} cannot be loaded as {self._parts.architecture} "
                f"({_first_line(error)}). It is damaged, or of another architecture: "
                "copy or download it again, or name the right file."
            ) from error
        self._split(transform, device)
        self._keeps_central_square = network.visual.preprocess_cfg["resize_mode"] == "shortest"
        self._dtype = torch.float16 if half else torch.float32
        return network.eval()

    def _weights_path(self) -> Path:
        """The weights as a file on this machine, downloaded if need be."""
        if self._parts.file_digest:
            return self._local_file()
        source = hub_source(self._parts.architecture, self._parts.weights)
        path = weights_at_hand(source) or download_weights(source)
        check_weights_file(path)
        return path

    def _local_file(self) -> Path:
        path = self._options.clip_weights
        if path is None:
            raise MissingWeights(
                f"The encoder {self.key} reads its weights from a local file, and none is named; "
                "set RETAILVISION_CLIP_WEIGHTS to the file that it was made with."
            )
        check_weights_file(path)
        found = digest_weights(file_digest(path))
        if found != self._parts.weights:
            raise WrongWeights(
                f"The weights file {path} is another one ({found}) than the encoder {self.key} was "
                "made with. Put that file back, or add the new one as an encoder of its own."
            )
        return path

    def _configuration(self) -> tuple[dict[str, Any], bool]:
        """Preprocessing and activation that the weights were trained with.

        open_clip keeps them with the tag, and forgets them when it is given a path. Weights that
        have only a digest get what most tags of their architecture share, and the activation that
        the architecture's name says.
        """
        from open_clip import pretrained

        architecture = self._parts.architecture
        if not self._parts.file_digest:
            config = pretrained.get_pretrained_cfg(architecture, self._parts.weights)
            return {name: config[name] for name in _PREPROCESSING}, bool(config.get("quick_gelu"))
        counted = Counter(
            tuple(pretrained.get_pretrained_cfg(architecture, tag)[name] for name in _PREPROCESSING)
            for tag in pretrained.list_pretrained_tags_by_model(architecture)
        )
        if not counted:
            return {}, False
        return dict(zip(_PREPROCESSING, counted.most_common(1)[0][0], strict=True)), False

    def _split(self, transform: Any, device: str) -> None:
        """open_clip's transform as two parts: what happens to a picture, what to all at once.

        Scaling and normalising a whole batch on the device moves a quarter of the bytes to it, and
        spares three rounds of threads per picture, which on a busy processor cost 50 ms.
        """
        import torch
        from torchvision.transforms import Compose, Normalize, ToTensor

        *first, to_tensor, normalise = transform.transforms
        if not (isinstance(to_tensor, ToTensor) and isinstance(normalise, Normalize)):
            raise EncoderError(
                f"This version of open_clip prepares pictures unexpectedly: {transform}"
            )
        self._to_square = Compose(first)
        self._mean = torch.tensor(normalise.mean, device=device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(normalise.std, device=device).view(1, 3, 1, 1)

    def _images_to_batch(self, images: Sequence[Image.Image]) -> "torch.Tensor":
        pixels = np.stack([np.asarray(self._to_square(self._tame(image))) for image in images])
        return _to_tensor(pixels)

    def _patch_batch(self, image: Image.Image, whole: bool) -> tuple["torch.Tensor", Area]:
        if not whole:
            crops = self._keeps_central_square
            area = central_square(image.width, image.height) if crops else WHOLE_PICTURE
            return self._images_to_batch([image]), area
        height, width = self._network.visual.image_size
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        squeezed = rgb.resize((width, height), Image.Resampling.BICUBIC)
        return _to_tensor(np.stack([np.asarray(squeezed)])), WHOLE_PICTURE

    def _patch_features(self, batch: "torch.Tensor") -> "torch.Tensor":
        """The last tokens of the patches, taken where the token of the picture is taken: normalised
        and projected into the space of pictures and words.
        """
        visual = self._network.visual
        seen = visual.forward_intermediates(
            self._normalised(batch),
            indices=1,
            normalize_intermediates=True,
            intermediates_only=True,
        )
        features: torch.Tensor = seen["image_intermediates"][-1].permute(0, 2, 3, 1)
        return features if visual.proj is None else features @ visual.proj

    def _tame(self, image: Image.Image) -> Image.Image:
        """Cuts the ends, which are not looked at, off an extremely long picture."""
        short, long = sorted(image.size)
        if not self._keeps_central_square or long <= short * _LONGEST_STRIP:
            return image
        keep = short * _LONGEST_STRIP
        skip = (long - keep) // 2
        wide = image.width > image.height
        box = (skip, 0, skip + keep, short) if wide else (0, skip, short, skip + keep)
        return image.crop(box)

    def _features(self, batch: "torch.Tensor") -> "torch.Tensor":
        features: torch.Tensor = self._network.encode_image(self._normalised(batch))
        return features

    def _normalised(self, batch: "torch.Tensor") -> "torch.Tensor":
        pixels = batch.to(self._device).float().div_(255).sub_(self._mean).div_(self._deviation)
        return pixels.to(self._dtype)

    def _encode_texts(self, texts: Sequence[str]) -> Vectors:
        import torch

        self._limit_threads()
        parts: list[Vectors] = []
        with torch.inference_mode():
            for start in range(0, len(texts), self._options.batch_size):
                tokens = self._tokens(texts[start : start + self._options.batch_size])
                features = self._network.encode_text(tokens.to(self._device))
                parts.append(np.asarray(features.float().cpu().numpy(), dtype=np.float32))
        return np.concatenate(parts)

    def _tokens(self, texts: Sequence[str]) -> "torch.Tensor":
        if self._tokenizer is None:
            from open_clip import get_tokenizer

            # Not part of load(): some architectures take the tokenizer from the hub, and who
            # searches by photo only does not need it.
            try:
                self._tokenizer = get_tokenizer(self._parts.architecture)
            except Exception as error:
                raise EncoderError(
                    f"The tokenizer of {self._parts.architecture} cannot be loaded "
                    f"({_first_line(error)}); searching by photo works without it."
                ) from error
        tokens: torch.Tensor = self._tokenizer(list(texts))
        return tokens


def _to_tensor(pixels: NDArray[np.uint8]) -> "torch.Tensor":
    import torch

    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), repr(error))
