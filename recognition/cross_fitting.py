"""What photos of the catalogue meet without themselves, where an adapter was learned from them."""

from collections.abc import Callable, Collection, Iterator
from math import ceil

import numpy as np
from numpy.typing import NDArray

from recognition.adapters import Adapter, Recipe, TooFewPhotos, fit_adapter, photo_folds
from recognition.confidence import Gallery, Ranked, by_score, held_out_meetings, scoring
from recognition.confidence.holding_out import FOLDS
from recognition.models import Encoder, EncoderAdapter, ImageEmbedding

# Photos that adapters are learned from: 100 MB of 1280 numbers each. Of larger catalogues whole
# products are drawn.
MOST_PHOTOS = 20_000
# Photos of a larger catalogue that are compared at once.
_AT_ONCE = 10_000
_SEED = 20_260_501

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
# A product's score and the distances of its photos.
_Near = tuple[float, int, list[float]]


class Meetings(dict[int, Ranked]):
    """By photo, what it met. `learned_from`: photos of which each adapter learned four fifths."""

    learned_from: int = 0


def cross_fitted(
    encoder: Encoder,
    products: int,
    asked: Collection[int] | None = None,
    alive: Callable[[], None] = lambda: None,
) -> Meetings:
    """By photo, the so many nearest products that it meets in the catalogue without it.

    Empty for an encoder without adapter, and for a catalogue that has become too small to learn
    from. `asked` are the photos that matter, all without; of a catalogue that is larger than what
    adapters learn from they must be named, or it is empty too. `alive` is called now and then.
    """
    found = Meetings()
    kept = EncoderAdapter.objects.filter(encoder=encoder).values_list("recipe", flat=True).first()
    if kept is None or encoder.base_id is None:
        return found
    recipe = Recipe(kept["method"], kept["shrinkage"])
    photos = ImageEmbedding.objects.findable(encoder.base_id)
    most = _learned_from(encoder)
    found.learned_from = min(photos.count(), most)
    try:
        if photos.count() > most:
            if asked is not None:
                found |= _Streamed(encoder, recipe, products, most).meet(set(asked), alive)
            return found
        rows = list(photos.order_by("image").values_list("image", "image__product", "vector"))
        if not rows:
            return found
        of = np.array([product for _image, product, _vector in rows], dtype=np.int64)
        vectors = _stacked(vector for _image, _product, vector in rows)
        for place, ranked in held_out_meetings(vectors, of, recipe, encoder.scoring, products):
            found[rows[place][0]] = ranked
            alive()
    except TooFewPhotos:
        found.clear()
    return found


def _learned_from(encoder: Encoder) -> int:
    """Adapters that stand in for the real one must not know more than it does: four fifths of so
    many photos are as many as that was learned from.
    """
    learned = encoder.origin.get("photos") or MOST_PHOTOS
    return min(MOST_PHOTOS, ceil(int(learned) * FOLDS / (FOLDS - 1)))


class _Streamed:
    """The same for a catalogue that is too large to be held: adapters learn from a sample of it, and
    each photo is compared with all of it, as in `held_out_meetings`.
    """

    def __init__(self, encoder: Encoder, recipe: Recipe, products: int, most: int) -> None:
        self._photos = ImageEmbedding.objects.findable(encoder.base_id or 0)
        self._dimension = encoder.base.dimension if encoder.base else 0
        self._recipe, self._scoring = recipe, encoder.scoring
        self._products, self._most = products, most
        rows = self._photos.order_by("image__product", "image")
        pairs = np.array(list(rows.values_list("image", "image__product")), dtype=np.int64)
        self._images, self._of = pairs[:, 0], pairs[:, 1]

    def meet(self, asked: set[int], alive: Callable[[], None]) -> dict[int, Ranked]:
        taught = np.isin(self._of, self._drawn())
        asks = np.isin(self._images, list(asked))
        folds = np.full(len(self._of), -1)
        folded = taught | np.isin(self._of, self._of[asks])
        folds[folded] = photo_folds(self._of[folded], FOLDS, _SEED)
        learned, learned_of, learned_folds = self._vectors(taught), self._of[taught], folds[taught]
        near: dict[int, list[_Near]] = {}
        parts: list[tuple[int, Adapter, Ids, Floats]] = []
        for fold in range(FOLDS):
            ask, learn = asks & (folds == fold), learned_folds != fold
            if not ask.any():
                continue
            adapter = fit_adapter(learned[learn], learned_of[learn], self._recipe)
            parts.append((fold, adapter, self._images[ask], adapter.apply(self._vectors(ask))))
            near |= {int(image): [] for image in self._images[ask]}
            alive()
        for start, end in self._chunks():
            here = np.zeros(len(self._of), dtype=bool)
            here[start:end] = True
            vectors = self._vectors(here)
            for fold, adapter, images, queries in parts:
                kept = folds[start:end] != fold
                gallery = adapter.apply(vectors[kept])
                self._compare(gallery, self._of[start:end][kept], images, queries, near)
                alive()
        return {image: self._ranked(found) for image, found in near.items()}

    def _ranked(self, found: list[_Near]) -> Ranked:
        distances = {product: each for _score, product, each in found}
        if self._scoring == scoring.NEAREST:
            return by_score(distances)
        return by_score(distances, {product: score for score, product, _each in found})

    def _drawn(self) -> Ids:
        """Whole products, by lot, with as many photos as adapters may learn from."""
        products, numbers = np.unique(self._of, return_counts=True)
        order = np.random.default_rng(_SEED).permutation(len(products))
        return np.asarray(products[order[np.cumsum(numbers[order]) <= self._most]])

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Whole products that lie side by side."""
        start, size = 0, len(self._of)
        while start < size:
            last = self._of[min(start + _AT_ONCE, size) - 1]
            end = int(np.searchsorted(self._of, last, side="right"))
            yield start, end
            start = end

    def _vectors(self, chosen: NDArray[np.bool_]) -> Floats:
        images = self._images[chosen].tolist()
        rows = self._photos.filter(image__in=images).order_by()
        found = dict(rows.values_list("image", "vector"))
        # One that went away meanwhile lies nowhere.
        nowhere = np.zeros(self._dimension, dtype=np.float32)
        return _stacked(found.get(image, nowhere) for image in images)

    def _compare(
        self, gallery: Floats, of: Ids, images: Ids, queries: Floats, near: dict[int, list[_Near]]
    ) -> None:
        """Keeps for each query the nearest products of this part and of those before it."""
        if not len(of):
            return
        products = np.unique(of)
        starts, ends = np.searchsorted(of, products), np.searchsorted(of, products, side="right")
        scores = Gallery(gallery, of.tolist()).scores(queries, self._scoring)
        for image, query, row in zip(images.tolist(), queries, scores, strict=True):
            best = near[image]
            for at in np.argsort(row, kind="stable")[: self._products]:
                score = float(row[at])
                if len(best) >= self._products and score >= best[self._products - 1][0]:
                    break
                distances = 1 - gallery[starts[at] : ends[at]] @ query
                best.append((score, int(products[at]), distances.tolist()))
                best.sort(key=lambda each: each[:2])
            del best[self._products :]


def _stacked(vectors: Iterator[object]) -> Floats:
    return np.stack([np.asarray(each, dtype=np.float32) for each in vectors])
