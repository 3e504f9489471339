"""A mean and a matrix, and how they are kept."""

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"RVA1"
_HEADER = struct.Struct("<4sII")


@dataclass(frozen=True, eq=False)
class Adapter:
    """Vectors x of length `len(mean)` become (x - mean) @ matrix, scaled to length 1."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.mean.shape != (self.matrix.shape[0],):
            raise ValueError("The mean has as many numbers as the matrix has rows.")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.matrix).all()):
            raise ValueError("An adapter is made of finite numbers.")

    @property
    def takes(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def dimension(self) -> int:
        return int(self.matrix.shape[1])

    def apply(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """(n, takes) -> (n, dimension) of unit length. A vector that lies on the mean itself points
        nowhere, and becomes the first axis.
        """
        moved = (np.asarray(vectors, dtype=np.float32) - self.mean) @ self.matrix
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        nowhere = lengths[:, 0] < 1e-12
        moved[nowhere, 0], lengths[nowhere] = 1.0, 1.0
        return np.asarray(moved / lengths, dtype=np.float32)

    def to_bytes(self) -> bytes:
        """The same numbers give the same bytes."""
        header = _HEADER.pack(_MAGIC, self.takes, self.dimension)
        return (
            header
            + self.mean.astype("<f4").tobytes()
            + self.matrix.astype("<f4").tobytes(order="C")
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Adapter":
        """
        Raises:
            ValueError: these are not the bytes of an adapter.
        """
        if len(data) < _HEADER.size:
            raise ValueError("These are not the bytes of an adapter.")
        magic, takes, dimension = _HEADER.unpack_from(data)
        numbers = np.frombuffer(data, dtype="<f4", offset=_HEADER.size)
        if magic != _MAGIC or numbers.size != takes * (dimension + 1):
            raise ValueError("These are not the bytes of an adapter.")
        return cls(
            numbers[:takes].astype(np.float32),
            numbers[takes:].reshape(takes, dimension).astype(np.float32),
        )

    @property
    def digest(self) -> str:
        """First hex digits of the SHA-256 of its bytes: its name in an encoder's key."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:12]
