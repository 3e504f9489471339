"""Confirm, correct or reject an answer: by its token, by its owner, by staff."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.roles import ANALYST, CATALOGUE_EDITOR, PARTNER
from recognition.feedback_views import Feedback
from recognition.models import Encoder, Sighting, SightingReview
from recognition.reviewing.feedback import FeedbackRefused, give_feedback
from recognition.sightings import review_sighting
from tests.factories import ProductFactory, StaffFactory, person
from tests.recognition.recorded import asked, lamps
from tests.stores.races import held, outcomes, threads

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sighting(encoder: Encoder) -> Sighting:
    return asked(encoder, lamps(), photo=False)


def say(client: Client, sighting: Sighting, data: dict[str, str], **more: object):
    return client.post(f"/answers/{sighting.token}/feedback/", data, **more)


def judged(sighting: Sighting) -> tuple[str, str | None, str]:
    sighting.refresh_from_db()
    product = sighting.reviewed_product
    return sighting.review, product.sku if product else None, sighting.occasion


# --- the customer's page ---


@pytest.mark.parametrize(
    ("data", "result"),
    [
        ({"sku": "P0"}, ("confirmed", "P0", "volunteered")),
        ({"sku": "P2"}, ("corrected", "P2", "volunteered")),
        ({"none": "1"}, ("rejected", None, "volunteered")),
    ],
)
def test_one_tap_without_javascript(client: Client, sighting: Sighting, data, result) -> None:
    answer = say(client, sighting, data)
    assert (answer.status_code, answer["Location"]) == (302, f"/answers/{sighting.token}/")
    assert judged(sighting) == result
    assert sighting.reviewed_by is None
    html = client.get(answer["Location"]).content.decode()
    assert "Thank you" in html
    assert html.count('data-testid="this-one"') == 4


def test_there_is_no_yes_to_nothing_like_it_is_sold(client: Client, sighting: Sighting) -> None:
    product = ProductFactory()

    def html(**told: str) -> str:
        feedback = Feedback(sighting.token, product, **told)
        return render_to_string("recognition/_feedback.html", {"feedback": feedback})

    assert "feedback-yes" in html()
    unknown = html(verdict="unknown")
    assert "Is it one of these after all? Say so on its card." in unknown
    assert "feedback-yes" not in unknown
    assert "feedback-none" in unknown


def test_htmx_swaps_the_question_alone(client: Client, sighting: Sighting) -> None:
    answer = say(client, sighting, {"sku": "P2"}, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Noted: it is Lamp 2" in html
    assert "data-answer" in html  # what search.js takes for an answer of ours
    assert "<html" not in html
    assert answer["Cache-Control"].startswith("max-age=0")


def test_a_form_without_its_token_of_csrf_is_refused(sighting: Sighting) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert say(strict, sighting, {"sku": "P0"}).status_code == 403
    assert judged(sighting)[0] == ""


def test_guessed_tokens_are_404_and_run_into_the_limit(client: Client, settings, sighting) -> None:
    settings.API_RATES = {**settings.API_RATES, "feedback": "5/h"}
    for n in range(5):
        assert client.get(f"/answers/guess-{n}/").status_code == 404
    answer = client.get(f"/answers/{sighting.token}/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert say(client, sighting, {"sku": "P0"}, headers=HTMX).status_code == 429
    assert client.post(f"/api/v1/sightings/{sighting.token}/feedback/").status_code == 429
    assert judged(sighting)[0] == ""


def test_a_product_that_is_not_there_is_said(client: Client, sighting: Sighting) -> None:
    ProductFactory(sku="HIDDEN", is_active=False)
    for sku in ("NONE", "HIDDEN", ""):
        answer = say(client, sighting, {"sku": sku})
        assert answer.status_code == 400
        assert "There is no such product" in answer.content.decode()
    assert say(client, sighting, {}).status_code == 400
    assert judged(sighting)[0] == ""


def test_the_same_again_changes_nothing_and_another_word_counts(
    client: Client, sighting: Sighting
) -> None:
    for sku in ("P0", "P0", "P1"):
        say(client, sighting, {"sku": sku})
    assert judged(sighting) == ("corrected", "P1", "volunteered")
    assert SightingReview.objects.filter(pgh_obj=sighting).count() == 2


def test_after_an_hour_it_stays(client: Client, sighting: Sighting) -> None:
    say(client, sighting, {"sku": "P0"})
    hour = timezone.now() - timedelta(minutes=61)
    from django.db import connection

    with connection.cursor() as cursor:  # the history can only be written by its trigger
        cursor.execute("ALTER TABLE recognition_sightingreview DISABLE TRIGGER USER")
        cursor.execute("UPDATE recognition_sightingreview SET pgh_created_at = %s", [hour])
    answer = say(client, sighting, {"sku": "P1"}, headers=HTMX)
    assert answer.status_code == 409
    assert "more than an hour ago" in answer.content.decode()
    # The same word is no change.
    assert say(client, sighting, {"sku": "P0"}).status_code == 302
    assert judged(sighting) == ("confirmed", "P0", "volunteered")


@pytest.mark.parametrize("occasion", ["work", "doubtful", "audit", "volunteered"])
def test_a_customer_never_overwrites_staff(
    client: Client, sighting: Sighting, occasion: str
) -> None:
    Sighting.objects.update(drawn_for_audit=True)
    product = sighting.best_product
    editor = person(CATALOGUE_EDITOR)
    review_sighting(sighting=sighting, product=product, by=editor, occasion=occasion)
    answer = say(client, sighting, {"none": "1"})
    assert answer.status_code == 409
    assert judged(sighting) == ("confirmed", "P0", occasion)
    assert sighting.reviewed_by == editor


def test_who_wrote_in_the_stores_is_not_the_publics_to_judge(
    client: Client, encoder: Encoder
) -> None:
    products = lamps()
    for fields in ({"source": "stocktake"}, {"source": "booking"}, {"user": person(PARTNER)}):
        sighting = asked(encoder, products, photo=False, **fields)
        assert client.get(f"/answers/{sighting.token}/").status_code == 404
        assert say(client, sighting, {"sku": "P0"}).status_code == 404
        assert judged(sighting)[0] == ""


def test_the_page_costs_the_same_for_3_and_for_12(
    client: Client, encoder: Encoder, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    products = lamps(12)
    few, many = (asked(encoder, products[:n], photo=False) for n in (3, 12))
    client.get(f"/answers/{many.token}/")  # makes the thumbnails
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/answers/{few.token}/")
    with django_assert_num_queries(len(queries)):
        client.get(f"/answers/{many.token}/")


@pytest.mark.parametrize("is_active", [True, False])
def test_a_customer_is_not_told_of_what_is_not_sold(
    client: Client, sighting: Sighting, is_active: bool
) -> None:
    secret = ProductFactory(sku="NEXT-YEAR", name="Unreleased lamp", is_active=is_active)
    review_sighting(
        sighting=sighting, product=secret, by=StaffFactory(), occasion=Sighting.Occasion.DOUBTFUL
    )
    answers = [
        client.get(f"/answers/{sighting.token}/").content.decode(),
        client.get(f"/api/v1/sightings/{sighting.token}/").content.decode(),
    ]
    for answer in answers:
        assert ("Unreleased" in answer or "NEXT-YEAR" in answer) == is_active
        assert "it is none of these" not in answer
    # To those who work here it is named.
    client.force_login(StaffFactory())
    assert "Unreleased" in client.get(f"/answers/{sighting.token}/").content.decode()
    body = client.get(f"/api/v1/sightings/{sighting.token}/").json()
    assert body["feedback"]["sku"] == "NEXT-YEAR"


# --- the API ---


def post(client: Client, sighting: Sighting, **body: object):
    url = f"/api/v1/sightings/{sighting.token}/feedback/"
    return client.post(url, body, content_type="application/json")


def test_the_api_takes_all_three_words(client: Client, sighting: Sighting) -> None:
    answer = post(client, sighting, verdict="confirmed")
    assert answer.status_code == 200
    assert judged(sighting) == ("confirmed", "P0", "volunteered")
    body = answer.json()
    assert set(body) == {
        "token", "asked_at", "encoder", "verdict", "barcode", "narrowed", "products", "feedback",
    }  # fmt: skip
    assert body["feedback"]["verdict"] == "confirmed"
    assert body["feedback"]["sku"] == "P0"
    assert body["feedback"]["may_change_until"]
    assert [each["sku"] for each in body["products"]] == ["P0", "P1", "P2", "P3"]
    assert post(client, sighting, verdict="corrected", sku="P3").status_code == 200
    assert judged(sighting) == ("corrected", "P3", "volunteered")
    assert post(client, sighting, verdict="rejected").json()["feedback"]["sku"] is None
    assert judged(sighting) == ("rejected", None, "volunteered")
    got = client.get(f"/api/v1/sightings/{sighting.token}/").json()
    assert got["feedback"]["verdict"] == "rejected"


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "verdict", "required"),
        ({"verdict": "perhaps"}, "verdict", "invalid_choice"),
        ({"verdict": "corrected"}, "sku", "sku_missing"),
        ({"verdict": "corrected", "sku": "NONE"}, "sku", "does_not_exist"),
        ({"verdict": "confirmed", "sku": "NONE"}, "sku", "does_not_exist"),
        ({"verdict": "rejected", "sku": "P0"}, "sku", "sku_not_wanted"),
        ({"verdict": "corrected", "sku": "x" * 65}, "sku", "max_length"),
        ({"verdict": "corrected", "sku": ["P0"]}, "sku", "invalid"),
    ],
)
def test_bad_feedback_is_a_400_that_names_the_field(
    client: Client, sighting: Sighting, body, attr: str, code: str
) -> None:
    answer = post(client, sighting, **body)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["attr"], error["code"]) == (attr, code)
    assert judged(sighting)[0] == ""


def test_a_narrowed_answer_is_confirmed_by_its_sku_alone(
    client: Client, sighting: Sighting
) -> None:
    Sighting.objects.update(narrowed=True)
    assert post(client, sighting, verdict="confirmed").json()["errors"][0]["code"] == "sku_missing"
    assert post(client, sighting, verdict="confirmed", sku="P1").status_code == 200
    assert judged(sighting) == ("corrected", "P1", "volunteered")


def test_an_empty_answer_cannot_be_confirmed(client: Client, encoder: Encoder) -> None:
    sighting = Sighting.objects.create(encoder=encoder, source="api")
    answer = post(client, sighting, verdict="confirmed")
    assert answer.json()["errors"][0]["code"] == "nothing_shown"
    assert post(client, sighting, verdict="rejected").status_code == 200


def test_what_stays_is_a_409(client: Client, sighting: Sighting) -> None:
    review_sighting(
        sighting=sighting, product=None, by=person(CATALOGUE_EDITOR), occasion="doubtful"
    )
    answer = post(client, sighting, verdict="confirmed")
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "judged_already"


def test_a_partner_judges_their_own_and_no_others(client: Client, encoder: Encoder) -> None:
    partner, products = person(PARTNER), lamps()
    own = asked(encoder, products, photo=False, source="api", user=partner)
    others = asked(encoder, products, photo=False, source="api", user=person(PARTNER))
    client.force_login(partner)
    assert post(client, own, verdict="confirmed").status_code == 200
    assert own.reviewed_by_id is None
    own.refresh_from_db()
    assert own.reviewed_by == partner
    for answer in (
        post(client, others, verdict="confirmed"),
        client.get(f"/api/v1/sightings/{others.token}/"),
    ):
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == "not_found"


def test_staff_judge_all_and_analysts_look(client: Client, encoder: Encoder) -> None:
    sighting = asked(encoder, lamps(), photo=False, source="api", user=person(PARTNER))
    client.force_login(person(ANALYST))
    assert client.get(f"/api/v1/sightings/{sighting.token}/").status_code == 200
    assert post(client, sighting, verdict="confirmed").status_code == 404
    client.force_login(person(CATALOGUE_EDITOR))
    assert post(client, sighting, verdict="confirmed").status_code == 200
    assert judged(sighting) == ("confirmed", "P0", "volunteered")


def test_nobody_talks_over_the_audit(client: Client, sighting: Sighting) -> None:
    Sighting.objects.update(drawn_for_audit=True)
    review_sighting(sighting=sighting, product=None, by=person(CATALOGUE_EDITOR), occasion="audit")
    client.force_login(person(CATALOGUE_EDITOR))
    answer = post(client, sighting, verdict="confirmed")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "audited")


def test_volunteered_words_carry_no_bound(sighting: Sighting) -> None:
    Sighting.objects.update(drawn_for_audit=True)
    give_feedback(sighting=sighting, product=sighting.best_product)
    assert Sighting.objects.for_training().count() == 1
    assert not Sighting.objects.carriers().exists()


@pytest.mark.django_db(transaction=True)
def test_staff_first_and_a_customer_at_the_same_moment(encoder: Encoder) -> None:
    """Whoever comes second reads what the first one wrote."""
    sighting, editor = asked(encoder, lamps(), photo=False), person(CATALOGUE_EDITOR)
    with threads() as run:
        with held(sighting) as wait:
            staff = run.start(
                review_sighting, sighting=sighting, product=sighting.best_product, by=editor,
                occasion="doubtful",
            )  # fmt: skip
            wait(1)
            customer = run.start(give_feedback, sighting=sighting, product=None)
            wait(2)
        assert outcomes([staff, customer]) == ["done", "judged_already"]
    assert judged(sighting) == ("confirmed", "P0", "doubtful")


def test_refusals_speak_for_themselves(sighting: Sighting) -> None:
    review_sighting(
        sighting=sighting, product=None, by=person(CATALOGUE_EDITOR), occasion="doubtful"
    )
    with pytest.raises(FeedbackRefused, match="works here"):
        give_feedback(sighting=sighting, product=sighting.best_product)
