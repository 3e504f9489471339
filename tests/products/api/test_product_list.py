"""The list of products: filters, order, sparse fields, pages that stay while rows are added."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import STORE_CLERK
from products.models import Product
from tests.factories import ProductFactory, person, with_photo
from tests.products.api.client import Api, errors

pytestmark = pytest.mark.django_db


def skus(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["sku"] for each in answer.json()["results"]]


def test_a_product_is_shown_with_all_that_a_program_needs(partner: Api, encoder: Any) -> None:
    with_photo(
        1, sku="A 1", name="Lamp", category_path="Home/Lamps", price=Decimal("3.50"),
        attributes={"colour": "red"},
    )  # fmt: skip
    shown = partner.get("products/").json()["results"][0]
    photo = shown.pop("photos")[0]
    assert shown.pop("created_at") <= shown.pop("updated_at")
    assert shown == {
        "sku": "A 1", "name": "Lamp", "brand": "", "category": "Home/Lamps", "description": "",
        "attributes": {"colour": "red"}, "barcode": "", "price": "3.50", "currency": "EUR",
        "is_active": True, "merged_into": None, "url": "http://testserver/products/A%201/",
    }  # fmt: skip
    assert photo["state"] == "pending"
    assert (photo["width"], photo["height"], photo["position"]) == (160, 160, 0)
    assert partner.client.get(photo["thumbnail"], headers=partner.headers).status_code == 302
    ready = partner.get("products/").json()["results"][0]["photos"][0]["thumbnail"]
    assert "/media/" in ready


@pytest.fixture
def shop(db: None) -> None:
    ProductFactory(sku="A", name="Red lamp", category_path="Home/Lamps", brand="Glow", price=5)
    ProductFactory(sku="B,C", name="Blue lamp", category_path="Home/Lamps/Desk", price=10)
    ProductFactory(sku="D", name="Apple", category_path="Fruit", barcode="4006381333931")
    with_photo(1, sku="E", name="Pear", category_path="Fruit", brand="glow")
    ProductFactory(sku="OFF", name="Old lamp", category_path="Home/Lamps", is_active=False)
    heir = Product.objects.get(sku="A")
    ProductFactory(sku="GONE", name="Twin lamp", category_path="Home/Lamps", merged_into=heir)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["A", "B,C", "D", "E"]),
        ({"sku": "A"}, ["A"]),
        ({"sku": "A, D,NONE"}, ["A", "D"]),
        ({"sku": ["B,C", "E"]}, ["B,C", "E"]),
        ({"category": "home/LAMPS"}, ["A", "B,C"]),
        ({"category": "Home/Lamps/Desk"}, ["B,C"]),
        ({"brand": "GLOW"}, ["A", "E"]),
        ({"barcode": "4006381333931"}, ["D"]),
        ({"barcode": "0 4006381 33393 1"}, ["D"]),
        ({"price_min": "5.01"}, ["B,C"]),
        ({"price_min": "5", "price_max": "9.99"}, ["A"]),
        ({"search": "lamp blue"}, ["B,C"]),
        ({"search": "fruit"}, ["D", "E"]),
        ({"search": "?!"}, []),
        ({"has_photos": "true"}, ["E"]),
        ({"has_photos": "false"}, ["A", "B,C", "D"]),
        ({"is_active": "false"}, []),
        ({"ordering": "-sku"}, ["E", "D", "B,C", "A"]),
    ],
)
def test_filters(shop: None, query: dict[str, Any], found: list[str]) -> None:
    clerk = Api(person(STORE_CLERK))
    answer = clerk.get("products/", **{"ordering": "sku", **query})
    assert skus(answer) == found


def test_who_may_change_products_sees_inactive_and_merged_ones(shop: None, partner: Api) -> None:
    every = partner.get("products/", ordering="sku", category="Home")
    assert skus(every) == ["A", "B,C", "GONE", "OFF"]
    assert every.json()["results"][2]["merged_into"] == "A"
    assert skus(partner.get("products/", is_active="false")) == ["OFF"]
    clerk = Api(person(STORE_CLERK))
    for sku in ("OFF", "GONE"):
        assert partner.get(f"products/{sku}/").status_code == 200
        assert clerk.get(f"products/{sku}/").status_code == 404
        assert clerk.get(f"products/{sku}/photos/").status_code == 404


def test_changed_since(shop: None, partner: Api) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    Product.objects.exclude(sku="D").update(updated_at=long_ago)
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert skus(partner.get("products/", updated_since=since)) == ["D"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"category": "Nowhere"}, ("unknown_category", "category")),
        ({"category": "/"}, ("unknown_category", "category")),
        ({"barcode": "123"}, ("gtin", "barcode")),
        ({"price_min": "NaN"}, ("invalid", "price_min")),
        ({"price_min": "1e999999"}, ("max_digits", "price_min")),
        ({"price_max": "-1"}, ("min_value", "price_max")),
        ({"price_max": "9" * 50}, ("max_digits", "price_max")),
        ({"is_active": "maybe"}, ("invalid_choice", "is_active")),
        ({"updated_since": "yesterday"}, ("invalid", "updated_since")),
        ({"ordering": "price"}, ("invalid_choice", "ordering")),
        ({"search": "w" * 501}, ("max_length", "search")),
        ({"fields": "sku,text"}, ("unknown_field", "fields")),
        ({"sku": ",".join(str(n) for n in range(501))}, ("too_many", "sku")),
    ],
)
def test_what_no_filter_can_be(partner: Api, query: dict[str, Any], error: tuple) -> None:
    answer = partner.get("products/", **query)
    assert answer.status_code == 400
    assert error in errors(answer)


def test_odd_times_are_no_error_of_ours(partner: Api) -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00"):
        assert partner.get("products/", updated_since=text).status_code in {200, 400}


def test_a_wrong_field_lists_those_there_are(partner: Api) -> None:
    text = partner.get("products/", fields="nme").json()["errors"][0]["detail"]
    assert "nme" in text
    assert "merged_into" in text


def test_fields(shop: None, partner: Api) -> None:
    answer = partner.get("products/", fields="photos,sku, name", sku="E")
    assert list(answer.json()["results"][0]) == ["sku", "name", "photos"]
    assert list(partner.get("products/E/", fields="price").json()) == ["price"]
    with CaptureQueriesContext(connection) as queries:
        partner.get("products/", fields="sku")
    assert not any(
        "description" in each["sql"] or "productimage" in each["sql"] for each in queries
    )


@pytest.mark.parametrize("ordering", ["sku", "-sku", "created", "-created"])
def test_pages_stay_while_rows_are_added(partner: Api, ordering: str) -> None:
    old = {f"{number:03d}" for number in range(0, 100, 10)}
    for sku in sorted(old):
        ProductFactory(sku=sku)
    seen: list[str] = []
    url = f"http://testserver/api/v1/products/?limit=3&fields=sku&ordering={ordering}"
    # Each page adds rows, and an order that meets them would have no end.
    while url and len(seen) < 60:
        answer = partner.get(url)
        seen += skus(answer)
        last = next(each for each in reversed(seen) if each in old)
        # Just before and just behind what was shown last, and at either end.
        for more in (f"{int(last) - 1:03d}.{len(seen)}", f"{last}.{len(seen)}", f"-{len(seen)}"):
            ProductFactory(sku=more)
        url = answer.json()["next"]
    assert len(seen) == len(set(seen))
    found = [sku for sku in seen if sku in old]
    assert found == sorted(found, reverse=ordering.startswith("-"))
    assert set(found) == old


def test_a_page_holds_at_most_500(partner: Api, lamps: Any) -> None:
    Product.objects.bulk_create(
        Product(sku=f"S{n}", name="Lamp", category=lamps) for n in range(501)
    )
    assert len(skus(partner.get("products/", limit="500", fields="sku"))) == 500
    assert len(skus(partner.get("products/", fields="sku"))) == 100


@pytest.mark.parametrize(
    "cursor", ["x", "cD0lMDA=", "cD1hYmM=", "cj0xJnA9OTk5OTk5OTk5OTk5OTk5OTk5OTk="]
)
@pytest.mark.parametrize("ordering", ["sku", "created"])
def test_a_cursor_that_is_none(partner: Api, cursor: str, ordering: str) -> None:
    assert partner.get("products/", cursor=cursor, ordering=ordering).status_code in {200, 404}


@pytest.mark.parametrize("query", [{}, {"search": "product"}, {"fields": "sku,category"}])
def test_ten_rows_and_a_hundred_cost_the_same(partner: Api, encoder: Any, query: dict) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = partner.get("products/", limit=500, **query)
        assert len(answer.json()["results"]) == Product.objects.count()
        return len(queries)

    heir = ProductFactory(category_path="Product heirs")
    for number in range(9):
        with_photo(number, category_path=f"C/{number}", merged_into=heir)
    partner.get("products/")
    few = cost()
    for number in range(90):
        with_photo(number, category_path=f"C/{number}", merged_into=heir)
    assert cost() == few


def test_a_session_does_as_well_as_a_key(shop: None) -> None:
    assert skus(Api(person(STORE_CLERK), key=False).get("products/", sku="A")) == ["A"]
