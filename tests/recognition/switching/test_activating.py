"""The switch, and the way back."""

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import ProgrammingError

from recognition.embedding import embed_pending
from recognition.models import Encoder, EncoderActivation, ImageEmbedding, Scoring
from recognition.search import Query, search
from recognition.switching.activating import CannotActivate, activate, roll_back
from recognition.switching.retiring import retire
from recognition.vector_index import drop_index
from tests.factories import StaffFactory
from tests.recognition.switching.shop import asked, second, with_photos

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(encoder: Encoder) -> Encoder:
    with_photos(encoder, 4)
    return second()


def now() -> tuple[str, str]:
    active = Encoder.objects.active()
    return active.key, active.scoring


def test_the_first_one_is_in_the_log(encoder: Encoder) -> None:
    row = EncoderActivation.objects.get()
    assert (row.encoder, row.kind, row.former) == (encoder, "first", None)


def test_it_answers_from_then_on_and_the_former_stays_filled(
    encoder: Encoder, other: Encoder
) -> None:
    by = StaffFactory()
    activation = activate(other, by=by)
    encoder.refresh_from_db()
    assert now() == (other.key, other.scoring)
    assert encoder.state == "standby"
    assert (activation.kind, activation.by, activation.former.encoder) == ("switch", by, encoder)
    assert search(Query(photo=asked(1))).encoder == other.key
    with_photos(other, 1, first=9)
    embed_pending(encoder)
    assert ImageEmbedding.objects.ready().filter(encoder=encoder).count() == 5


def test_rolled_back_the_answers_are_those_from_before(encoder: Encoder, other: Encoder) -> None:
    def answers() -> list[list[tuple[str, float | None]]]:
        found = [search(Query(photo=asked(n), limit=4)).results for n in range(4)]
        return [[(each.product.sku, each.distance) for each in results] for results in found]

    before = answers()
    activate(other)
    between = answers()
    activation = roll_back()
    assert activation.kind == "rollback"
    assert now() == (encoder.key, encoder.scoring)
    assert answers() == before != between


def test_going_back_twice_goes_back_two_steps(encoder: Encoder, other: Encoder) -> None:
    activate(other)
    activate(encoder, scoring=Scoring.PROTOTYPE)
    roll_back()
    assert now() == (other.key, Scoring.NEAREST)
    roll_back()
    assert now() == (encoder.key, Scoring.NEAREST)
    with pytest.raises(CannotActivate, match="No other encoder"):
        roll_back()


def test_the_same_encoder_may_rank_in_another_way(encoder: Encoder) -> None:
    with_photos(encoder, 2)
    activate(encoder, scoring=Scoring.PROTOTYPE)
    assert now() == (encoder.key, Scoring.PROTOTYPE)
    roll_back()
    assert now() == (encoder.key, Scoring.NEAREST)


def test_what_answers_already_is_refused(encoder: Encoder) -> None:
    with pytest.raises(CannotActivate, match="active already"):
        activate(encoder)


def test_missing_photos_are_named_and_may_be_accepted(encoder: Encoder, other: Encoder) -> None:
    rows = ImageEmbedding.objects.filter(encoder=other)
    rows.filter(pk=rows.first().pk).update(state="failed", reason="Torn.", vector=None)
    with_photos(encoder, 1, first=9)
    with pytest.raises(CannotActivate, match=r"2 of 5 photos .* 1 wait, 1 failed"):
        activate(other)
    assert now()[0] == encoder.key
    assert activate(other, force=True).missing_photos == 2


def test_photos_that_the_present_one_cannot_find_hold_nothing_up(
    encoder: Encoder, other: Encoder
) -> None:
    torn = ImageEmbedding.objects.filter(encoder=encoder).first().image_id
    for each in (encoder, other):
        rows = ImageEmbedding.objects.filter(encoder=each, image=torn)
        rows.update(state="failed", reason="Torn.", vector=None)
    assert activate(other).missing_photos == 0


def test_without_its_index_it_does_not_answer(encoder: Encoder, other: Encoder) -> None:
    drop_index(other)
    with pytest.raises(CannotActivate, match="index"):
        activate(other)


def test_a_retired_one_does_not_answer(encoder: Encoder, other: Encoder) -> None:
    activate(other)
    activate(encoder)
    retire(other)
    with pytest.raises(CannotActivate, match="retired"):
        activate(other)
    with pytest.raises(CannotActivate, match="retired"):
        roll_back()


def test_the_log_is_append_only(encoder: Encoder) -> None:
    with pytest.raises((InternalError, ProgrammingError), match="pgtrigger"), transaction.atomic():
        EncoderActivation.objects.update(scoring=Scoring.THREE)
    with pytest.raises((InternalError, ProgrammingError), match="pgtrigger"), transaction.atomic():
        EncoderActivation.objects.all().delete()


def test_who_switched_may_be_deleted(encoder: Encoder, other: Encoder) -> None:
    by = StaffFactory()
    activate(other, by=by)
    by.delete()
    assert EncoderActivation.objects.first().by is None


def test_never_two_answer(encoder: Encoder, other: Encoder) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Encoder.objects.update(state=Encoder.State.ACTIVE)
