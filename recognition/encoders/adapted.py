"""An encoder whose vectors come from those of another by a map that a catalogue taught."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from recognition.adapters import Adapter
from recognition.encoders.base import Encoder, Vectors
from recognition.encoders.errors import WrongWeights
from recognition.encoders.patches import Patches


class AdaptedEncoder(Encoder):
    """Pictures only: the map is learned from pictures, and words of the same network lie elsewhere.
    Searches by words ask the base.
    """

    speaks_text = False

    def __init__(self, key: str, base: Encoder, adapter: Adapter) -> None:
        if adapter.takes != base.dimension:
            raise WrongWeights(
                f"The adapter of {key} is for {adapter.takes} numbers, but its base gives "
                f"{base.dimension}; learn it anew with `manage.py encoder tune`."
            )
        self.key = key
        self.base = base
        self.adapter = adapter
        self.dimension = adapter.dimension
        self.input_side = base.input_side
        self.sees_patches = base.sees_patches

    @property
    def device_name(self) -> str:
        return self.base.device_name

    def load(self) -> None:
        self.base.load()

    def release_memory(self) -> None:
        self.base.release_memory()

    def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        return self.adapter.apply(self.base.encode_images(images))

    def _encode_patches(self, image: Image.Image, whole: bool) -> Patches:
        patches = self.base.encode_patches(image, whole=whole)
        if patches.vectors.shape[2] != self.adapter.takes:
            return patches
        adapted = self.adapter.apply(patches.flat).reshape(patches.rows, patches.columns, -1)
        return replace(patches, vectors=adapted)
