"""The customer's page without a browser: every answer, with and without htmx."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import Category
from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.templatetags.verdicts import alike
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", price="3.50"))
    embed_pending(encoder)
    return encoder


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.jpg", data, "image/jpeg")


def order(html: str) -> list[str]:
    import re

    return re.findall(r'data-sku="([^"]+)"', html)


def test_the_empty_page(client: Client, db: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'type="file"' in html
    assert "<form" in html
    assert order(html) == []


def test_the_empty_page_names_categories_that_hold_something(client: Client, db: None) -> None:
    ProductFactory(category_path="Sold/Below")
    ProductFactory(category_path="Withdrawn", is_active=False)
    Category.objects.at_path("Vacant")
    html = client.get("/").content.decode()
    assert "Sold" in html
    assert "Withdrawn" not in html
    assert "Vacant" not in html


def test_a_photo_shows_its_product_first(shop: Encoder, client: Client) -> None:
    answer = client.post("/", {"photo": upload(phone_photo(2)), "q": ""})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert order(html)[0] == "P2"
    assert "€3.50" in html
    assert "<html" in html


def test_how_alike_is_a_bar_for_shoppers_and_a_number_for_staff(
    shop: Encoder, client: Client, admin_client: Client
) -> None:
    for who, numbers in ((client, 0), (admin_client, 4)):
        html = who.post("/", {"photo": upload(phone_photo(2))}).content.decode()
        assert html.count("<meter") == 4
        assert html.count('data-testid="distance"') == numbers


@pytest.mark.parametrize(("distance", "bar"), [(0, 1), (0.25, 0.75), (1, 0), (1.6, 0), (-1e-7, 1)])
def test_the_bar_is_full_for_the_same_picture(distance: float, bar: float) -> None:
    assert alike(distance) == bar


def test_htmx_gets_the_results_alone(shop: Encoder, client: Client) -> None:
    answer = client.post("/", {"photo": upload(phone_photo(2))}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert order(html)[0] == "P2"
    assert "<html" not in html
    assert "HX-Request" in answer["Vary"]


def test_words_have_an_address(shop: Encoder, client: Client) -> None:
    html = client.get("/", {"q": "lamp 3"}).content.decode()
    assert order(html) == ["P3"]


def test_a_bad_photo_is_refused_with_a_reason(shop: Encoder, client: Client) -> None:
    answer = client.post("/", {"photo": upload(b"no photo at all")})
    assert answer.status_code == 400
    assert "Send a JPEG" in answer.content.decode()


def test_nothing_given_is_said(shop: Encoder, client: Client) -> None:
    answer = client.post("/", {})
    assert answer.status_code == 400
    assert "Choose a photo or type some words" in answer.content.decode()


def test_hostile_words_are_only_words(shop: Encoder, client: Client) -> None:
    words = "<script>alert(1)</script>' | !& :*\\ \"' lamp"
    answer = client.get("/", {"q": words})
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.content.decode()


def test_a_fallback_is_said_on_the_page(shop: Encoder, client: Client) -> None:
    Encoder.objects.update(fallback_reason="No CLIP weights here.")
    assert "No CLIP weights here." in client.get("/").content.decode()


def test_without_an_encoder_the_page_says_so_and_words_still_work(client: Client, db: None) -> None:
    ProductFactory(sku="A", name="Green lamp")
    answer = client.post("/", {"photo": upload(phone_photo(1))})
    assert answer.status_code == 503
    assert "not available at the moment" in answer.content.decode()
    assert order(client.get("/", {"q": "lamp"}).content.decode()) == ["A"]


def test_a_barcode_among_the_words_is_looked_up(shop: Encoder, client: Client) -> None:
    from products.models import Product

    Product.objects.filter(sku="P1").update(barcode="4006381333931")
    html = client.get("/", {"q": "4006381333931"}).content.decode()
    assert order(html)[0] == "P1"


def test_product_pages(shop: Encoder, client: Client) -> None:
    from products.models import Product

    assert "Lamp 1" in client.get("/products/P1/").content.decode()
    assert client.get("/products/NONE/").status_code == 404
    Product.objects.filter(sku="P2").update(is_active=False)
    assert client.get("/products/P2/").status_code == 404
    Product.objects.filter(sku="P3").update(merged_into=Product.objects.get(sku="P1"))
    answer = client.get("/products/P3/")
    assert (answer.status_code, answer["Location"]) == (301, "/products/P1/")


def test_the_retailers_own_links_stand_at_the_foot(client: Client, db: None, settings: Any) -> None:
    settings.FOOTER_LINKS = [("Imprint & <data>", "https://example.com/imprint?a=1&b=2")]
    html = client.get("/").content.decode()
    assert 'href="https://example.com/imprint?a=1&amp;b=2">Imprint &amp; &lt;data&gt;</a>' in html


def test_nothing_comes_from_elsewhere(shop: Encoder, client: Client) -> None:
    html = client.get("/", {"q": "lamp"}).content.decode()
    import re

    sources = re.findall(r'(?:src|href|action|srcset)="([^"]+)"', html)
    assert sources
    outside = [s for s in sources if s.startswith(("http:", "https:", "//"))]
    assert outside == []
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert ' style="' not in html
