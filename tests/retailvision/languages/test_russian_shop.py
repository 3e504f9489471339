"""A Russian shopper meets no English: in any state of the search, on products, stores and errors."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.pictures import encoded, phone_photo
from tests.recognition.test_verdicts import GTIN, calibrated
from tests.retailvision.languages.reading import english_words, misplaced_numbers, words

pytestmark = pytest.mark.django_db

ALLOWED = words("""
escape
api avif clip english gif heic ip jpeg json ld openstreetmap pdf png pixel raw retailvision tiff webp
ean gtin
""")


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    """Four lamps with photos, of which one stands in stores that have hours and a place."""
    lamps = [
        ProductFactory(
            sku=f"L{n}", name=f"Лампа {n}", category_path="Дом/Лампы", brand="Свет",
            price="1234.50", attributes={"цвет": "красный", "складная": True, "вес": 1.5},
        )
        for n in range(4)
    ]  # fmt: skip
    for n, lamp in enumerate(lamps):
        with_photo(n, lamp)
        with_photo(n + 10, lamp)
    Product.objects.filter(pk=lamps[1].pk).update(barcode=GTIN)
    embed_pending(encoder)
    for n in range(3):
        store = StoreFactory(
            code=f"S{n}", name=f"Магазин {n}", address="Садовая улица, 1, Столица", latitude="52.5",
            longitude="13.4", opening_hours="Mo-Fr 09:00-18:00\nSa 10:00-14:00",
        )  # fmt: skip
        with_stock(store, lamps[0], 3 + 40 * n)
    return lamps


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", data, "image/jpeg")


def check(response: Any, status: int = 200) -> str:
    html: str = response.content.decode()
    assert response.status_code == status
    assert english_words(html, ALLOWED) == {}
    assert misplaced_numbers(html) == []
    return html


@pytest.mark.parametrize("query", ["", "?q=лампа", "?q=ничего", f"?q={GTIN}", "?q=5901234123457"])
def test_the_search_by_words(shop: Any, reader: Client, query: str) -> None:
    assert '<html lang="ru"' in check(reader.get(f"/{query}"))


@pytest.mark.parametrize(
    "row",
    [None, {}, {"outcome": "none"}, {"set_gap": 2.0}, {"threshold": 0.999999, "set_gap": 0.0}],
    ids=["not calibrated", "as measured", "no threshold", "many look-alikes", "one look-alike"],
)
@pytest.mark.parametrize("kind", ["queries", "catalogue"])
def test_the_search_by_photo(
    encoder: Encoder, shop: Any, reader: Client, row: dict[str, Any] | None, kind: str
) -> None:
    if row is not None:
        calibrated(encoder, kind=kind, **{"": row})
    html = check(reader.post("/", {"photo": upload(phone_photo(1)), "q": ""}))
    assert 'data-testid="result-card"' in html
    check(reader.post("/", {"photo": upload(phone_photo(7))}, headers={"HX-Request": "true"}))


def test_a_barcode_in_the_photo(encoder: Encoder, shop: Any, reader: Client) -> None:
    calibrated(encoder)
    check(reader.post("/", {"photo": upload(encoded(ean13_picture(GTIN)))}))
    check(reader.post("/", {"photo": upload(encoded(ean13_picture("5901234123457")))}))


def test_what_cannot_be_searched_with(shop: Any, reader: Client) -> None:
    check(reader.post("/", {}), 400)
    for data in (b"", b"no photo at all", b"%PDF-1.7", b"II*\0" * 9, phone_photo(1)[:900]):
        check(reader.post("/", {"photo": upload(data)}), 400)


def test_a_site_that_sees_nothing_yet(db: None, reader: Client) -> None:
    check(reader.get("/"))
    check(reader.post("/", {"photo": upload(phone_photo(1))}), 503)


def test_a_judged_answer(encoder: Encoder, shop: Any, reader: Client) -> None:
    calibrated(encoder)
    reader.post("/", {"photo": upload(phone_photo(1))})
    token = Sighting.objects.latest("pk").token
    check(reader.get(f"/answers/{token}/"))
    for said in ({"sku": "L1"}, {"none": "1"}, {"sku": "нет такого"}):
        answer = reader.post(f"/answers/{token}/feedback/", said, follow=True)
        assert english_words(answer.content.decode(), ALLOWED) == {}


def test_products_and_stores(shop: Any, reader: Client) -> None:
    for address in (
        "/products/L0/", "/products/L2/", "/stores/", "/stores/?q=столица", "/stores/?q=деревня",
        "/stores/S1/",
    ):  # fmt: skip
        check(reader.get(address))
    StoreFactory(code="S9", name="Пустой")
    check(reader.get("/stores/S9/"))


def test_errors(shop: Any, reader: Client) -> None:
    check(reader.get("/products/0/"), 404)
    check(reader.get("/нет/такой/"), 404)
    check(reader.get("/", {"q": "ё" * 5000}), 400)
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = reader.cookies
    check(guarded.post("/", {"q": "лампа"}), 403)


def test_the_log_in(db: None, reader: Client) -> None:
    check(reader.get("/accounts/login/"))
    check(reader.post("/accounts/login/", {"username": "x", "password": "y"}))
    reader.force_login(StaffFactory(username="Мария"))
    check(reader.get("/accounts/login/"))
    check(reader.get("/stock/"))
