"""The product that stands above all others on the page, large: what names it, and how."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

import recognition.search
from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.search import Query, search
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo
from tests.recognition.test_sightings import opened
from tests.recognition.test_verdicts import GTIN, calibrated, page_about

pytestmark = pytest.mark.django_db

SURE = {"outcome": "own", "threshold": 0.000001}


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n}"))
    embed_pending(encoder)
    return encoder


def pack_with_barcode() -> bytes:
    """A photo that shows a product and a barcode."""
    code = ean13_picture(GTIN)
    photo = Image.new("RGB", (code.width, code.height * 2))
    photo.paste(opened(phone_photo(1)).resize(code.size), (0, 0))
    photo.paste(code, (0, code.height))
    file = io.BytesIO()
    photo.save(file, "PNG")
    return file.getvalue()


def has_barcode(photo: bytes, *, agrees: bool) -> Product:
    """The product of the barcode: the one that the photo looks like most, or another."""
    first = search(Query(photo=opened(photo))).results[0].product
    named = first if agrees else Product.objects.exclude(pk=first.pk).first()
    Product.objects.filter(pk=named.pk).update(barcode=GTIN)
    return named


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("measured", [True, False])
def test_a_barcode_names_its_product(
    shop: Encoder, client: Client, agrees: bool, measured: bool
) -> None:
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=agrees)
    if measured:
        calibrated(shop, unknown_below=0.0)
    page = page_about(client, photo)
    assert page.count(f'data-sku="{named.sku}"') == 1
    assert page.index(f'data-sku="{named.sku}"') < page.index('data-testid="results"')
    # Against the photo it is not taken at its word, and how alike the others look says nothing.
    assert ("This is <a" in page) is agrees
    assert ("By its barcode this is <a" in page) is not agrees
    assert ("<meter" in page) is agrees
    # What else it may be is in sight where the verdict names it.
    assert ('data-testid="others"' in page) is (not agrees and not measured)
    assert f"barcode {GTIN} in your photo" in page or (measured and agrees)
    assert page.count('data-testid="barcode-notice"') == (0 if measured and agrees else 1)


def test_further_pages_keep_silent_as_well(
    shop: Encoder, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.shown.PHOTO_PAGE", 2)
    monkeypatch.setattr("recognition.views.PHOTO_PAGE", 2)
    photo = pack_with_barcode()
    assert "<meter" in page_about(client, photo, page="2")
    has_barcode(photo, agrees=False)
    page = page_about(client, photo, page="2")
    assert page.count('data-testid="result-card"') == 2
    assert "<meter" not in page


def test_a_photo_that_looks_like_nothing_here_does_not_speak_against_the_barcode(
    shop: Encoder, client: Client
) -> None:
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=False)
    calibrated(shop, unknown_below=1.0)  # whatever is asked with looks unknown
    verdict = search(Query(photo=opened(photo))).verdict
    assert (verdict.kind, verdict.basis, verdict.product) == ("match", "barcode", named)
    page = page_about(client, photo)
    assert "This is <a" in page
    assert "The barcode in the photo says so." in page
    assert "<meter" not in page
    assert 'data-testid="others"' in page


def test_a_barcode_of_nothing_sold_here_is_said(shop: Encoder, client: Client) -> None:
    page = page_about(client, pack_with_barcode())
    assert "no product here has it" in page
    assert 'data-testid="named-by-barcode"' not in page


@pytest.mark.parametrize("by", ["verdict", "barcode"])
def test_what_filters_leave_out_is_named_with_price_and_stock(
    shop: Encoder, client: Client, by: str
) -> None:
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=True)
    if by == "verdict":
        Product.objects.update(barcode="")
        calibrated(shop, **{"": SURE})
    Product.objects.filter(pk=named.pk).update(price="12.34", brand="Elsewhere")
    with_stock(StoreFactory(name="Quay 5", opening_hours="Mo-Su 08:00-20:00"), named, 7)
    other = Product.objects.exclude(pk=named.pk).first()
    page = page_about(client, photo, brand=other.brand)
    large, rest = page.split('data-testid="results"')
    assert f'data-sku="{named.sku}"' in large
    assert "Outside your filters" in large
    assert "12.34" in large
    assert "Quay 5: 7 in stock" in large
    assert re.search("Open until|Opens", large)
    assert "Clear all filters" in large
    assert "Closest within your filters" in large
    assert f'data-sku="{other.sku}"' in rest
    assert f'data-sku="{named.sku}"' not in rest


def test_where_the_filters_leave_nothing_it_is_named_too(shop: Encoder, client: Client) -> None:
    calibrated(shop, **{"": SURE})
    page = page_about(client, phone_photo(2), brand="No such brand")
    assert "Outside your filters" in page
    assert 'data-testid="nothing-found"' in page
    assert yes_of(page) == "P2"


def test_words_beside_the_photo_leave_a_line_of_it(shop: Encoder, client: Client) -> None:
    calibrated(shop, **{"": SURE})
    page = page_about(client, phone_photo(2), q="lamp", brand="Brand 0")
    assert "Your photo shows <a" in page
    assert 'data-testid="hidden-by-filters"' in page
    assert "Clear all filters" in page.split('data-testid="results"')[0]
    assert 'data-testid="hidden-by-filters"' not in page_about(client, phone_photo(2), q="lamp")


def test_a_product_without_photos_is_not_unlike_them(shop: Encoder, client: Client) -> None:
    ProductFactory(sku="BARE", barcode=GTIN)
    page = page_about(client, pack_with_barcode())
    assert "This is <a" in page
    assert "looks more like" not in page


def test_what_is_not_sold_any_more_is_not_named(
    shop: Encoder, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes while the answer is made."""
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=True)

    def hidden_meanwhile(*given: Any) -> Any:
        Product.objects.filter(pk=named.pk).update(is_active=False)
        return assemble(*given)

    assemble = recognition.search._assemble
    monkeypatch.setattr("recognition.search._assemble", hidden_meanwhile)
    page = page_about(client, photo, brand="Brand 1")
    assert 'data-testid="named-by-barcode"' not in page
    assert "Outside your filters" not in page


