"""Photos of a gallery, each met without itself: also by the adapter, where there is one.

An adapter has seen the photos that it was learned from, and puts each closer to its own product than
it will put a new one: as evidence they would promise too much. So the photos are divided, and each
part is met by an adapter that was learned, by the same recipe, from the others.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recognition.adapters import Recipe, fit_adapter, photo_folds
from recognition.confidence.gallery import Gallery
from recognition.confidence.ranked import Ranked

FOLDS = 5
_SEED = 20_260_501


def held_out_meetings(
    vectors: NDArray[np.float32],
    products: NDArray[np.int64],
    recipe: Recipe,
    scoring: str,
    most: int,
) -> Iterator[tuple[int, Ranked]]:
    """(place of a photo, the so many nearest products that it meets), in no particular order.

    Raises:
        TooFewPhotos: too few are left to learn from.
    """
    folds = photo_folds(products, FOLDS, _SEED)
    for fold in range(FOLDS):
        held_out = folds == fold
        if not held_out.any() or held_out.all():
            continue
        adapter = fit_adapter(vectors[~held_out], products[~held_out], recipe)
        gallery = Gallery(adapter.apply(vectors[~held_out]), products[~held_out].tolist())
        asked = adapter.apply(vectors[held_out])
        for place, query in zip(np.flatnonzero(held_out).tolist(), asked, strict=True):
            yield place, gallery.meet(query, scoring, most)
