"""Which language somebody reads, and what caches and readers of screens are told of it."""

import re
from typing import Any

import pytest
from django.test import Client

from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.retailvision.languages.conftest import russian
from tests.retailvision.role_matrix import page_rows
from tests.retailvision.role_matrix.table import Row
from tests.retailvision.role_matrix.world import World, build_world

pytestmark = pytest.mark.django_db


def language_of(response: Any) -> str:
    html = response.content.decode()
    found = re.search(r'<html lang="(\w+)"', html)
    assert found is not None
    assert response["Content-Language"] == found[1]
    # What the answer hangs on: a cache between must not give one reader's page to another.
    assert {"Accept-Language", "Cookie"} <= set(re.split(r",\s*", response["Vary"]))
    return found[1]


def next_address(response: Any) -> str:
    found = re.search(r'name="next"\s+value="([^"]*)"', response.content.decode())
    assert found is not None
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de,fr;q=0.5", "en"),
        ("de,ru;q=0.5", "ru"),
        ("*", "en"),
        ("ru;q=0,en", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_the_browser_is_asked(client: Client, asked: str, said: str) -> None:
    assert language_of(client.get("/", headers={"accept-language": asked})) == said


def test_who_chose_is_not_asked_again(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "ru", "next": "/stores/"})
    assert (answer.status_code, answer["Location"]) == (302, "/stores/")
    assert language_of(client.get("/stores/", headers={"accept-language": "en"})) == "ru"
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert language_of(client.get("/", headers={"accept-language": "ru"})) == "en"


def test_a_language_that_is_not_there_changes_nothing(client: Client) -> None:
    for code in ("de", "", "ru; Path=/", "../../ru"):
        client.post("/i18n/setlang/", {"language": code, "next": "/"})
        assert language_of(client.get("/")) == "en"


def test_nobody_is_led_elsewhere(client: Client) -> None:
    for address in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = client.post("/i18n/setlang/", {"language": "ru", "next": address})
        assert answer["Location"] == "/"


def test_the_page_is_kept(client: Client) -> None:
    page = client.get("/", {"q": "lamp & co", "category": ""})
    assert next_address(page) == "/?q=lamp+%26+co&category="
    answer = client.post("/i18n/setlang/", {"language": "ru", "next": next_address(page)})
    assert answer["Location"] == next_address(page)


def test_staff_keep_it_through_the_log_in(client: Client) -> None:
    StaffFactory(username="maria")
    client.post("/i18n/setlang/", {"language": "ru", "next": "/"})
    client.post("/accounts/login/", {"username": "maria", "password": "secret"})
    assert language_of(client.get("/admin/")) == "ru"
    client.post("/accounts/logout/")
    assert language_of(client.get("/")) == "ru"


def test_the_admin_offers_it(client: Client) -> None:
    client.force_login(StaffFactory())
    html = client.get("/admin/").content.decode()
    assert 'action="/i18n/setlang/"' in html
    assert "Русский" in html


def test_errors_are_said_in_it(client: Client) -> None:
    for address, status in (("/nothing/here/", 404), ("/products/NONE/", 404)):
        answer = russian(client).get(address)
        assert answer.status_code == status
        assert language_of(answer) == "ru"


def test_the_site_has_a_language_of_its_own(client: Client, settings: Any) -> None:
    settings.LANGUAGE_CODE = "ru"
    assert language_of(client.get("/")) == "ru"
    assert language_of(client.get("/", headers={"accept-language": "en"})) == "en"


# --- after a form was sent ---


def test_an_answer_to_a_photo_leads_to_a_page(encoder: Encoder, client: Client) -> None:
    """The photo is not kept, but the address that the search was sent to is one of a page."""
    page = client.post("/", {"q": ""})
    assert page.status_code == 400
    assert client.get(next_address(page)).status_code == 200


def test_a_refused_opinion_leads_to_its_answer(encoder: Encoder, client: Client) -> None:
    image = with_photo(1, ProductFactory(sku="A"))
    sighting = Sighting.objects.create(
        encoder=encoder, source="search", best_product=image.product, distance=0.1,
        candidates=[{"product": image.product.pk, "image": image.pk, "distance": 0.1}],
    )  # fmt: skip
    page = client.post(f"/answers/{sighting.token}/feedback/", {"sku": "NONE"})
    assert page.status_code == 400
    answer = client.get(next_address(page), follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == f"/answers/{sighting.token}/"


@pytest.fixture
def world(db: None, tmp_path: Any) -> World:
    return build_world(tmp_path / "media")


def test_forms_of_the_stock_pages_lead_to_pages(world: World) -> None:
    """Refused, they show themselves again at an address that may be one for forms alone."""
    place = world.places["own"]
    for row in page_rows.ROWS:
        if row.data is None or "mixed" in row.note:
            continue
        refused = _send_nothing(world, row, place)
        if refused is None or b'name="next"' not in refused.content:
            continue
        assert world.client("clerk").get(next_address(refused), follow=True).status_code == 200, (
            row.id
        )


def _send_nothing(world: World, row: Row, place: Any) -> Any:
    from django.db import transaction

    with transaction.atomic():
        response = world.client("clerk").post(row.url(world, place), {})
        transaction.set_rollback(True)
    return response if response.status_code in {200, 400, 409} else None
