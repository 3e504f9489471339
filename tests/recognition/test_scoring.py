"""Products by all of their photos: the database ranks as the gallery in memory does."""

import numpy as np
import pytest

from recognition.confidence import Gallery
from recognition.filters import Filters
from recognition.models import Encoder, ImageEmbedding, Scoring
from recognition.product_scores import product_scores
from recognition.ranking import meet, rank_products
from tests.recognition.spaces import catalogue, unit

pytestmark = pytest.mark.django_db


def in_memory(encoder: Encoder, without: int | None = None) -> Gallery:
    rows = list(
        ImageEmbedding.objects.findable(encoder.pk)
        .exclude(image=without)
        .values_list("image__product", "vector")
    )
    return Gallery(
        np.stack([np.asarray(vector, dtype=np.float32) for _product, vector in rows]),
        [product for product, _vector in rows],
    )


def query(encoder: Encoder, seed: int = 4) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=encoder.dimension))


@pytest.mark.parametrize("scoring", list(Scoring))
def test_scores_are_those_of_the_gallery(encoder: Encoder, scoring: Scoring) -> None:
    catalogue(encoder, products=12, photos=5)
    encoder.scoring = scoring
    asked, gallery = query(encoder), in_memory(encoder)
    expected = dict(
        zip(gallery.products.tolist(), gallery.scores(asked[None], scoring)[0], strict=True)
    )
    hits = rank_products(encoder, asked, filters=Filters(), limit=12)
    assert [hit.product_id for hit in hits] == sorted(expected, key=lambda pk: expected[pk])
    for hit in hits:
        assert hit.distance == pytest.approx(expected[hit.product_id], abs=2e-3)


@pytest.mark.parametrize("scoring", [Scoring.THREE, Scoring.PROTOTYPE])
def test_so_many_as_are_asked_for(encoder: Encoder, scoring: Scoring) -> None:
    catalogue(encoder, products=9, photos=2)
    encoder.scoring = scoring
    asked = query(encoder)
    everything = rank_products(encoder, asked, filters=Filters(), limit=20)
    assert len(everything) == 9
    assert rank_products(encoder, asked, filters=Filters(), limit=4) == everything[:4]
    assert rank_products(encoder, asked, filters=Filters(), limit=0) == []


@pytest.mark.parametrize("scoring", list(Scoring))
def test_a_photo_that_is_held_out_does_not_count(encoder: Encoder, scoring: Scoring) -> None:
    products = catalogue(encoder, products=8, photos=3)
    encoder.scoring = scoring
    image = products[2].images.first()
    asked = np.asarray(image.embeddings.get().vector, dtype=np.float32)
    met = meet(encoder, asked, products=8, without_image=image.pk)
    gallery = in_memory(encoder, without=image.pk)
    expected = gallery.meet(asked, scoring, 8)
    assert met.products == expected.products
    np.testing.assert_allclose(met.scores, expected.scores, atol=2e-3)
    assert len(met.distances[met.products.index(products[2].pk)]) == 2


def test_products_without_ready_photos_have_no_score(encoder: Encoder) -> None:
    products = catalogue(encoder, products=3, photos=2)
    encoder.scoring = Scoring.PROTOTYPE
    ImageEmbedding.objects.filter(image__product=products[0]).update(state="pending", vector=None)
    found = product_scores(encoder, query(encoder), [product.pk for product in products])
    assert set(found) == {products[1].pk, products[2].pk}
    assert product_scores(encoder, query(encoder), []) == {}
