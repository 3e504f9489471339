"""What is to be reordered: the page and the file."""

import csv
import io

import pytest
from django.urls import reverse

from stores import ledger
from stores.low_stock import set_reorder_point
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    person,
    with_photo,
    with_stock,
)
from tests.stores.admin_pages import analyst, assert_constant, logged_in, staff_of

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:stores_reorder")
FILE = reverse("admin:stores_reorder_file")


@pytest.fixture
def store():
    return StoreFactory(name="Altona", code="HH1")


def low(store, quantity: int = 2, point: int = 5, **fields):
    product = ProductFactory(**fields)
    if quantity:
        with_stock(store, product, quantity)
    set_reorder_point(actor=StaffFactory(), store=store, product=product, reorder_point=point)
    return product


def rows(client, **query) -> list[dict[str, str]]:
    answer = client.get(FILE, query)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_low_levels_are_listed_with_what_comes_and_what_was_sold(store) -> None:
    product = low(store, 6, 5, sku="A-1", name="Apple")
    source = StoreFactory()
    with_stock(source, product, 9)
    ledger.sell(actor=StaffFactory(), store=store, lines=[(product, 3)])
    ledger.dispatch_transfer(
        actor=StaffFactory(), source=source, destination=store, lines=[(product, 4)]
    )
    client = logged_in(staff_of(store))
    assert rows(client) == [
        {
            "store": "HH1",
            "sku": "A-1",
            "barcode": "",
            "name": "Apple",
            "brand": "",
            "quantity": "3",
            "reorder_point": "5",
            "missing": "2",
            "on_the_way": "4",
            "sold_in_28_days": "3",
        }
    ]
    assert "Apple" in client.get(PAGE).content.decode()


def test_what_is_above_its_point_or_not_sold_any_more_is_not_there(store) -> None:
    low(store, 6, 5, name="Enough")
    low(store, 0, 5, name="Gone", is_active=False)
    page = logged_in(staff_of(store)).get(PAGE).content.decode()
    assert "Enough" not in page
    assert "Gone" not in page
    assert "Nothing is low." in page


def test_only_stores_that_one_sees_are_there(store) -> None:
    other = StoreFactory()
    low(store, name="Mine")
    low(other, name="Theirs")
    client = logged_in(staff_of(store))
    assert [each["name"] for each in rows(client)] == ["Mine"]
    page = client.get(PAGE).content.decode()
    assert "Theirs" not in page
    assert str(other) not in page
    for address in (PAGE, FILE):
        assert client.get(address, {"store": other.pk}).status_code == 403
    assert [each["name"] for each in rows(logged_in(analyst()), store=other.pk)] == ["Theirs"]
    assert len(rows(logged_in(analyst()))) == 2


@pytest.mark.parametrize("query", ["store=x", "store=", "page=x", "page=99", "store=%00"])
def test_a_broken_address_is_no_error(store, query) -> None:
    low(store)
    assert logged_in(staff_of(store)).get(f"{PAGE}?{query}").status_code in {200, 400}


def test_who_may_not_look_at_stock_gets_neither(store) -> None:
    client = logged_in(staff_of(store, permissions=["stores.book_stock"]))
    assert client.get(PAGE).status_code == 403
    assert client.get(FILE).status_code == 403
    assert logged_in(staff_of()).get(PAGE).status_code == 403


def test_nothing_in_the_file_is_a_formula(store) -> None:
    low(store, name="=1+1", brand="@x")
    row = rows(logged_in(staff_of(store)))[0]
    assert (row["name"], row["brand"]) == ("'=1+1", "'@x")


def test_the_page_costs_the_same_for_ten_and_for_a_hundred(store, monkeypatch) -> None:
    def add(numbers: range) -> None:
        for n in numbers:
            product = with_photo(n % 5).product if n < 20 else ProductFactory()
            set_reorder_point(actor=StaffFactory(), store=store, product=product, reorder_point=1)

    assert_constant(logged_in(staff_of(store)), PAGE, add)


def test_clerks_see_what_is_gone_first_and_of_equally_few_what_sells(store, client) -> None:
    low(store, 4, name="Apple", sku="A")
    low(store, 2, name="Bread", sku="B")
    sells = low(store, 5, name="Cheese", sku="C")
    low(store, 0, name="Dates", sku="D")
    ledger.sell(actor=StaffFactory(), store=store, lines=[(sells, 3)])
    client.force_login(person("Store clerk", store, is_staff=False))
    for path in ("low/", ""):
        html = client.get(f"/stock/{store.code}/{path}").content.decode()
        order = sorted(("Apple", "Bread", "Cheese", "Dates"), key=html.rindex)
        assert order == ["Dates", "Cheese", "Bread", "Apple"]
