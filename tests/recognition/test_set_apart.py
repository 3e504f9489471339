"""What the verdict names stands apart from what is only similar, of which one row is open."""

import re

import pytest
from django.test import Client

from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.search import Query, search
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo
from tests.recognition.test_hero import has_barcode, pack_with_barcode
from tests.recognition.test_sightings import opened
from tests.recognition.test_verdicts import calibrated, page_about

pytestmark = pytest.mark.django_db

UNSURE = {"outcome": "none", "threshold": None, "error_bound": None}
SURE = {"outcome": "own", "threshold": 0.000001}
PHOTO = phone_photo(2)


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(12):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n}"))
    embed_pending(encoder)
    return encoder


def skus(part: str) -> list[str]:
    return re.findall(r'data-testid="result-card"\s+data-sku="(P\d+)"', part)


def of_list(page: str, name: str) -> list[str]:
    """The products of the list with this test id."""
    found = re.search(rf'<ol[^>]*data-testid="{name}".*?</ol>', page, re.DOTALL)
    return skus(found[0]) if found else []


def folded(page: str) -> list[str]:
    found = re.search(r'<details class="others" data-testid="folded">.*?</ol>', page, re.DOTALL)
    return skus(found[0]) if found else []


def test_look_alikes_come_before_the_rest(shop: Encoder, client: Client) -> None:
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": 0.05}})
    answer = search(Query(photo=opened(PHOTO), limit=12))
    order = [result.product.sku for result in answer.results]
    named = [product.sku for product in answer.verdict.products]
    assert 0 < len(named) < 6
    page = page_about(client, PHOTO)
    assert of_list(page, "likely-results") == named == order[: len(named)]
    assert of_list(page, "results") == order[len(named) : len(named) + 4]
    assert folded(page) == order[len(named) + 4 :]
    assert re.search(r"<h2>\s*Less alike\s*</h2>", page)
    assert page.count('data-testid="results-heading"') == 1
    heading = page[page.index('data-testid="results-heading"') :]
    assert "ould be one of these" in heading[:400] or "looks like this one" in heading[:400]


def test_words_keep_one_list_in_their_order(shop: Encoder, client: Client) -> None:
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": 0.05}})
    page = page_about(client, PHOTO, q="lamp")
    assert of_list(page, "likely-results") == []
    assert 'data-kind="lookalike"' in page
    assert (len(of_list(page, "results")), folded(page)) == (12, []), "they are what is looked for"


def test_behind_a_match_one_row_is_open(shop: Encoder, client: Client) -> None:
    calibrated(shop, **{"": SURE})
    page = page_about(client, PHOTO)
    assert 'data-kind="match"' in page
    assert len(of_list(page, "results")) == 4
    assert len(folded(page)) == 7
    assert len(set(skus(page))) == 12
    assert re.search(r"Show 7 more\s*</summary>", page)


def test_where_nothing_like_it_is_sold_too(shop: Encoder, client: Client) -> None:
    calibrated(shop, unknown_below=2.0, **{"": UNSURE})
    page = page_about(client, PHOTO)
    assert 'data-kind="unknown"' in page
    assert (len(of_list(page, "results")), len(folded(page))) == (4, 8)


def test_without_a_verdict_all_are_open(shop: Encoder, client: Client) -> None:
    page = page_about(client, PHOTO)
    assert (len(of_list(page, "results")), folded(page)) == (12, [])


def test_two_more_are_not_worth_a_press(
    shop: Encoder, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.shown.PHOTO_PAGE", 7)
    monkeypatch.setattr("recognition.views.PHOTO_PAGE", 7)
    calibrated(shop, **{"": SURE})
    page = page_about(client, PHOTO)
    assert (len(of_list(page, "results")), folded(page)) == (6, [])


def test_the_three_nearest_can_be_explained_wherever_they_stand(
    shop: Encoder, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.shown.sees_patches", lambda _key: True)
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": 0.0}})
    page = page_about(client, PHOTO)
    assert len(of_list(page, "likely-results")) < 3
    assert page.count("data-why") == 3


def test_what_a_photo_shows_beside_words(shop: Encoder, client: Client) -> None:
    """The words say what should be different about it."""
    calibrated(shop, **{"": SURE})
    page = page_about(client, PHOTO, q="lamp")
    assert "Your photo shows <a" in page
    assert "This is <a" not in page


def test_look_alikes_on_further_pages_are_not_out_of_reach(shop: Encoder, client: Client) -> None:
    """Where no set could be promised, all that were looked at are named: more than a page holds."""
    for n in range(12, 15):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n}"))
    embed_pending(shop)
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": None, "set_rate": None}})
    page = page_about(client, PHOTO)
    assert "Could be one of these 15" in page
    assert len(of_list(page, "likely-results") + of_list(page, "results")) == 12
    assert folded(page) == [], "what is named"
    assert 'data-testid="more"' in page
    assert page.count('data-testid="results-heading"') == 1


def test_the_last_page_of_look_alikes_is_apart_of_nothing(shop: Encoder, client: Client) -> None:
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": None, "set_rate": None}})
    page = page_about(client, PHOTO)
    assert len(of_list(page, "likely-results")) == 12
    assert "Less alike" not in page


def test_look_alikes_of_which_filters_leave_some_out(shop: Encoder, client: Client) -> None:
    """The page says how many there are, which fewer cards below it would belie."""
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": None, "set_rate": None}})
    page = page_about(client, PHOTO, brand=["Brand 3", "Brand 5"])
    assert "Could be one of these 12" in page
    assert of_list(page, "likely-results") == []
    assert sorted(of_list(page, "results")) == ["P3", "P5"]


def test_what_a_barcode_speaks_against_is_not_folded(shop: Encoder, client: Client) -> None:
    calibrated(shop, unknown_below=0.0, **{"": {**UNSURE, "set_gap": None, "set_rate": None}})
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=False)
    page = page_about(client, photo)
    assert 'data-kind="lookalike"' in page
    assert skus(page)[0] == named.sku
    assert (len(of_list(page, "results")), folded(page)) == (11, [])
