"""The queues of the review: who gets which sighting, in what order, and what is counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import CATALOGUE_EDITOR
from products.models import Product
from recognition.models import Encoder, Sighting
from recognition.reviewing.feedback import give_feedback
from recognition.reviewing.queues import (
    AUDIT,
    DOUBTFUL,
    AuditResponse,
    NotYours,
    audit_response,
    judge,
    progress,
    release,
    take_back,
    take_next,
)
from tests.factories import person
from tests.recognition.recorded import asked, lamps
from tests.stores.races import outcomes, threads

pytestmark = pytest.mark.django_db


@pytest.fixture
def products(encoder: Encoder) -> list[Product]:
    return lamps()


@pytest.fixture
def ann(db: None):
    return person(CATALOGUE_EDITOR, username="ann")


@pytest.fixture
def bob(db: None):
    return person(CATALOGUE_EDITOR, username="bob")


def drawn(encoder: Encoder, products: list[Product], number: int = 1, **fields) -> list[Sighting]:
    return [asked(encoder, products, drawn_for_audit=True, **fields) for _ in range(number)]


def test_the_audit_holds_what_was_drawn_and_nothing_else(encoder, products, ann) -> None:
    (wanted,) = drawn(encoder, products, verdict="match")
    asked(encoder, products)
    drawn(encoder, products, photo=False)
    assert take_next(queue=AUDIT, by=ann) == wanted
    judge(queue=AUDIT, token=wanted.token, product=products[0], by=ann)
    assert take_next(queue=AUDIT, by=ann) is None
    assert list(Sighting.objects.carriers(encoder)) == [wanted]


def test_what_a_customer_said_of_it_is_no_audit(encoder, products, ann) -> None:
    (sighting,) = drawn(encoder, products)
    give_feedback(sighting=sighting, product=products[0])
    assert take_next(queue=AUDIT, by=ann) == sighting
    judge(queue=AUDIT, token=sighting.token, product=products[0], by=ann)
    sighting.refresh_from_db()
    assert (sighting.occasion, sighting.reviewed_by) == ("audit", ann)


def test_the_audit_comes_in_random_order(encoder, products, ann) -> None:
    order = [each.token for each in drawn(encoder, products, 6)]
    taken = []
    while (sighting := take_next(queue=AUDIT, by=ann, skipped=taken)) is not None:
        taken.append(sighting.token)
        release(token=sighting.token, by=ann)
    assert taken == sorted(taken)
    assert set(taken) == set(order)


def test_doubt_comes_closest_call_first_and_matches_never(encoder, products, ann) -> None:
    def make(verdict: str, margin: float | None) -> str:
        return asked(encoder, products, verdict=verdict, margin=margin).token

    make("match", 0.0)
    unknown = make("unknown", 0.01)
    alone, wide, close = make("", None), make("", 0.3), make("lookalike", 0.02)
    drawn(encoder, products, verdict="lookalike")
    asked(encoder, products, photo=False, verdict="lookalike", margin=0.0)
    taken: list[str] = []
    while (sighting := take_next(queue=DOUBTFUL, by=ann, skipped=taken)) is not None:
        taken.append(sighting.token)
        release(token=sighting.token, by=ann)
    assert taken == [close, wide, alone, unknown]


def test_two_people_never_hold_the_same(encoder, products, ann, bob) -> None:
    drawn(encoder, products, 2)
    first, second = take_next(queue=AUDIT, by=ann), take_next(queue=AUDIT, by=bob)
    assert first != second
    assert take_next(queue=AUDIT, by=ann) == first  # a page that is loaded again
    release(token=first.token, by=ann)
    judge(queue=AUDIT, token=second.token, product=None, by=bob)
    assert take_next(queue=AUDIT, by=bob) == first
    assert take_next(queue=AUDIT, by=ann) is None


@pytest.mark.django_db(transaction=True)
def test_eight_at_the_same_moment_take_eight(encoder) -> None:
    drawn(encoder, lamps(), 8)
    people = [person(CATALOGUE_EDITOR) for _ in range(8)]
    with threads() as run:
        futures = [run.start(take_next, queue=AUDIT, by=each) for each in people]
        taken = [future.result(timeout=30) for future in futures]
    # Whoever meets a row that another is taking passes it by.
    tokens = [each.token for each in taken if each is not None]
    assert len(tokens) == len(set(tokens)) > 0


def test_who_waits_too_long_loses_it(encoder, products, ann, bob) -> None:
    (sighting,) = drawn(encoder, products)
    take_next(queue=AUDIT, by=ann)
    assert take_next(queue=AUDIT, by=bob) is None
    Sighting.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert take_next(queue=AUDIT, by=bob) == sighting
    with pytest.raises(NotYours):
        judge(queue=AUDIT, token=sighting.token, product=None, by=ann)
    judge(queue=AUDIT, token=sighting.token, product=products[1], by=bob)
    with pytest.raises(NotYours):
        judge(queue=AUDIT, token=sighting.token, product=None, by=ann)
    sighting.refresh_from_db()
    assert sighting.reviewed_by == bob


@pytest.mark.django_db(transaction=True)
def test_two_who_judge_at_the_same_moment(encoder) -> None:
    """A hold that ran out and was taken by another: one of them is told so."""
    (sighting,) = drawn(encoder, lamps())
    ann, bob = person(CATALOGUE_EDITOR), person(CATALOGUE_EDITOR)
    take_next(queue=AUDIT, by=ann)
    Sighting.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    take_next(queue=AUDIT, by=bob)
    with threads() as run:
        futures = [
            run.start(judge, queue=AUDIT, token=sighting.token, product=None, by=each)
            for each in (ann, bob)
        ]
        assert outcomes(futures) == ["done", "not_yours"]


def test_nobody_judges_what_they_were_not_given(encoder, products, ann) -> None:
    (sighting,) = drawn(encoder, products)
    with pytest.raises(NotYours):
        judge(queue=AUDIT, token=sighting.token, product=None, by=ann)
    plain = asked(encoder, products)
    Sighting.objects.filter(pk=plain.pk).update(held_by=ann)
    with pytest.raises(NotYours):  # not drawn, so no audit of it
        judge(queue=AUDIT, token=plain.token, product=None, by=ann)


def test_the_same_twice_is_once_and_a_second_thought_counts(encoder, products, ann) -> None:
    (sighting,) = drawn(encoder, products)
    take_next(queue=AUDIT, by=ann)
    for product in (products[0], products[0], products[1]):
        judge(queue=AUDIT, token=sighting.token, product=product, by=ann)
    sighting.refresh_from_db()
    assert sighting.reviewed_product == products[1]
    assert sighting.held_by is None


def test_undo_brings_back_what_was_said_before(encoder, products, ann, bob) -> None:
    (sighting,) = drawn(encoder, products)
    give_feedback(sighting=sighting, product=products[2])
    take_next(queue=AUDIT, by=ann)
    judge(queue=AUDIT, token=sighting.token, product=None, by=ann)
    assert take_back(queue=AUDIT, token=sighting.token, by=bob) is None
    undone = take_back(queue=AUDIT, token=sighting.token, by=ann)
    assert (undone.review, undone.occasion, undone.reviewed_product) == (
        "corrected", "volunteered", products[2],
    )  # fmt: skip
    assert take_back(queue=AUDIT, token=sighting.token, by=ann) is None
    assert take_next(queue=AUDIT, by=ann) == sighting


def test_undo_of_the_first_word_leaves_none(encoder, products, ann) -> None:
    sighting = asked(encoder, products)
    take_next(queue=DOUBTFUL, by=ann)
    judge(queue=DOUBTFUL, token=sighting.token, product=None, by=ann)
    undone = take_back(queue=DOUBTFUL, token=sighting.token, by=ann)
    assert (undone.review, undone.occasion, undone.reviewed_by) == ("", "", None)
    judge(queue=DOUBTFUL, token=sighting.token, product=products[0], by=ann)
    assert progress(DOUBTFUL).done == 1


def test_the_audit_says_how_complete_it_is(encoder, products, ann) -> None:
    assert audit_response() == AuditResponse(0, 0, 0)
    assert audit_response().share is None
    drawn(encoder, products, 3)
    drawn(encoder, products, 2, photo=False)
    asked(encoder, products)
    sighting = take_next(queue=AUDIT, by=ann)
    judge(queue=AUDIT, token=sighting.token, product=products[0], by=ann)
    response = audit_response(encoder)
    assert (response.drawn, response.judged, response.undecidable) == (5, 1, 2)
    assert (response.waiting, response.share) == (2, 0.2)
    # One that was judged stays judged when its photo goes.
    Sighting.objects.update(photo="")
    assert audit_response() == AuditResponse(5, 1, 4)


def test_progress_counts_what_can_be_judged(encoder, products, ann) -> None:
    drawn(encoder, products, 3)
    drawn(encoder, products, photo=False)
    sighting = take_next(queue=AUDIT, by=ann)
    judge(queue=AUDIT, token=sighting.token, product=None, by=ann)
    found = progress(AUDIT)
    assert (found.done, found.total, found.at, found.left, found.without_photo) == (1, 3, 2, 2, 1)


def test_undo_takes_both_words_of_who_went_back_and_judged_again(encoder, products, ann) -> None:
    (sighting,) = drawn(encoder, products)
    give_feedback(sighting=sighting, product=products[2])
    take_next(queue=AUDIT, by=ann)
    for product in products[:2]:
        judge(queue=AUDIT, token=sighting.token, product=product, by=ann)
    undone = take_back(queue=AUDIT, token=sighting.token, by=ann)
    assert (undone.occasion, undone.reviewed_product) == ("volunteered", products[2])
    for product in products[:2]:
        judge(queue=AUDIT, token=sighting.token, product=product, by=ann)
    undone = take_back(queue=AUDIT, token=sighting.token, by=ann)
    assert (undone.occasion, undone.reviewed_product) == ("volunteered", products[2])
