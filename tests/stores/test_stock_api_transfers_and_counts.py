"""`/api/v1/transfers/` and `/api/v1/stocktakes/`. Who may what: test_role_matrix.py."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stores import stocktaking
from stores.models import StockLevel, StockMovement, Stocktake, Transfer
from tests.factories import ProductFactory, StoreFactory, clerk_of, with_stock
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory(code="MAIN")


@pytest.fixture
def clerk(store):
    return clerk_of(store)


@pytest.fixture
def api(clerk) -> Api:
    return Api(clerk)


def quantity(store, product) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


# --- transfers ---


def test_a_transfer_goes_out_and_arrives_in_parts(api, clerk, store) -> None:
    other, product = StoreFactory(code="OTHER"), ProductFactory(sku="A")
    clerk.stores.add(other)
    with_stock(store, product, 10)
    data = {"source": "MAIN", "destination": "OTHER", "lines": [{"sku": "A", "quantity": 6}]}
    first, again = api.post("transfers/", data, key="t"), api.post("transfers/", data, key="t")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    path = f"transfers/{first.json()['id']}/"
    part = api.post(f"{path}receive/", {"lines": [{"sku": "A", "quantity": 2}]}, key="p")
    repeated = api.post(f"{path}receive/", {"lines": [{"sku": "A", "quantity": 2}]}, key="p")
    assert (part.status_code, repeated.status_code) == (201, 201)
    assert part.json()["lines"][0]["missing"] == 4
    too_many = api.post(f"{path}receive/", {"lines": [{"sku": "A", "quantity": 5}]})
    assert (too_many.status_code, errors(too_many)) == (409, [("more_than_sent", None)])
    assert errors(api.post(f"{path}receive/")) == [("nothing_to_book", "lines")]
    back = api.post(f"{path}return/", {"reason": "refused"})
    assert back.status_code == 201
    assert (back.json()["state"], back.json()["lines"][0]["returned"]) == ("returned", 4)
    assert api.get(path).json() == back.json()
    over = api.post(f"{path}receive/", {"close": True})
    assert (over.status_code, errors(over)) == (409, [("transfer_over", None)])
    assert [t["state"] for t in api.get("transfers/", state="returned").json()["results"]]
    assert (quantity(store, product), quantity(other, product)) == (8, 2)
    call_command("stock_audit")


def test_a_transfer_needs_two_stores_and_stock(api, store) -> None:
    ProductFactory(sku="A")
    StoreFactory(code="OTHER")
    data = {"source": "MAIN", "destination": "MAIN", "lines": [{"sku": "A", "quantity": 6}]}
    assert errors(api.post("transfers/", data)) == [("same_store", "destination")]
    short = api.post("transfers/", {**data, "destination": "OTHER"})
    assert (short.status_code, errors(short)) == (409, [("not_enough_stock", None)])
    foreign = api.post("transfers/", {**data, "source": "OTHER", "destination": "MAIN"})
    assert foreign.status_code == 403
    assert not Transfer.objects.exists()


# --- stocktakes ---


def test_a_count_from_open_to_approved(api, store) -> None:
    product = ProductFactory(sku="A", barcode="4006381333931", category_path="Fruit/Apple")
    with_stock(store, product, 10)
    opened = api.post("stocktakes/", {"store": "MAIN", "category": "fruit/apple"})
    assert opened.status_code == 201
    assert (opened.json()["category"], opened.json()["state"]) == ("Fruit/Apple", "draft")
    twice = api.post("stocktakes/", {"store": "MAIN", "category": "Fruit/Apple"})
    assert (twice.status_code, errors(twice)) == (409, [("counted_already", None)])
    path = f"stocktakes/{opened.json()['id']}/"
    early = api.post(f"{path}approve/")
    assert (early.status_code, errors(early)) == (409, [("nothing_counted", None)])
    count = {"barcode": "4006381333931", "counted": 7}
    first, again = (api.post(f"{path}lines/", count, key="c") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = api.post(f"{path}lines/", {**count, "replace": True}, key="c")
    assert (other.status_code, errors(other)) == (409, [("idempotency_key_reused", None)])
    assert (first.json()["expected"], first.json()["method"]) == (10, "barcode")
    api.post(f"{path}lines/", {"sku": "A", "counted": 1})
    shown = api.get(path).json()
    assert [line["counted"] for line in shown["lines"]] == [7, 1]
    assert shown["review"] == {
        "differences": [
            {
                "sku": "A", "counted": 8, "expected": 10, "quantity": -2, "moved_since": 0,
                "trouble": "",
            }
        ],
        "uncounted": [],
    }  # fmt: skip
    approved = api.post(f"{path}approve/")
    assert approved.status_code == 200
    assert [row["quantity"] for row in approved.json()["movements"]] == [-2]
    assert quantity(store, product) == 8
    shown = api.get(path).json()
    assert (shown["state"], shown["review"]) == ("approved", None)
    for call in ("approve/", "cancel/"):
        closed = api.post(f"{path}{call}")
        assert (closed.status_code, errors(closed)) == (409, [("stocktake_closed", None)])


def test_a_cancelled_count_posts_nothing(api, store) -> None:
    with_stock(store, ProductFactory(sku="A"), 3)
    path = f"stocktakes/{api.post('stocktakes/', {'store': 'MAIN'}).json()['id']}/"
    api.post(f"{path}lines/", {"sku": "A", "counted": 0})
    assert api.post(f"{path}cancel/").json()["state"] == "cancelled"
    assert StockMovement.objects.count() == 1
    assert Stocktake.objects.get().lines.count() == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"counted": 1}, ("sku_or_barcode", "non_field_errors")),
        ({"sku": "?", "counted": 1}, ("unknown_product", "sku")),
        ({"sku": "A"}, ("required", "counted")),
        ({"sku": "A", "counted": -1}, ("min_value", "counted")),
        ({"sku": "A", "counted": 10**7}, ("max_value", "counted")),
    ],
)
def test_a_bad_count_says_what_is_wrong(api, store, data, expected) -> None:
    ProductFactory(sku="A")
    path = f"stocktakes/{api.post('stocktakes/', {'store': 'MAIN'}).json()['id']}/"
    answer = api.post(f"{path}lines/", data)
    assert (answer.status_code, errors(answer)) == (400, [expected])


def test_a_count_costs_the_same_queries_for_10_and_for_100_lines(api, clerk, store) -> None:
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store)

    def queries(n: int) -> int:
        for _n in range(n):
            product = ProductFactory()
            with_stock(store, ProductFactory(), 1)
            stocktaking.count_product(actor=clerk, stocktake=stocktake, product=product, counted=1)
        with CaptureQueriesContext(connection) as captured:
            assert api.get(f"stocktakes/{stocktake.pk}/").status_code == 200
        return len(captured)

    assert queries(10) == queries(90)
