"""A barcode leads to its product, in each of its spellings and through merges."""

import pytest
from django.db import connection
from django.test import Client

from products.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

UPC_A = "036000291452"
SPELLINGS = [UPC_A, "0" + UPC_A, "00" + UPC_A, "0-36000-29145-2", " 036000 291452 "]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_stored_as_one(spelling: str) -> None:
    product = ProductFactory(barcode=spelling)
    product.refresh_from_db()
    assert product.barcode == UPC_A


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_finds_the_product(spelling: str) -> None:
    product = ProductFactory(barcode=UPC_A)
    assert Product.objects.by_barcode(spelling) == product


@pytest.mark.parametrize("text", ["", "0", "036000291453", "apple", "\0", "9" * 10_000])
def test_what_is_no_gtin_finds_nothing(text: str) -> None:
    ProductFactory(barcode=UPC_A)
    ProductFactory(barcode="")
    assert Product.objects.by_barcode(text) is None


def test_an_inactive_product_is_not_found() -> None:
    ProductFactory(barcode=UPC_A, is_active=False)
    assert Product.objects.by_barcode(UPC_A) is None


def test_a_merged_product_leads_to_its_heir() -> None:
    heir = ProductFactory()
    ProductFactory(barcode=UPC_A, merged_into=heir)
    assert Product.objects.by_barcode(UPC_A) == heir


def test_a_merged_product_leads_to_its_heir_even_when_it_is_inactive_itself() -> None:
    heir = ProductFactory()
    ProductFactory(barcode=UPC_A, merged_into=heir, is_active=False)
    assert Product.objects.by_barcode(UPC_A) == heir


def test_a_chain_of_merges_leads_to_its_end() -> None:
    last = ProductFactory()
    middle = ProductFactory(merged_into=ProductFactory(merged_into=last))
    ProductFactory(barcode=UPC_A, merged_into=middle)
    assert Product.objects.by_barcode(UPC_A) == last


def test_an_inactive_heir_is_not_found() -> None:
    ProductFactory(barcode=UPC_A, merged_into=ProductFactory(is_active=False))
    assert Product.objects.by_barcode(UPC_A) is None


def merge_by_sql(*products: Product) -> None:
    """Each into the next, and the last into the first."""
    with connection.cursor() as cursor:
        for product, into in zip(products, [*products[1:], products[0]], strict=True):
            cursor.execute(
                "UPDATE products_product SET merged_into_id = %s WHERE id = %s",
                [into.pk, product.pk],
            )


def test_merges_in_a_circle_end_and_find_nothing(client: Client) -> None:
    products = [ProductFactory(barcode=UPC_A), ProductFactory(), ProductFactory()]
    merge_by_sql(*products)
    entry = ProductFactory(barcode="4006381333931", merged_into_id=products[1].pk)
    assert Product.objects.by_barcode(UPC_A) is None
    assert Product.objects.by_barcode("4006381333931") is None
    assert client.get(entry.get_absolute_url()).status_code == 404


def test_the_page_of_a_merged_product_leads_to_its_heir(client: Client) -> None:
    heir = ProductFactory()
    merged = ProductFactory(merged_into=ProductFactory(merged_into=heir), is_active=False)
    answer = client.get(merged.get_absolute_url())
    assert answer.status_code == 301
    assert answer["Location"] == heir.get_absolute_url()


def test_the_page_of_an_inactive_product_is_not_found(client: Client) -> None:
    assert client.get(ProductFactory(is_active=False).get_absolute_url()).status_code == 404
    assert client.get("/products/no-such-sku/").status_code == 404


@pytest.mark.parametrize("sku", ["A B", "1.2_3#4?5%6", "Яблоко 1", "%2F"])
def test_every_sku_has_a_page(client: Client, sku: str) -> None:
    product = ProductFactory(sku=sku)
    answer = client.get(product.get_absolute_url())
    assert answer.status_code == 200
    assert product.name in answer.content.decode()
