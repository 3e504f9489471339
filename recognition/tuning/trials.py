"""How each candidate does on photos that were held out of its gallery and of its adapter. Pure.

Three questions, each a list of outcomes in the same order of photos for every candidate, so that two
candidates can be compared photo by photo:

- `several`: photos of products that have others, held out in five parts;
- `single`: the products' first photos are all that is known of them, and their others are asked
  with; the adapter is learned from other products. It stands for products with one photo;
- `asked`: labelled photos that were asked with, against the whole catalogue.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recognition.adapters import RECIPES, Adapter, Recipe, TooFewPhotos, fit_all, photo_folds
from recognition.confidence import Gallery, scoring
from recognition.tuning.candidates import VIEWS, Candidate

FOLDS = 5
_SEED = 20_260_601


@dataclass(frozen=True, slots=True)
class Photos:
    """Of each photo the product, whether it is the product's first photo, whether it is of the
    catalogue (else it only teaches adapters), and by views its unit vectors (photos, d).
    """

    vectors: Mapping[str, NDArray[np.float32]]
    products: NDArray[np.int64]
    first: NDArray[np.bool_]
    listed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """Labelled photos: of each the product, -1 where it is not in the catalogue."""

    vectors: Mapping[str, NDArray[np.float32]]
    products: NDArray[np.int64]


@dataclass(slots=True)
class Outcomes:
    """Per photo: rank of its product (from 1), how far ahead of the second the first product was, and
    of which product the photo is.
    """

    ranks: list[int] = field(default_factory=list)
    margins: list[float] = field(default_factory=list)
    products: list[int] = field(default_factory=list)

    def add(self, scores: NDArray[np.float64], gallery: Gallery, truth: NDArray[np.int64]) -> None:
        places = np.searchsorted(gallery.products, truth)
        known = places < len(gallery.products)
        known[known] = gallery.products[places[known]] == truth[known]
        own = scores[np.arange(len(truth)), np.where(known, places, 0)]
        ranks = np.where(known, 1 + (scores < own[:, None]).sum(axis=1), np.iinfo(np.int64).max)
        ordered = np.partition(scores, min(1, scores.shape[1] - 1), axis=1)
        margin = ordered[:, 1] - ordered[:, 0] if scores.shape[1] > 1 else np.ones(len(scores))
        self.ranks.extend(ranks.tolist())
        self.margins.extend(margin.tolist())
        self.products.extend(truth.tolist())


@dataclass(slots=True)
class Trial:
    """What a candidate came to on each question."""

    candidate: Candidate
    several: Outcomes = field(default_factory=Outcomes)
    single: Outcomes = field(default_factory=Outcomes)
    asked: Outcomes = field(default_factory=Outcomes)


Advance = Callable[[], None]


def steps(views: Sequence[str] = VIEWS) -> int:
    """How often `run_trials` calls `advance`."""
    return len(views) * (FOLDS + 3)


def run_trials(
    photos: Photos,
    asked: Asked | None = None,
    *,
    advance: Advance = lambda: None,
    recipes: Sequence[Recipe] = RECIPES,
) -> list[Trial]:
    """All candidates; those with an adapter are left out where there is too little to learn from."""
    return [
        trial
        for views in photos.vectors
        for trial in _trials_of(views, photos, asked, advance, recipes)
    ]


def _trials_of(
    views: str,
    photos: Photos,
    asked: Asked | None,
    advance: Advance,
    recipes: Sequence[Recipe],
) -> Iterator[Trial]:
    trials = {
        (recipe, way): Trial(Candidate(views, recipe, way))
        for recipe in (None, *recipes)
        for way in scoring.ALL
    }
    learned = _ask_several(photos, views, recipes, trials, advance)
    _ask_single(photos, views, recipes, trials, advance)
    adapters = _learn(photos.vectors[views], photos.products, recipes)
    if asked is not None:
        for recipe, adapt in adapters.items():
            outcomes = {way: trials[recipe, way].asked for way in scoring.ALL}
            _ask(photos, asked, views, adapt, outcomes)
    advance()
    # An adapter that could not be learned from a part was not tried on all photos.
    learned = learned and len(adapters) > 1
    for (recipe, _way), trial in trials.items():
        if recipe is None or learned:
            yield trial


Trials = Mapping[tuple[Recipe | None, str], Trial]


def _ask_several(
    photos: Photos, views: str, recipes: Sequence[Recipe], trials: Trials, advance: Advance
) -> bool:
    """Returns whether adapters could be learned from every part."""
    vectors, learned = photos.vectors[views], True
    for learn, gallery, ask in _parts(photos):
        adapters = _learn(vectors[learn], photos.products[learn], recipes)
        learned = learned and len(adapters) > 1
        for recipe, adapt in adapters.items():
            known = Gallery(adapt(vectors[gallery]), photos.products[gallery].tolist())
            queries, truth = adapt(vectors[ask]), photos.products[ask]
            for way in scoring.ALL:
                trials[recipe, way].several.add(known.scores(queries, way), known, truth)
        advance()
    return learned


def _ask_single(
    photos: Photos, views: str, recipes: Sequence[Recipe], trials: Trials, advance: Advance
) -> None:
    vectors = photos.vectors[views]
    for learn, gallery, ask in _single_parts(photos):
        for recipe, adapt in _learn(vectors[learn], photos.products[learn], recipes).items():
            known = Gallery(adapt(vectors[gallery]), photos.products[gallery].tolist())
            scores = known.scores(adapt(vectors[ask]), scoring.NEAREST)
            for way in scoring.ALL:  # of one photo a product they are all the same
                trials[recipe, way].single.add(scores, known, photos.products[ask])
        advance()


def _ask(
    photos: Photos, asked: Asked, views: str, adapt: "Adapt", outcomes: Mapping[str, Outcomes]
) -> None:
    listed = photos.listed
    known = Gallery(adapt(photos.vectors[views][listed]), photos.products[listed].tolist())
    queries = adapt(asked.vectors[views])
    for way, into in outcomes.items():
        into.add(known.scores(queries, way), known, asked.products)


Adapt = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _learn(
    vectors: NDArray[np.float32], products: NDArray[np.int64], recipes: Sequence[Recipe]
) -> dict[Recipe | None, Adapt]:
    found: dict[Recipe | None, Adapt] = {None: lambda given: given}
    try:
        adapters: list[Adapter] = fit_all(vectors, products, recipes) if recipes else []
    except TooFewPhotos:
        return found
    for recipe, adapter in zip(recipes, adapters, strict=True):
        found[recipe] = adapter.apply
    return found


Part = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]


def _parts(photos: Photos) -> Iterator[Part]:
    """(learned from, gallery, asked with): photos of products that have others, in five parts."""
    folds = photo_folds(photos.products, FOLDS, _SEED)
    several = _of_several(photos)
    for fold in range(FOLDS):
        # The only photo of a product is always there: it is somebody's rival.
        known = (folds != fold) | ~several
        ask = (folds == fold) & several & photos.listed
        if ask.any() and known.any():
            yield known, known & photos.listed, ask


def _of_several(photos: Photos) -> NDArray[np.bool_]:
    """For each photo whether the catalogue has others of its product."""
    products, places = np.unique(photos.products, return_inverse=True)
    number = np.bincount(places[photos.listed], minlength=len(products))
    return np.asarray(number[places] > 1)


def _single_parts(photos: Photos) -> Iterator[Part]:
    """The same, where of every product the first photo alone is known: in two halves of the
    products, of which one learns and the other asks.
    """
    products = np.unique(photos.products[photos.listed])
    half = np.random.default_rng(_SEED).permutation(len(products)) % 2 == 0
    for which in (half, ~half):
        asking = np.isin(photos.products, products[which])
        ask = asking & ~photos.first & photos.listed
        if ask.any():
            yield ~asking, photos.first, ask
