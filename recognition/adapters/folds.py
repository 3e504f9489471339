"""Parts of a catalogue's photos that are held out in turn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def photo_folds(
    products: Sequence[int] | NDArray[np.int64], folds: int, seed: int
) -> NDArray[np.int64]:
    """For each photo the fold in which it is held out, 0..folds-1.

    Photos of one product are spread over the folds, so that a product of several photos is never
    held out as a whole; the only photo of a product is in some fold, too.
    """
    rng = np.random.default_rng(seed)
    of = np.asarray(products)
    found = np.zeros(len(of), dtype=np.int64)
    for product in np.unique(of):
        places = np.flatnonzero(of == product)
        start = int(rng.integers(folds))
        found[rng.permutation(places)] = (start + np.arange(len(places))) % folds
    return found