# --- what is said of it ---


def yes_of(page: str) -> str:
    """The product that the button “Yes” stands for."""
    found = re.search(r'value="([^"]+)"\s+data-testid="feedback-yes"', page)
    return found[1] if found else ""


def says(client: Client, page: str, **said: str) -> str:
    address = re.search(r'hx-post="([^"]+)"\s+hx-target="this"', page)
    named = re.search(r'name="named" value="([^"]+)"', page)
    assert address
    assert named
    answer = client.post(address[1], said | {"named": named[1]}, headers={"HX-Request": "true"})
    return answer.content.decode()


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize("brand", ["", "Brand 3"])
def test_yes_means_what_is_named(
    shop: Encoder, client: Client, agrees: bool, measured: bool, brand: str
) -> None:
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=agrees)
    if measured:
        calibrated(shop, unknown_below=0.0)
    assert yes_of(page_about(client, photo, brand=brand)) == named.sku


@pytest.mark.parametrize("measured", [True, False])
def test_only_who_says_otherwise_denies_it(shop: Encoder, client: Client, measured: bool) -> None:
    photo = pack_with_barcode()
    named = has_barcode(photo, agrees=False)
    other = Product.objects.exclude(pk=named.pk).last()
    if measured:
        calibrated(shop, unknown_below=0.0)
    page = page_about(client, photo)
    assert "data-denied" not in page
    assert "data-denied" not in says(client, page, sku=named.sku)
    assert "data-denied" in says(client, page, sku=other.sku)
    assert "data-denied" in says(client, page, none="1")
    assert "data-denied" not in says(client, page, sku=named.sku)


def test_who_is_too_fast_changes_nothing_of_it(
    shop: Encoder, client: Client, settings: Any
) -> None:
    calibrated(shop, **{"": SURE})
    page = page_about(client, phone_photo(2))
    settings.API_RATES = {**settings.API_RATES, "feedback": "1/h"}
    says(client, page, none="1")
    assert "data-denied" in says(client, page, none="1", denied="1")
    assert "data-denied" not in says(client, page, none="1")
