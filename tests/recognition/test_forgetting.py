"""Photos and sightings go when their time is over, and nothing that something rests on."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from products.models import Product
from recognition.models import Encoder, Sighting
from recognition.query_photo_files import query_photo_storage
from recognition.reviewing import kept_photos
from recognition.reviewing.forgetting import forget_old_sightings
from recognition.reviewing.kept_photos import forget_old_photos, sweep_photos_without_row
from recognition.sightings import review_sighting
from recognition.tasks import forget_queries
from stores import ledger, stocktaking
from tests.factories import StaffFactory, StoreFactory
from tests.recognition.recorded import aged, asked, lamps

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def products(encoder: Encoder) -> list[Product]:
    return lamps(2)


def old(encoder: Encoder, products: list[Product], days: float = 91, **fields) -> Sighting:
    sighting = asked(encoder, products, **fields)
    return aged(sighting, timezone.now() - days * DAY)


def left() -> set[int]:
    return set(Sighting.objects.values_list("pk", flat=True))


def path(name: str) -> Path:
    return Path(query_photo_storage().path(name))


def test_only_what_is_old_and_unreviewed_goes(encoder, products) -> None:
    gone = old(encoder, products)
    young = old(encoder, products, days=89)
    reviewed = old(encoder, products)
    review_sighting(sighting=reviewed, product=None, by=None, occasion="volunteered")
    drawn = old(encoder, products, drawn_for_audit=True)
    assert forget_old_sightings() == 1
    assert left() == {young.pk, reviewed.pk, drawn.pk}
    assert not path(gone.photo.name).exists()
    assert forget_old_sightings() == 0


def test_the_days_are_a_setting(encoder, products, settings) -> None:
    old(encoder, products, days=8)
    assert forget_old_sightings() == 0
    settings.SIGHTING_KEEP_DAYS = 7
    assert forget_old_sightings() == 1


def test_the_evidence_of_a_movement_and_of_a_count_stays(encoder, products) -> None:
    boss, store = StaffFactory(), StoreFactory()
    moved, counted, gone = (old(encoder, products, source="booking", store=store) for _ in "123")
    ledger.receive(actor=boss, store=store, lines=[(products[0], 5)], evidence=moved.evidence)
    stocktake = stocktaking.open_stocktake(actor=boss, store=store)
    stocktaking.count_product(
        actor=boss, stocktake=stocktake, product=products[0], counted=5, evidence=counted.evidence
    )
    assert forget_old_sightings() == 1
    assert left() == {moved.pk, counted.pk}
    assert gone.pk not in left()


def test_more_than_one_batch(encoder, products, monkeypatch) -> None:
    from recognition.reviewing import forgetting

    monkeypatch.setattr(forgetting, "_BATCH", 2)
    monkeypatch.setattr(kept_photos, "_BATCH", 2)
    for _ in range(5):
        old(encoder, products)
    assert forget_old_photos() == 5
    assert forget_old_sightings() == 5


def test_a_photo_goes_before_its_sighting_reviewed_or_not(encoder, products) -> None:
    plain, young = old(encoder, products, days=31), old(encoder, products, days=29)
    reviewed = old(encoder, products, days=31, drawn_for_audit=True)
    review_sighting(sighting=reviewed, product=None, by=None, occasion="audit")
    names = [each.photo.name for each in (plain, reviewed)]
    assert forget_old_photos() == 2
    assert not any(path(name).exists() for name in names)
    assert path(young.photo.name).exists()
    assert set(Sighting.objects.with_photo()) == {young}
    assert left() == {plain.pk, young.pk, reviewed.pk}


def test_a_kill_between_row_and_file_leaves_no_row_without_its_file(
    encoder, products, monkeypatch
) -> None:
    """The row lets go first; what is then left is swept."""
    sighting = old(encoder, products, days=31)
    name = sighting.photo.name

    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(type(query_photo_storage()), "delete", die)
        with pytest.raises(Killed):
            forget_old_photos()
    sighting.refresh_from_db()
    assert sighting.photo == ""
    assert path(name).exists()
    make_old(name)
    assert sweep_photos_without_row() == 1
    assert not path(name).exists()


def make_old(name: str) -> None:
    long_ago = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(path(name), (long_ago, long_ago))


def test_the_sweep_takes_files_that_lost_their_row_alone(encoder, products) -> None:
    named = asked(encoder, products)
    make_old(named.photo.name)
    lost = query_photo_storage().save("ab/lost.jpg", ContentFile(b"x"))
    make_old(lost)
    fresh = query_photo_storage().save("ab/fresh.jpg", ContentFile(b"x"))  # its row may be coming
    assert sweep_photos_without_row() == 1
    assert path(named.photo.name).exists()
    assert path(fresh).exists()
    assert sweep_photos_without_row() == 0


def test_a_site_that_never_kept_a_photo_has_nothing_to_sweep(db) -> None:
    assert (forget_old_photos(), forget_old_sightings(), sweep_photos_without_row()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_nightly_job_does_all_of_it_and_may_run_twice(encoder, products) -> None:
    old(encoder, products)
    make_old(query_photo_storage().save("ab/lost.jpg", ContentFile(b"x")))
    for _ in range(2):
        forget_queries(0)
    assert left() == set()
    assert not list(kept_photos._names(query_photo_storage()))
