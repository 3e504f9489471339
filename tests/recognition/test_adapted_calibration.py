"""Evidence for an adapted encoder: never by an adapter that learned from the photo in question."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from products.models import Product
from recognition import cross_fitting
from recognition.adapters import Recipe, fit_adapter
from recognition.adapting import adapter_of, add_adapted
from recognition.calibrating import begin_run, calibrate
from recognition.calibration_report import warning_text
from recognition.cross_fitting import cross_fitted
from recognition.embedding import embed_pending
from recognition.evidence import from_catalogue
from recognition.indexing import sweep
from recognition.loaded import forget_encoders
from recognition.models import CalibrationRun, Encoder, ImageEmbedding, Scoring, Sighting
from recognition.tuning.gathering import confirmed_sightings
from recognition.vector_index import drop_index
from tests.recognition.spaces import asked, catalogue, judged_sightings, unit
from tests.recognition.test_adapted_encoder import vectors

pytestmark = pytest.mark.django_db
RECIPE = Recipe("whitening", 0.1)


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=60, photos=3, spread=0.6)


@pytest.fixture
def adapt(encoder: Encoder) -> Iterator[Callable[[], Encoder]]:
    made: list[Encoder] = []

    def adapt() -> Encoder:
        with connection.cursor() as cursor:  # an index cannot be made while deferred checks wait
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        adapter = fit_adapter(*vectors(encoder), RECIPE)
        adapted = add_adapted(
            base=encoder, adapter=adapter, recipe=RECIPE.as_data(), scoring=Scoring.NEAREST,
            origin={},
        )  # fmt: skip
        made.append(adapted)
        sweep()
        embed_pending(adapted)
        return adapted

    yield adapt
    for each in made:
        drop_index(each)
    forget_encoders()


@pytest.fixture
def adapted(shop: list[Product], adapt: Callable[[], Encoder]) -> Encoder:
    return adapt()


@pytest.fixture
def noise(encoder: Encoder, shop: list[Product], adapt: Callable[[], Encoder]) -> Encoder:
    """Photos that have nothing to do with their products: whatever tells them apart was learned by
    heart.
    """
    rng = np.random.default_rng(3)
    rows = list(ImageEmbedding.objects.filter(encoder=encoder))
    for row in rows:
        row.vector = unit(rng.normal(size=encoder.dimension))
    ImageEmbedding.objects.bulk_update(rows, ["vector"])
    return adapt()


def asked_of(adapted: Encoder, shop: list[Product], number: int) -> list[tuple[Product, Any]]:
    adapter = adapter_of(adapted)
    photos = asked(adapted.base, shop, number, spread=0.6)
    return [(product, adapter.apply(vector[None])[0]) for product, vector in photos]


def sell_few(shop: list[Product]) -> None:
    """Of 26 products, four fifths of the photos are too few to learn from."""
    Product.objects.filter(pk__in=[each.pk for each in shop[26:]]).update(is_active=False)


def run_for(encoder: Encoder, target: float = 0.2) -> CalibrationRun:
    return calibrate(begin_run(encoder=encoder, target_error=target))


def test_noise_promises_nothing(noise: Encoder) -> None:
    evidence = from_catalogue(noise, lambda: None)
    assert len(evidence.known) == 180
    assert evidence.known.right.mean() < 0.1
    assert not run_for(noise).calibrations.filter(outcome="own").exists()


def test_what_cannot_be_held_out_is_no_evidence(noise: Encoder, shop: list[Product]) -> None:
    adapted = noise
    sell_few(shop)
    evidence = from_catalogue(adapted, lambda: None)
    assert (evidence.photos, evidence.of, evidence.is_held_out) == (0, 78, False)
    assert not len(evidence.known)
    assert not len(evidence.removed)
    run = run_for(adapted)
    assert run.state == "failed"
    assert "adapter" in run.reason


def test_photos_that_were_asked_with_are(adapted: Encoder, shop: list[Product]) -> None:
    sell_few(shop)
    judged_sightings(adapted, asked_of(adapted, shop, 200))
    run = run_for(adapted)
    assert (run.state, run.kind) == ("done", "queries")
    assert "adapter_not_held_out" in run.warnings
    assert "sampled" not in run.warnings
    assert run.sources["catalogue photos"] == 0
    assert "by heart" in warning_text("adapter_not_held_out", run)
    # Half of them teach, since nothing of the catalogue can.
    assert run.sources["of those for the training"] == 100


def test_one_photo_without_a_stand_in_is_left_out(
    adapted: Encoder, encoder: Encoder, shop: list[Product]
) -> None:
    row = ImageEmbedding.objects.filter(encoder=encoder).first()
    ImageEmbedding.objects.filter(pk=row.pk).update(state="pending", vector=None)
    evidence = from_catalogue(adapted, lambda: None)
    assert (evidence.photos, evidence.of, evidence.is_held_out) == (179, 180, True)


@pytest.mark.parametrize("scoring", list(Scoring))
def test_a_large_catalogue_is_compared_part_by_part(
    adapted: Encoder, monkeypatch: pytest.MonkeyPatch, scoring: str
) -> None:
    ranking = adapted.ranking_by(scoring)
    at_once = cross_fitted(ranking, 21)
    assert at_once.learned_from == 180
    monkeypatch.setattr(cross_fitting, "_AT_ONCE", 25)
    images = list(at_once)
    streamed = cross_fitting._Streamed(ranking, RECIPE, 21, 180).meet(set(images), lambda: None)
    assert set(streamed) == set(images)
    for image in images:
        assert streamed[image].products == at_once[image].products
        np.testing.assert_allclose(streamed[image].scores, at_once[image].scores, atol=1e-5)
        for ours, theirs in zip(streamed[image].distances, at_once[image].distances, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_adapters_of_a_large_catalogue_learn_from_a_sample(
    adapted: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cross_fitting, "MOST_PHOTOS", 120)
    assert cross_fitted(adapted, 21) == {}  # all with all are too many
    run = run_for(adapted)
    assert run.state == "done"
    assert "adapter_learned_from_sample" in run.warnings
    assert run.sources["catalogue photos"] == 180
    assert "120 of 180" in warning_text("adapter_learned_from_sample", run)


def test_they_learn_from_no_more_than_the_real_one(adapted: Encoder) -> None:
    adapted.origin = {"photos": 100}
    images = list(ImageEmbedding.objects.filter(encoder=adapted).values_list("image", flat=True))
    met = cross_fitted(adapted, 21, images)
    assert (len(met), met.learned_from) == (180, 125)


def test_what_taught_an_adapter_is_no_evidence_for_it(
    adapted: Encoder, encoder: Encoder, shop: list[Product]
) -> None:
    """Volunteered photos teach, and were asked of another encoder; those of the audit never teach."""
    taught = judged_sightings(encoder, asked(encoder, shop, 60), occasion="volunteered")
    audited = judged_sightings(encoder, asked(encoder, shop, 60, seed=5))
    Sighting.objects.update(photo="q/x.jpg", created_at=timezone.now())
    assert set(confirmed_sightings()) == set(taught)
    assert not set(confirmed_sightings()) & set(audited)
    sources = run_for(adapted).sources
    assert (sources["audited sightings"], sources["other reviewed sightings"]) == (0, 0)
