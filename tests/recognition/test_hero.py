"""The product that stands above all others on the page, large: what names it, and how."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.search import Query, search
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo
from tests.recognition.test_sightings import opened
from tests.recognition.test_verdicts import GTIN, calibrated

pytestmark = pytest.mark.django_db

SURE = {"outcome": "own", "threshold": 0.000001}


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n}"))
    embed_pending(encoder)
    return encoder


def page_about(client: Client, photo: bytes, **asked: str) -> str:
    file = SimpleUploadedFile("IMG_1.png", photo, "image/png")
    return client.post("/", {"photo": file, **asked}).content.decode()


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
        calibrated(shop)
    page = page_about(client, photo)
    assert page.count(f'data-sku="{named.sku}"') == 1
    assert page.index(f'data-sku="{named.sku}"') < page.index('data-testid="results"')
    # Against the photo it is not taken at its word, and how alike the others look says nothing.
    assert ("This is <a" in page) is agrees
    assert ("By its barcode this is <a" in page) is not agrees
    assert ("<meter" in page) is agrees
    assert ('data-testid="ranking-note"' in page) is agrees
    assert f"barcode {GTIN} in your photo" in page or (measured and agrees)
    assert page.count('data-testid="barcode-notice"') == (0 if measured and agrees else 1)


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
    with_stock(StoreFactory(name="Quay 5"), named, 7)
    other = Product.objects.exclude(pk=named.pk).first()
    page = page_about(client, photo, brand=other.brand)
    large, rest = page.split('data-testid="results"')
    assert f'data-sku="{named.sku}"' in large
    assert "Outside your filters" in large
    assert "12.34" in large
    assert "Quay 5" in large
    assert "Clear all filters" in large
    assert "Closest within your filters" in large
    assert f'data-sku="{other.sku}"' in rest
    assert f'data-sku="{named.sku}"' not in rest


def test_where_the_filters_leave_nothing_it_is_named_too(shop: Encoder, client: Client) -> None:
    calibrated(shop, **{"": SURE})
    page = page_about(client, phone_photo(2), brand="No such brand")
    assert "Outside your filters" in page
    assert 'data-testid="nothing-found"' in page
