"""What every encoder offers, and the options that encoders are built with."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognition.encoders.errors import EncoderError, PatchesNotSupported, TextNotSupported
from recognition.encoders.patches import Patches

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class EncoderOptions:
    """How encoders run on this machine; nothing here changes what a vector means.

    `device` is auto, cuda, cuda:N, mps or cpu. `clip_weights` is the file behind keys of the form
    `open_clip:...:sha256-...`. `threads` limits the processor threads of one encoding (None: as
    PyTorch chooses); `batch_size` is the most pictures in one pass. `allow_test_encoders` opens
    the encoders that exist for tests only.
    """

    device: str = "auto"
    clip_weights: Path | None = None
    threads: int | None = None
    batch_size: int = 32
    allow_test_encoders: bool = False

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError("batch_size must be at least 1")
        if self.threads is not None and self.threads < 1:
            raise ValueError("threads must be at least 1, or None")


class Encoder(ABC):
    """Turns pictures (and, where `speaks_text`, words) into unit vectors of one space.

    Building one is free: weights are read at the first use, once, under a lock. `input_side` is the
    length in pixels of the shorter side that the encoder looks at: a caller may decode a picture
    smaller than it is as long as the shorter side stays at or above about twice that.
    """

    key: str
    dimension: int
    speaks_text: bool
    input_side: int
    # Whether it can say what it sees where.
    sees_patches: bool = False

    @property
    def device_name(self) -> str:
        """Where it runs; before the first load, what was asked for."""
        return "cpu"

    def load(self) -> None:  # noqa: B027  an encoder without weights has nothing to load
        """Reads the weights, once. Safe to call from several threads, and again.

        Raises MissingWeights, WrongWeights or EncoderError; a failed load may be tried again.
        """

    def release_memory(self) -> None:  # noqa: B027  most devices hold no cache
        """Gives cached accelerator memory back; the encoder stays loaded."""

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """RGB pictures, upright, of any size -> float32 (n, dimension) of unit length.

        No pictures give (0, dimension). Raises EncoderError, or what the device raises when its
        memory is full (see `halving`).
        """
        if not images:
            return np.zeros((0, self.dimension), dtype=np.float32)
        self.load()
        return unit_rows(self._encode_images(images), self.key)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts -> float32 (n, dimension) of unit length, in the space of the pictures.

        Raises TextNotSupported when the encoder sees pictures only.
        """
        if not self.speaks_text:
            raise TextNotSupported(f"The encoder {self.key} sees pictures only, not words.")
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        self.load()
        return unit_rows(self._encode_texts(texts), self.key)

    def encode_patches(self, image: Image.Image, *, whole: bool = False) -> Patches:
        """RGB picture -> what is seen where, on the part that `encode_images` looks at; `whole`: on
        all of the picture, squeezed into the encoder's form where that must be.

        Raises PatchesNotSupported when the encoder gives one vector and nothing else.
        """
        if not self.sees_patches:
            raise PatchesNotSupported(f"The encoder {self.key} does not say what it sees where.")
        self.load()
        patches = self._encode_patches(image, whole)
        if not np.isfinite(patches.lengths).all():
            raise EncoderError(
                f"The encoder {self.key} gave patches that are not finite; "
                "its weights are damaged, or its device computes wrongly."
            )
        return patches

    @abstractmethod
    def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """At least one picture -> float32 (n, dimension), of any length."""

    def _encode_texts(self, texts: Sequence[str]) -> Vectors:
        """At least one text -> float32 (n, dimension), of any length."""
        raise NotImplementedError

    def _encode_patches(self, image: Image.Image, whole: bool) -> Patches:
        """Of those that see patches."""
        raise NotImplementedError


def unit_rows(vectors: Vectors, key: str) -> Vectors:
    """Rows scaled to length 1.

    Raises EncoderError for a row that is zero or not finite: such a vector would be near to
    everything, or to nothing, without anyone noticing.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise EncoderError(
            f"The encoder {key} gave a vector that is empty or not finite; "
            "its weights are damaged, or its device computes wrongly."
        )
    return np.asarray(vectors / lengths, dtype=np.float32)
