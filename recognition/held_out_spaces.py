"""Photos of the catalogue as an adapter sees them that was not learned from them.

An adapter knows by heart the photos that it was learned from: on pure noise it tells products apart
without an error. Whatever is measured of an adapted encoder on the catalogue's own photos is therefore
measured part by part, by an adapter that was learned, by the same recipe, from the other parts. Its
vectors are compared with each other alone: another adapter's lie elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.adapters import Recipe, TooFewPhotos, fit_adapter, photo_folds
from recognition.confidence.holding_out import FOLDS
from recognition.models import Encoder, EncoderAdapter, ImageEmbedding

# More photos need not be in memory, nor decomposed five times.
MOST_PHOTOS = 20_000
# What a report says of an adapted encoder: whether its adapter had learned the photos.
HELD_OUT, IN_SAMPLE = "held_out", "in_sample"
_SEED = 20_260_501
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Space:
    """Photos as one adapter sees them. `held_out` and `others` are places among those that were
    given; the adapter was learned from the `others`, as a search's is from what it finds.
    """

    held_out: NDArray[np.int64]
    asked: NDArray[np.float32]
    others: NDArray[np.int64]
    gallery: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeldOutSpaces:
    """One space after the other, made when it is asked for: each is as large as all photos."""

    vectors: NDArray[np.float32]
    products: NDArray[np.int64]
    places: NDArray[np.int64]
    recipe: Recipe

    def __len__(self) -> int:
        return FOLDS

    def __iter__(self) -> Iterator[Space]:
        folds = photo_folds(self.products, FOLDS, _SEED)
        for fold in range(FOLDS):
            out = folds == fold
            if not out.any():
                continue
            adapter = fit_adapter(self.vectors[~out], self.products[~out], self.recipe)
            yield Space(
                self.places[out], adapter.apply(self.vectors[out]),
                self.places[~out], adapter.apply(self.vectors[~out]),
            )  # fmt: skip


def held_out_spaces(
    encoder: Encoder, images: Sequence[int], products: NDArray[np.int64]
) -> HeldOutSpaces | None:
    """For the photos with these ids, of these products; None for an encoder without adapter, for
    more than MOST_PHOTOS, and where they are too few to learn from.
    """
    kept = EncoderAdapter.objects.filter(encoder=encoder).values_list("recipe", flat=True).first()
    if kept is None or encoder.base is None or not 0 < len(images) <= MOST_PHOTOS:
        return None
    vectors = np.empty((len(images), encoder.base.dimension), dtype=np.float32)
    there = np.zeros(len(images), dtype=bool)
    at = {image: place for place, image in enumerate(images)}
    rows = ImageEmbedding.objects.ready().filter(encoder=encoder.base, image__in=list(images))
    for image, vector in rows.values_list("image", "vector").iterator(chunk_size=_ROWS_AT_ONCE):
        vectors[at[image]] = np.asarray(vector, dtype=np.float32)
        there[at[image]] = True
    recipe = Recipe(kept["method"], kept["shrinkage"])
    spaces = HeldOutSpaces(vectors[there], products[there], np.flatnonzero(there), recipe)
    return spaces if _can_learn(spaces) else None


def _can_learn(spaces: HeldOutSpaces) -> bool:
    """Found out with vectors of one number, which costs nothing."""
    folds = photo_folds(spaces.products, FOLDS, _SEED)
    thin = np.ones((len(folds), 1), dtype=np.float32)
    try:
        for fold in range(FOLDS):
            rest = folds != fold
            fit_adapter(thin[rest], spaces.products[rest], Recipe("whitening", 1.0))
    except TooFewPhotos:
        return False
    return True
