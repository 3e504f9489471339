"""Which parts of two pictures are like each other, as the encoder sees them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.encoders.patches import Patches


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """For each patch of either picture the cosine to the likest patch of the other, 0..1."""

    query: NDArray[np.float32]
    match: NDArray[np.float32]


def agree(query: Patches, match: Patches) -> Agreement:
    likeness = np.clip(query.flat @ match.flat.T, 0, 1)
    return Agreement(
        likeness.max(axis=1).reshape(query.rows, query.columns),
        likeness.max(axis=0).reshape(match.rows, match.columns),
    )
