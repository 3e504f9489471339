"""Photos held out of the adapter promise less than those it was learned from, and hold it."""

import numpy as np

from recognition.adapters import Recipe, fit_adapter
from recognition.confidence import Gallery, held_out_meetings, scoring
from tests.recognition.adapters.test_adapter import shop

RECIPE = Recipe("whitening", 0.05)


def right_share(met: list, products: np.ndarray) -> float:
    return float(np.mean([ranked.first == products[place] for place, ranked in met]))


def test_every_photo_is_met_once_without_itself() -> None:
    vectors, products = shop(products=30, photos=5)
    met = list(held_out_meetings(vectors, products, RECIPE, scoring.NEAREST, 30))
    assert sorted(place for place, _ranked in met) == list(range(len(vectors)))
    for place, ranked in met:
        own = ranked.distances[ranked.products.index(int(products[place]))]
        assert own[0] > 1e-4
        assert len(own) <= 4


def test_evidence_is_as_good_as_new_photos_are() -> None:
    # Few photos in many dimensions: the adapter knows those it was learned from by heart.
    everything, of = shop(products=30, photos=8, dimension=200, noise=3.0)
    seen = np.arange(len(of)) % 8 < 4
    vectors, products = everything[seen], of[seen]
    adapter = fit_adapter(vectors, products, RECIPE)
    gallery = Gallery(adapter.apply(vectors), products.tolist())
    new = adapter.apply(everything[~seen])
    truth = np.array(gallery.scores(new, scoring.PROTOTYPE).argmin(axis=1) == of[~seen]).mean()
    by_heart = (
        gallery.scores(adapter.apply(vectors), scoring.PROTOTYPE).argmin(axis=1) == products
    ).mean()
    held_out = right_share(
        list(held_out_meetings(vectors, products, RECIPE, scoring.PROTOTYPE, 30)), products
    )
    assert by_heart > truth + 0.15
    assert held_out <= truth + 0.05
