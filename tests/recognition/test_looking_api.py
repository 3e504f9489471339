"""`POST /api/v1/search/box/` and `/why/`."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import Product
from recognition.embedding import embed_pending
from recognition.loaded import encoder_for
from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db
BOX, WHY = "/api/v1/search/box/", "/api/v1/search/why/"


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(2):
        with_photo(n, ProductFactory(sku=f"P{n}"))
    embed_pending(encoder)
    return encoder


def send(client: Client, url: str, content: bytes | None = None, **fields: str):
    photo = SimpleUploadedFile("a.jpg", phone_photo(1) if content is None else content)
    return client.post(url, {"image": photo, **fields})


def test_a_box_or_why_there_is_none_and_nothing_is_recorded(shop: Encoder, client: Client) -> None:
    response = send(client, BOX)
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"box", "encoder", "reason"}
    assert body["encoder"] == shop.key
    assert (body["box"] is None) != (body["reason"] is None)
    assert not Sighting.objects.exists()


def test_both_grids_and_the_photo(shop: Encoder, client: Client) -> None:
    response = send(client, WHY, sku="P1", box="0.1,0.1,0.8,0.8")
    assert response.status_code == 200
    body = response.json()
    assert body["photo"].startswith("http://")
    for side in (body["query"], body["match"]):
        assert side["area"] == [0, 0, 1, 1]
        assert all(0 <= value <= 1 for row in side["grid"] for value in row)


@pytest.mark.parametrize("changed", [{"is_active": False}, {"sku": "other"}])
def test_only_what_a_search_may_find(shop: Encoder, client: Client, changed: dict) -> None:
    Product.objects.filter(sku="P1").update(**changed)
    assert send(client, WHY, sku="P1").status_code == 404


@pytest.mark.parametrize("url", [BOX, WHY])
@pytest.mark.parametrize("content", [b"", b"no photo", b"\xff\xd8\xff" + b"x" * 99])
def test_what_is_no_photo_is_refused(shop: Encoder, client: Client, url: str, content) -> None:
    assert send(client, url, content, sku="P1").status_code == 400


def test_bad_fields(shop: Encoder, client: Client) -> None:
    assert client.post(BOX).status_code == 400
    assert send(client, WHY).status_code == 400
    assert send(client, WHY, sku="P1", box="1,2").status_code == 400
    assert send(client, WHY, sku="P1\x00").status_code == 400


def test_without_an_encoder(client: Client) -> None:
    client.raise_request_exception = False
    assert send(client, BOX).status_code == 503


def test_one_that_sees_no_patches_says_so(
    shop: Encoder, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_for(shop.key), "sees_patches", False)
    box, why = send(client, BOX).json(), send(client, WHY, sku="P1").json()
    assert box == {"box": None, "encoder": shop.key, "reason": why["reason"]}
    assert "does not say what it sees where" in box["reason"]
    assert (why["query"], why["match"]) == (None, None)
    page = client.post("/", {"photo": SimpleUploadedFile("a.jpg", phone_photo(1))})
    assert "data-why" not in page.content.decode()
    assert "data-box-address" not in page.content.decode()


def test_a_photo_that_was_lost_is_no_crash(shop: Encoder, client: Client) -> None:
    photo = Product.objects.get(sku="P1").images.get()
    photo.file.storage.delete(photo.file.name)
    client.raise_request_exception = False
    assert send(client, WHY, sku="P1").status_code == 503


def test_as_often_as_a_search(shop: Encoder, client: Client, settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "1/min"}
    assert send(client, BOX).status_code == 200
    again = send(client, WHY, sku="P1")
    assert again.status_code == 429
    assert again["Retry-After"]


def test_the_page_offers_why_of_the_first_three(shop: Encoder, client: Client) -> None:
    page = client.post("/", {"photo": SimpleUploadedFile("a.jpg", phone_photo(1))})
    assert page.content.decode().count("data-why") == 2  # products there are
    words = client.get("/", {"q": "P1"})
    assert "data-why" not in words.content.decode()
