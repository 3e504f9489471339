"""The pages of the review: one sighting after the other, by one tap."""

import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.roles import ANALYST, CATALOGUE_EDITOR
from products.models import Product
from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, person
from tests.recognition.recorded import asked, lamps

pytestmark = pytest.mark.django_db

AUDIT = reverse("admin:recognition_review_queue", args=["audit"])
DOUBTFUL = reverse("admin:recognition_review_queue", args=["doubtful"])


@pytest.fixture
def products(encoder: Encoder) -> list[Product]:
    return lamps(11)


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(person(CATALOGUE_EDITOR))
    return client


def page(client: Client, url: str = AUDIT, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def shown(html: str) -> str:
    return re.search(r'data-testid="review" data-token="([^"]+)"', html)[1]


def act(client: Client, name: str, token: str = "", queue: str = "audit", **data: str) -> None:
    args = [queue, token] if token else [queue]
    answer = client.post(reverse(f"admin:recognition_review_{name}", args=args), data)
    assert (answer.status_code, answer["Location"]) == (
        302,
        AUDIT if queue == "audit" else DOUBTFUL,
    )


def test_one_after_the_other_with_a_tap_each(encoder, products, editor: Client) -> None:
    for _ in range(3):
        asked(encoder, products, drawn_for_audit=True)
    html = page(editor)
    assert "1 of 3" in html
    assert html.count('data-testid="choice"') == 11
    assert re.findall(r'data-key="(\d)"', html) == list("123456789")
    first = shown(html)
    act(editor, "judge", first, sku="P1")
    sighting = Sighting.objects.get(token=first)
    assert (sighting.review, sighting.occasion) == ("corrected", "audit")
    html = page(editor)
    assert "2 of 3" in html
    second = shown(html)
    act(editor, "judge", second, none="1")
    assert Sighting.objects.get(token=second).review == "rejected"
    act(editor, "judge", shown(page(editor)), sku="P0")
    assert "3 of 3 judged" in page(editor)


def test_undo_brings_the_last_one_back(encoder, products, editor: Client) -> None:
    for _ in range(2):
        asked(encoder, products, drawn_for_audit=True)
    assert 'data-testid="undo"' not in page(editor)
    first = shown(page(editor))
    act(editor, "judge", first, sku="P1")
    assert 'data-testid="undo"' in page(editor)
    act(editor, "undo")
    assert Sighting.objects.get(token=first).review == ""
    assert shown(page(editor)) == first
    act(editor, "undo")
    assert "nothing to take back" in page(editor)


def test_what_is_skipped_comes_when_asked_for_again(encoder, products, editor: Client) -> None:
    for _ in range(2):
        asked(encoder, products)
    first = shown(page(editor, DOUBTFUL))
    act(editor, "skip", first, "doubtful")
    second = shown(page(editor, DOUBTFUL))
    assert second != first
    act(editor, "skip", second, "doubtful")
    html = page(editor, DOUBTFUL)
    assert "skipped by you" in html
    act(editor, "again", "", "doubtful")
    assert shown(page(editor, DOUBTFUL)) in {first, second}
    # What one skips, another gets.
    other = Client()
    other.force_login(person(CATALOGUE_EDITOR))
    assert 'data-testid="review"' in page(other, DOUBTFUL)


def test_another_product_is_found_by_words_sku_and_barcode(
    encoder, products, editor: Client
) -> None:
    asked(encoder, products[:2], drawn_for_audit=True)
    ProductFactory(sku="OTHER", name="Green kettle", barcode="4006381333931")
    for words in ("kettle", "OTHER", "4006381333931"):
        html = page(editor, q=words)
        assert "Green kettle" in html
        assert html.count('data-testid="choice"') == 1
    assert "No product fits" in page(editor, q="nothing of the kind")
    assert "No product fits" in page(editor, q="<b>'\"")
    token = shown(page(editor))
    act(editor, "judge", token, sku="OTHER")
    assert Sighting.objects.get(token=token).reviewed_product.sku == "OTHER"


def test_two_people_look_at_two(encoder, products, editor: Client) -> None:
    for _ in range(2):
        asked(encoder, products, drawn_for_audit=True)
    other = Client()
    other.force_login(person(CATALOGUE_EDITOR))
    mine, theirs = shown(page(editor)), shown(page(other))
    assert mine != theirs
    act(other, "judge", mine, sku="P0")
    assert "Somebody else has taken that one" in page(other)
    assert Sighting.objects.get(token=mine).review == ""


def test_odd_requests_are_no_server_errors(encoder, products, editor: Client) -> None:
    asked(encoder, products, drawn_for_audit=True)
    token = shown(page(editor))
    act(editor, "judge", token, sku="NONE")
    assert "no such product" in page(editor)
    act(editor, "judge", token)
    assert Sighting.objects.get(token=token).review == ""
    for name, args in (
        ("queue", ["everything"]),
        ("photo", ["guess"]),
        ("photo", ["x" * 300]),
    ):
        url = reverse(f"admin:recognition_review_{name}", args=args)
        assert editor.get(url).status_code == 404
    url = reverse("admin:recognition_review_judge", args=["audit", "guess"])
    assert editor.post(url, {"none": "1"}).status_code == 404
    assert editor.get(url).status_code == 405


def test_the_photo_is_for_reviewers_alone_and_kept_by_nobody(
    encoder, products, editor: Client
) -> None:
    sighting = asked(encoder, products)
    url = reverse("admin:recognition_review_photo", args=[sighting.token])
    answer = editor.get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
    assert url in page(editor, f"/admin/recognition/sighting/{sighting.pk}/change/")

    analyst = Client()
    analyst.force_login(person(ANALYST))
    assert analyst.get(url).status_code == 403
    assert url not in page(analyst, f"/admin/recognition/sighting/{sighting.pk}/change/")
    assert Client().get(url).status_code == 302

    sighting.photo.storage.delete(sighting.photo.name)
    assert editor.get(url).status_code == 404
    Sighting.objects.update(photo="")
    assert editor.get(url).status_code == 404


def test_what_cannot_be_judged_is_said_and_why(encoder, products, editor: Client, settings) -> None:
    asked(encoder, products, photo=False, drawn_for_audit=True)
    asked(encoder, products, photo=False)
    for url in (AUDIT, DOUBTFUL):
        html = page(editor, url)
        assert "1 more cannot be judged" in html
        assert "RETAILVISION_KEEP_QUERY_PHOTOS=none" in html
    html = page(editor, reverse("admin:recognition_review"))
    assert "Drawn: 1. Judged: 0. Waiting: 0. Cannot be judged, since there is no photo: 1." in html
    assert "Set it to audit" in html
    settings.RECORD_SIGHTINGS = False
    assert "Queries are not recorded" in page(editor, reverse("admin:recognition_review"))


def test_the_sidebar_offers_it_to_reviewers_alone(encoder, editor: Client) -> None:
    assert reverse("admin:recognition_review") in page(editor, "/admin/")
    analyst = Client()
    analyst.force_login(person(ANALYST))
    assert reverse("admin:recognition_review") not in page(analyst, "/admin/")
    assert analyst.get(AUDIT).status_code == 403


def test_a_page_costs_the_same_for_3_and_for_11_products(
    encoder, products, editor: Client, django_assert_num_queries
) -> None:
    asked(encoder, products, drawn_for_audit=True)
    page(editor)  # makes the thumbnails
    Sighting.objects.all().delete()
    asked(encoder, products[:3], drawn_for_audit=True)
    with CaptureQueriesContext(connection) as few:
        page(editor)
    Sighting.objects.all().delete()
    for _ in range(20):
        asked(encoder, products, drawn_for_audit=True)
    with django_assert_num_queries(len(few)):
        page(editor)
