"""What an encoder sees where in a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Area = tuple[float, float, float, float]
WHOLE_PICTURE: Area = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """A grid over a picture: `vectors` is float32 (rows, columns, d) of unit length, `lengths`
    float32 (rows, columns) what they were before that. `area` is what the grid covers of the
    picture, (left, top, width, height) as fractions of its size: preprocessing cuts the rest off.
    """

    vectors: NDArray[np.float32]
    lengths: NDArray[np.float32]
    area: Area

    @property
    def rows(self) -> int:
        return int(self.vectors.shape[0])

    @property
    def columns(self) -> int:
        return int(self.vectors.shape[1])

    @property
    def flat(self) -> NDArray[np.float32]:
        """(rows * columns, d), row by row."""
        return self.vectors.reshape(-1, self.vectors.shape[2])


def as_patches(features: NDArray[np.float32], area: Area) -> Patches:
    """(rows, columns, d) of any lengths -> patches. A patch of nothing stays all zero: it is like
    no other, which is what a search for likeness should find there.
    """
    lengths = np.linalg.norm(features, axis=2)
    unit = features / np.maximum(lengths, 1e-12)[:, :, None]
    return Patches(unit.astype(np.float32), lengths.astype(np.float32), area)


def central_square(width: int, height: int, share: float = 1.0) -> Area:
    """The area of a square in the middle, `share` of the shorter side long."""
    side = min(width, height) * share
    across, down = side / width, side / height
    return ((1 - across) / 2, (1 - down) / 2, across, down)
