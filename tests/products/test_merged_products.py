"""A product that was merged away: how the list shows it, and what an old file may do to it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.exports.writers import CatalogueExport, csv_lines
from products.merging import merge_product
from products.models import Product
from tests.factories import ProductFactory, StaffFactory
from tests.pictures import product_photo
from tests.products.importing import Folder, report

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_product_changelist")
OLD, HEIR = "A-1,Apple,Fruit,,,3.49,4006381333931,a.jpg", "B-1,Apple,Fruit,,,3.49,,b.jpg"


def change_url(product: Product) -> str:
    return reverse("admin:products_product_change", args=[product.pk])


def merged(folder: Folder) -> tuple[Product, Product]:
    """Two entries of one product, from a file, and then one."""
    folder.photos({f"{n}.jpg": product_photo(i) for i, n in enumerate("abc")})
    folder.import_rows(OLD, HEIR)
    product, heir = Product.objects.get(sku="A-1"), Product.objects.get(sku="B-1")
    merge_product(product=product, into=heir, actor=StaffFactory())
    return product, heir


def test_the_list_shows_where_a_merged_product_went(admin_client: Client) -> None:
    end = ProductFactory(sku="END")
    middle = ProductFactory(sku="MIDDLE", merged_into=end)
    ProductFactory(sku="OLD", merged_into=middle)
    page = admin_client.get(LIST).content.decode()
    link = f'<a href="{change_url(end)}"'
    assert page.count(link) >= 2
    assert page.count("merged into") == 2
    assert "merged into" not in admin_client.get(LIST, {"state": "active"}).content.decode()


def test_products_in_a_circle_do_not_stop_the_list(admin_client: Client) -> None:
    one = ProductFactory(sku="ONE")
    other = ProductFactory(sku="OTHER", merged_into=one)
    Product.objects.filter(pk=one.pk).update(merged_into=other)
    answer = admin_client.get(LIST)
    assert answer.status_code == 200
    assert "merged" in answer.content.decode()


def test_merged_products_cost_one_query_however_many(admin_client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(LIST).status_code == 200
        return len(captured)

    heir = ProductFactory()
    ProductFactory.create_batch(3, merged_into=heir)
    cost()
    few = cost()
    for _n in range(30):
        ProductFactory(merged_into=ProductFactory())
    assert cost() == few


def test_an_old_file_that_says_nothing_new_changes_nothing(folder: Folder) -> None:
    product, heir = merged(folder)
    assert folder.run() == report(unchanged=2, images=(0, 2, 0))
    assert (product.images.count(), heir.images.count()) == (0, 2)


def test_an_export_of_both_comes_back_and_changes_nothing(folder: Folder) -> None:
    """Also where each had the same photo, of which the merged one keeps its own row."""
    folder.photos({"a.jpg": product_photo(1), "b.jpg": product_photo(1)})
    folder.import_rows(OLD, HEIR)
    product, heir = Product.objects.get(sku="A-1"), Product.objects.get(sku="B-1")
    merge_product(product=product, into=heir, actor=StaffFactory())
    folder.write("".join(csv_lines(CatalogueExport([product.pk, heir.pk]))))
    assert folder.run() == report(unchanged=2, images=(0, 2, 0))


@pytest.mark.parametrize(
    "row",
    [
        "A-1,Green apple,Fruit,,,3.49,4006381333931,a.jpg",
        "A-1,Apple,Fruit/Green,,,3.49,4006381333931,a.jpg",
        "A-1,Apple,Fruit,,,2.99,4006381333931,",
        "A-1,Apple,Fruit,,,3.49,4006381333931,a.jpg;c.jpg",
    ],
)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_old_file_does_not_fill_it_again(
    folder: Folder, row: str, options: tuple[str, ...]
) -> None:
    product, heir = merged(folder)
    before = Product.objects.filter(pk=product.pk).values().get()
    folder.rows(row, HEIR)
    answer = folder.run(*options)
    (failed,) = answer["failed"]
    assert failed["line"] == 2
    assert "A-1" in failed["error"]
    assert "“B-1”" in failed["error"]
    assert answer["unchanged"] == 1
    assert Product.objects.filter(pk=product.pk).values().get() == before
    assert (product.images.count(), heir.images.count()) == (0, 2)


def test_the_end_of_the_chain_is_named(folder: Folder) -> None:
    _product, heir = merged(folder)
    merge_product(product=heir, into=ProductFactory(sku="C-1"), actor=StaffFactory())
    ((line, error),) = folder.errors("A-1,Pear,Fruit,,,,,")
    assert line == 2
    assert "“C-1”" in error
