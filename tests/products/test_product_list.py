"""The list of products in the admin: what it is searched and narrowed by, and what a page costs."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.models import Category
from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_product_changelist")


def skus(client: Client, **parameters: Any) -> list[str]:
    answer = client.get(LIST, parameters)
    assert answer.status_code == 200, answer.headers.get("Location")
    return [product.sku for product in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lamps", ["L-1"]),  # stemmed, as on the site
        ("desk la", ["L-1"]),  # the beginning of a word
        ("nord", ["L-1"]),
        ("l-1", ["L-1"]),
        ("-1", ["L-1", "X-1"]),  # inside a SKU
        ("036000291452", ["L-1"]),
        ("0036000291452", ["L-1"]),  # the EAN-13 spelling of a UPC
        ("0-36000-29145-2", ["L-1"]),
        ("0 36000 29145 2", ["L-1"]),
        ("29145", ["L-1"]),
        ("nothing of the kind", []),
        ("'\"%&|!:*()", []),
        ("   ", ["L-1", "X-1"]),
    ],
)
def test_the_list_is_searched(admin_client: Client, words: str, found: list[str]) -> None:
    ProductFactory(sku="L-1", name="Desk lamp", brand="Nord", barcode="036000291452")
    ProductFactory(sku="X-1", name="Other")
    assert sorted(skus(admin_client, q=words)) == found


def test_words_find_what_stands_in_a_category_of_that_name(admin_client: Client) -> None:
    ProductFactory(sku="A-1", category_path="Home/Lamps")
    ProductFactory(sku="B-1", category_path="Home/Chairs")
    assert skus(admin_client, q="lamp") == ["A-1"]


def test_the_sku_that_was_typed_stands_first(admin_client: Client) -> None:
    ProductFactory(sku="AB-12", name="Aaa")
    ProductFactory(sku="AB-1", name="Zzz")
    assert skus(admin_client, q="ab-1") == ["AB-1", "AB-12"]


def test_what_fits_better_stands_first(admin_client: Client) -> None:
    ProductFactory(sku="A", name="Chair", description="Goes with a lamp.")
    ProductFactory(sku="B", name="Lamp")
    assert skus(admin_client, q="lamp") == ["B", "A"]
    assert skus(admin_client, q="lamp", o="2") == ["A", "B"]  # by name, as asked


def test_a_branch_holds_all_below_it(admin_client: Client) -> None:
    for sku, path in (("A", "Home"), ("B", "Home/Lamps"), ("C", "Home/Lamps/Desk"), ("D", "Food")):
        ProductFactory(sku=sku, name=sku, category_path=path)
    find = Category.objects.all().find
    assert skus(admin_client, category=find("Home").pk) == ["A", "B", "C"]
    assert skus(admin_client, category=find("Home/Lamps").pk) == ["B", "C"]
    page = admin_client.get(LIST, {"category": find("Home/Lamps").pk}).content.decode()
    below = find("Home/Lamps/Desk")
    assert f"?category={below.pk}" in page
    assert f"?category={find('Home').pk}" in page


@pytest.mark.parametrize("value", ["0", "-1", "x", "9" * 40, "\u0661", "1 OR 1=1"])
def test_a_category_that_is_not_there_finds_nothing(admin_client: Client, value: str) -> None:
    ProductFactory()
    assert skus(admin_client, category=value) == []


def test_products_by_their_state(admin_client: Client) -> None:
    heir = ProductFactory(sku="A", name="A")
    ProductFactory(sku="B", name="B", is_active=False)
    ProductFactory(sku="C", name="C", merged_into=heir)
    assert skus(admin_client, state="active") == ["A"]
    assert skus(admin_client, state="inactive") == ["B"]
    assert skus(admin_client, state="merged") == ["C"]
    assert skus(admin_client) == ["A", "B", "C"]


def test_products_without_a_photo(admin_client: Client) -> None:
    ProductFactory(sku="A")
    with_photo(1, sku="B")
    assert skus(admin_client, has_photo="no") == ["A"]
    assert skus(admin_client, has_photo="yes") == ["B"]


def test_products_of_a_brand(admin_client: Client) -> None:
    ProductFactory(sku="A", brand="Nordlicht")
    ProductFactory(sku="B", brand="Acme")
    assert skus(admin_client, brand="nord") == ["A"]
    page = admin_client.get(LIST).content.decode()
    assert '<option value="Acme">' in page


def test_filters_and_words_work_together(admin_client: Client) -> None:
    ProductFactory(sku="A", name="Lamp", brand="Nord")
    ProductFactory(sku="B", name="Lamp", brand="Acme")
    assert skus(admin_client, q="lamp", brand="Acme", state="active") == ["B"]


@pytest.mark.usefixtures("encoder")
@pytest.mark.parametrize(
    "parameters",
    [{}, {"q": "product"}, {"state": "active", "has_photo": "yes"}, {"recognition": "pending"}],
)
def test_a_page_costs_the_same_for_ten_and_for_a_hundred_products(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, parameters: dict[str, str]
) -> None:
    from products.admin import ProductAdmin

    monkeypatch.setattr(ProductAdmin, "list_per_page", 200)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(LIST, parameters).status_code == 200
        return len(captured)

    for n in range(10):
        with_photo(n, category_path=f"Things/Kind {n}", brand=f"Brand {n}")
    cost()
    few = cost()
    for n in range(10, 100):
        with_photo(n, category_path=f"Things/Kind {n}", brand=f"Brand {n}")
    assert cost() == few


def test_a_page_waits_for_no_thumbnail(admin_client: Client) -> None:
    image = with_photo(1)
    making = reverse("admin:products_productimage_thumbnail", args=[image.pk, "small"])
    assert making in admin_client.get(LIST).content.decode()
    answer = admin_client.get(making)
    assert answer.status_code == 302
    assert "thumbnails" in answer["Location"]
    page = admin_client.get(LIST).content.decode()
    assert answer["Location"] in page
    assert making not in page


@pytest.mark.parametrize(("pk", "alias"), [(987654321, "small"), (None, "huge"), (None, "large")])
def test_only_thumbnails_of_photos_are_made(
    admin_client: Client, client: Client, pk: int | None, alias: str
) -> None:
    pk = pk or with_photo(1).pk
    url = reverse("admin:products_productimage_thumbnail", args=[pk, alias])
    assert admin_client.get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302


def test_old_addresses_of_filters_lead_to_the_list(admin_client: Client) -> None:
    assert admin_client.get(LIST, {"nonsense": "1"}).status_code == 302
    assert admin_client.get(LIST, {"p": "99999"}).status_code in {200, 302}
