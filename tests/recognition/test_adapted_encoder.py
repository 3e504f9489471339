"""An adapted encoder: made from its base's vectors, kept filled, searched like any other."""

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from recognition.adapters import Recipe, fit_adapter
from recognition.adapting import add_adapted
from recognition.embedding import can_go_on, embed_pending
from recognition.encoders import UnknownEncoder
from recognition.indexing import filling_order, retry, sweep
from recognition.loaded import encoder_for, forget_encoders
from recognition.models import Encoder, ImageEmbedding, Scoring
from recognition.search import Query, search
from recognition.vector_index import drop_index, index_is_valid
from tests.recognition.spaces import catalogue
from tests.recognition.test_signal_and_sweep import with_photo

pytestmark = pytest.mark.django_db
RECIPE = Recipe("whitening", 0.2)


def vectors(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    rows = list(
        ImageEmbedding.objects.ready()
        .filter(encoder=encoder)
        .order_by("image")
        .values_list("image__product", "vector")
    )
    return (
        np.stack([np.asarray(vector, dtype=np.float32) for _product, vector in rows]),
        np.array([product for product, _vector in rows]),
    )


def adapted_of(base: Encoder) -> Encoder:
    adapter = fit_adapter(*vectors(base), RECIPE)
    return add_adapted(
        base=base, adapter=adapter, recipe=RECIPE.as_data(), scoring=Scoring.PROTOTYPE, origin={}
    )


@pytest.fixture
def adapted(encoder: Encoder):
    catalogue(encoder, products=30, photos=4)
    with connection.cursor() as cursor:  # an index cannot be made while deferred checks wait
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    made = adapted_of(encoder)
    yield made
    drop_index(made)
    forget_encoders()


def test_its_vectors_are_the_bases_by_one_multiplication(
    encoder: Encoder, adapted: Encoder
) -> None:
    assert sweep() == 120
    done = embed_pending(adapted)  # the photos' files do not even exist
    assert (done.ready, done.failed) == (120, 0)
    base, _products = vectors(encoder)
    made, _products = vectors(adapted)
    expected = encoder_for(adapted.key).adapter.apply(base)
    np.testing.assert_allclose(made, expected, atol=2e-3)
    assert embed_pending(adapted).total == 0
    assert index_is_valid(adapted)


def test_adding_it_again_changes_nothing(adapted: Encoder, encoder: Encoder) -> None:
    assert adapted_of(encoder) == adapted
    assert Encoder.objects.filter(base=encoder).count() == 1


def test_it_waits_for_its_base_and_fails_with_it(encoder: Encoder, adapted: Encoder) -> None:
    sweep()
    embed_pending(adapted)
    image = with_photo(1)
    rows = ImageEmbedding.objects.filter(image=image)
    assert {row.encoder_id for row in rows} == {encoder.pk, adapted.pk}
    embed_pending(adapted)
    assert rows.get(encoder=adapted).state == "pending"
    assert not can_go_on(adapted)
    rows.filter(encoder=encoder).update(state="failed", reason="The photo's file is missing.")
    embed_pending(adapted)
    failed = rows.get(encoder=adapted)
    assert (failed.state, failed.reason) == ("failed", "The photo's file is missing.")


def test_trying_it_again_tries_its_base_again(encoder: Encoder, adapted: Encoder) -> None:
    image = with_photo(1)
    rows = ImageEmbedding.objects.filter(image=image)
    rows.update(state="failed", reason="Torn.")
    retry([rows.get(encoder=adapted).pk])
    assert {row.state for row in rows} == {"pending"}


def test_what_is_ready_in_the_base_again_is_made_again(encoder: Encoder, adapted: Encoder) -> None:
    sweep()
    embed_pending(adapted)
    mine = ImageEmbedding.objects.filter(encoder=adapted)
    mine.filter(pk=mine.first().pk).update(state="failed", reason="Torn.", vector=None)
    embed_pending(adapted)
    assert mine.filter(state="ready").count() == 120


def test_a_photo_that_was_replaced_is_not_made_from_the_old_vector(
    encoder: Encoder, adapted: Encoder
) -> None:
    sweep()
    row = ImageEmbedding.objects.filter(encoder=adapted).first()
    ImageEmbedding.objects.filter(pk=row.pk).update(digest="f" * 64)
    embed_pending(adapted)
    row.refresh_from_db()
    assert row.state == "pending"


def test_bases_are_filled_before_what_is_made_from_them(encoder: Encoder, adapted: Encoder) -> None:
    other = Encoder.objects.create(key="a:b:other", dimension=4, speaks_text=False)
    assert filling_order() == [encoder, other, adapted]
    encoder.state = Encoder.State.BUILDING
    encoder.save()
    adapted.state = Encoder.State.ACTIVE
    adapted.save()
    assert filling_order() == [encoder, adapted, other]


def test_it_answers_by_its_scoring(encoder: Encoder, adapted: Encoder) -> None:
    from tests.recognition.encoders.test_views import picture

    sweep()
    embed_pending(adapted)
    answer = search(Query(photo=picture(), encoder=adapted, limit=7))
    assert answer.encoder == adapted.key
    assert len(answer.results) == 7
    distances = [result.distance for result in answer.results]
    assert distances == sorted(distances)
    assert search(Query(photo=picture())).encoder == encoder.key


def test_words_ask_the_base_where_it_understands_them(encoder: Encoder, adapted: Encoder) -> None:
    from recognition.search import encoder_of_words

    assert encoder_of_words(adapted) is None
    encoder.speaks_text = True
    encoder.save()
    adapted.refresh_from_db()
    assert encoder_of_words(adapted) == encoder


def test_without_its_matrix_it_says_so(adapted: Encoder) -> None:
    adapted.adapter.delete()
    forget_encoders()
    with pytest.raises(UnknownEncoder, match="no adapter"):
        encoder_for(adapted.key)


def test_only_an_adapted_encoder_has_a_base(encoder: Encoder) -> None:
    for key, base in (("a:b:c", encoder), ("a:b:c:adapter-12", None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Encoder.objects.create(key=key, base=base, dimension=4, speaks_text=False)


def test_photos_are_held_out_of_the_adapter_too(adapted: Encoder, encoder: Encoder) -> None:
    from recognition.cross_fitting import cross_fitted
    from recognition.evidence import from_catalogue

    sweep()
    embed_pending(adapted)
    met = cross_fitted(adapted, 21)
    images = set(ImageEmbedding.objects.filter(encoder=adapted).values_list("image", flat=True))
    assert set(met) == images
    assert cross_fitted(encoder, 21) == {}
    evidence = from_catalogue(adapted, lambda: None)
    assert len(evidence.known) == len(evidence.removed) == 120
    by_heart = from_catalogue_by_heart(adapted)
    assert float(evidence.known.right.mean()) < by_heart


def from_catalogue_by_heart(adapted: Encoder) -> float:
    from recognition.confidence import Gallery

    found, products = vectors(adapted)
    scores = Gallery(found, products.tolist()).scores(found, Scoring.PROTOTYPE)
    return float((np.unique(products)[scores.argmin(axis=1)] == products).mean())
