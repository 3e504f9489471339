"""`/api/v1/` of stores and stock. Who may what: tests/retailvision/test_role_matrix.py."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.models import FinishedCall
from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement
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


def booking(lines: list[Any], kind: str = "receive", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "store": "MAIN", "lines": lines, **more}


def quantity(store, product) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


# --- reading ---


def test_stock_says_what_each_store_holds(api, store) -> None:
    product = ProductFactory(sku="A", name="Apple", barcode="4006381333931")
    with_stock(store, product, 7)
    rows = api.get("stock/").json()["results"]
    assert rows == [
        {
            "store": "MAIN", "sku": "A", "name": "Apple", "barcode": "4006381333931",
            "quantity": 7, "reorder_point": None,
        }
    ]  # fmt: skip
    assert [row["code"] for row in api.get("stores/").json()["results"]] == ["MAIN"]


def test_rows_of_other_stores_are_not_there(api, store) -> None:
    other, product = StoreFactory(code="OTHER"), ProductFactory(sku="A")
    with_stock(other, product, 7)
    for path in ("stock/", "movements/", "transfers/", "stocktakes/"):
        assert api.get(path).json()["results"] == []
        assert errors(api.get(path, store="OTHER")) == [("does_not_exist", "store")]
        assert errors(api.get(path, store="NONE")) == [("does_not_exist", "store")]


def test_rows_are_filtered(api, clerk, store) -> None:
    apple, pear = ProductFactory(sku="A"), ProductFactory(sku="P")
    with_stock(store, apple, 7)
    with_stock(store, pear, 2)
    ledger.sell(actor=clerk, store=store, lines=[(apple, 1)])
    StockLevel.objects.filter(product=pear).update(reorder_point=2)

    def skus(path: str, **query: Any) -> list[str]:
        return [row["sku"] for row in api.get(path, **query).json()["results"]]

    assert skus("stock/", sku="A", store="MAIN") == ["A"]
    assert skus("stock/", low="true") == ["P"]
    assert skus("movements/", kind="sell") == ["A"]
    assert skus("movements/", sku="P") == ["P"]
    assert skus("movements/") == ["A", "P", "A"]
    for query, expected in (
        ({"sku": "?"}, ("does_not_exist", "sku")),
        ({"sku": "\0"}, None),
        ({"low": "perhaps"}, ("invalid", "low")),
        ({"limit": "x"}, ("invalid", "limit")),
    ):
        answer = api.get("stock/", **query)
        if expected is None:
            assert answer.status_code == 400
        else:
            assert errors(answer) == [expected]
    assert errors(api.get("movements/", kind="stolen")) == [("invalid_choice", "kind")]


def test_pages_neither_lose_nor_repeat_rows_while_others_book(api, clerk, store) -> None:
    product = ProductFactory()
    for n in range(1, 6):
        ledger.receive(actor=clerk, store=store, lines=[(product, n)])
    page = api.get("movements/", limit=2).json()
    seen = [row["quantity"] for row in page["results"]]
    while page["next"]:
        ledger.receive(actor=clerk, store=store, lines=[(product, 100)])
        page = api.get(page["next"]).json()
        seen += [row["quantity"] for row in page["results"]]
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "cursor",
    ["x", "cD1hYmM=", "cD0lMDA=", "bz05OTk5OTk5OTk5OTk=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk="],
)
def test_a_made_up_cursor_is_no_error_of_ours(api, cursor: str) -> None:
    assert api.get("movements/", cursor=cursor).status_code in {200, 404}


def test_lists_cost_the_same_queries_for_10_and_for_100_rows(api, clerk, store) -> None:
    other = StoreFactory()
    clerk.stores.add(other)
    from products.models import Category

    def fill(n: int) -> None:
        for _n in range(n):
            product = ProductFactory()
            with_stock(store, product, 5)
            ledger.dispatch_transfer(
                actor=clerk, source=store, destination=other, lines=[(product, 1)]
            )
            category = Category.objects.at_path(f"Count/{product.sku}")
            stocktaking.open_stocktake(actor=clerk, store=store, category=category)

    def count(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert api.get(path).status_code == 200
        return len(queries)

    paths = ("stock/", "movements/", "transfers/", "stocktakes/", "stores/")
    fill(10)
    few = [count(path) for path in paths]
    fill(90)
    for _n in range(90):
        clerk.stores.add(StoreFactory())
    assert [count(path) for path in paths] == few
    assert max(few) <= 10
    for path in paths:
        assert len(api.get(path).json()["results"]) >= 90


# --- booking ---


def test_a_booking_is_answered_with_its_movements(api, clerk, store) -> None:
    ProductFactory(sku="A")
    ProductFactory(sku="B", barcode="4006381333931")
    answer = api.post(
        "movements/",
        booking(
            [{"sku": "A", "quantity": 5}, {"barcode": "04006381333931", "quantity": 2}],
            reference="note 7",
        ),
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["repeated"] is False
    first = body["movements"][0]
    assert first["at"]
    assert {**first, "at": "", "id": 0} == {
        "id": 0, "operation": body["operation"], "kind": "receive", "store": "MAIN", "sku": "A",
        "quantity": 5, "level_after": 5, "at": "", "by": clerk.username, "reason": "",
        "reference": "note 7", "evidence": "", "transfer": None, "stocktake": None,
        "reverses": None,
    }  # fmt: skip
    assert [row["sku"] for row in body["movements"]] == ["A", "B"]
    assert api.get("movements/").json()["results"][-1] == first
    call_command("stock_audit")


def test_sales_and_adjustments(api, store) -> None:
    product = ProductFactory(sku="A")
    with_stock(store, product, 5)
    line = {"sku": "A", "quantity": 2}
    assert api.post("movements/", booking([line], "sell")).status_code == 201
    assert quantity(store, product) == 3
    answer = api.post(
        "movements/", booking([{"sku": "A", "quantity": -3}], "adjust", reason="broken")
    )
    assert answer.status_code == 201
    assert answer.json()["movements"][0]["reason"] == "broken"
    assert quantity(store, product) == 0


def test_the_same_key_is_booked_once(api, store) -> None:
    product = ProductFactory(sku="A")
    data = booking([{"sku": "A", "quantity": 5}])
    first, second = api.post("movements/", data, key="k"), api.post("movements/", data, key="k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert (first.headers.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    other = api.post("movements/", booking([{"sku": "A", "quantity": 6}]), key="k")
    assert (other.status_code, errors(other)) == (409, [("idempotency_key_reused", None)])
    assert quantity(store, product) == 5
    long = api.post("movements/", data, key="k" * 201)
    assert (long.status_code, errors(long)) == (400, [("max_length", "Idempotency-Key")])


def test_where_the_answer_was_lost_with_the_process_the_ledger_still_knows_the_key(
    api, store
) -> None:
    ProductFactory(sku="A")
    data = booking([{"sku": "A", "quantity": 5}])
    first = api.post("movements/", data, key="k")
    FinishedCall.objects.all().delete()
    second = api.post("movements/", data, key="k")
    assert (second.status_code, second.json()) == (200, {**first.json(), "repeated": True})


BAD_BOOKINGS = [
    ({}, [("required", "kind"), ("required", "store"), ("required", "lines")]),
    ({"kind": "steal"}, [("invalid_choice", "kind")]),
    ({"store": "NONE"}, [("does_not_exist", "store")]),
    ({"store": {"code": "MAIN"}}, [("invalid", "store")]),
    ({"store": "MAIN\0"}, None),
    ({"lines": []}, [("empty", "lines.non_field_errors")]),
    ({"lines": "A"}, [("not_a_list", "lines.non_field_errors")]),
    ({"lines": [{"sku": "A", "quantity": 1}] * 1001}, [("max_length", "lines.non_field_errors")]),
    ({"lines": [{"quantity": 1}]}, [("sku_or_barcode", "lines.0.non_field_errors")]),
    (
        {"lines": [{"sku": "A", "barcode": "4006381333931", "quantity": 1}]},
        [("sku_or_barcode", "lines.0.non_field_errors")],
    ),
    (
        {"lines": [{"sku": "A", "quantity": 1}, {"sku": "?", "quantity": 1}]},
        [("unknown_product", "lines.1.sku")],
    ),
    ({"lines": [{"barcode": "123", "quantity": 1}]}, [("unknown_product", "lines.0.barcode")]),
    # A SKU that looks like a barcode is never another product's barcode, nor the other way.
    (
        {"lines": [{"barcode": "A", "quantity": 1}, {"sku": "4006381333931", "quantity": 1}]},
        [("unknown_product", "lines.0.barcode"), ("unknown_product", "lines.1.sku")],
    ),
    (
        {"lines": [{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 0}]},
        [("bad_quantity", "lines.1.quantity")],
    ),
    ({"lines": [{"sku": "A", "quantity": -1}]}, [("bad_quantity", "lines.0.quantity")]),
    ({"lines": [{"sku": "A", "quantity": 1.5}]}, [("invalid", "lines.0.quantity")]),
    ({"lines": [{"sku": "A", "quantity": 10**7}]}, [("max_value", "lines.0.quantity")]),
    ({"lines": [{"sku": "A", "quantity": 10**6}] * 2}, [("bad_quantity", "lines")]),
    ({"lines": [{"sku": "\ud800", "quantity": 1}]}, None),
    ({"lines": [{"sku": "A\0", "quantity": 1}]}, None),
    ({"reference": "x" * 201}, [("max_length", "reference")]),
    ({"reason": "why not"}, [("not_for_this_kind", "reason")]),
    ({"kind": "adjust"}, [("reason_missing", "reason")]),
    ({"kind": "adjust", "reason": "  "}, [("reason_missing", "reason")]),
    (
        {"kind": "adjust", "reason": "x", "lines": [{"sku": "A", "quantity": 0}]},
        [("bad_quantity", "lines.0.quantity")],
    ),
]


@pytest.mark.parametrize(("change", "expected"), BAD_BOOKINGS)
def test_a_bad_booking_says_what_is_wrong_where(api, store, change, expected) -> None:
    ProductFactory(sku="A")
    ProductFactory(sku="B", barcode="4006381333931")
    data = {**booking([{"sku": "A", "quantity": 1}]), **change} if change else {}
    answer = api.post("movements/", data)
    assert answer.status_code == 400
    if expected is not None:
        assert errors(answer) == expected
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("body", ["", "[", "[]", "null", "7", "[" * 100_000])
def test_what_is_no_json_object_is_refused(api, store, body: str) -> None:
    assert api.post("movements/", body or " ").status_code == 400


def test_what_stands_in_the_way_is_a_conflict(api, clerk, store) -> None:
    product, heir = ProductFactory(sku="A"), ProductFactory(sku="B")
    with_stock(store, product, 1)
    line = [{"sku": "A", "quantity": 2}]
    answer = api.post("movements/", booking(line, "sell"))
    assert (answer.status_code, errors(answer)) == (409, [("not_enough_stock", None)])
    assert "holds 1" in answer.json()["errors"][0]["detail"]
    ProductFactory(sku="C", merged_into=heir)
    answer = api.post("movements/", booking([{"sku": "C", "quantity": 2}]))
    assert (answer.status_code, errors(answer)) == (409, [("product_merged", None)])
    store.is_active = False
    store.save()
    answer = api.post("movements/", booking(line))
    assert (answer.status_code, errors(answer)) == (409, [("store_closed", None)])
    assert StockMovement.objects.count() == 1


def test_another_store_is_not_booked(api, store) -> None:
    ProductFactory(sku="A")
    StoreFactory(code="OTHER")
    answer = api.post("movements/", {**booking([{"sku": "A", "quantity": 1}]), "store": "OTHER"})
    assert (answer.status_code, errors(answer)) == (403, [("not_allowed", None)])
    assert not StockMovement.objects.exists()


def test_a_booking_is_taken_back_once(api, store) -> None:
    product = ProductFactory(sku="A")
    made = api.post("movements/", booking([{"sku": "A", "quantity": 5}])).json()
    path = f"movements/{made['operation']}/reverse/"
    assert errors(api.post(path)) == [("required", "reason")]
    first = api.post(path, {"reason": "typed twice"}, key="r")
    again = api.post(path, {"reason": "typed twice"}, key="r")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["movements"][0]["reverses"] == made["movements"][0]["id"]
    assert quantity(store, product) == 0
    third = api.post(path, {"reason": "typed twice"})
    assert (third.status_code, errors(third)) == (409, [("reversed_already", None)])
    for missing in (0, 987654321, 10**30):
        answer = api.post(f"movements/{missing}/reverse/", {"reason": "x"})
        assert (answer.status_code, errors(answer)) == (404, [("not_found", None)])


def test_a_booking_costs_the_same_queries_for_10_and_for_100_lines(api, store) -> None:
    def queries(n: int) -> int:
        lines = [{"sku": ProductFactory().sku, "quantity": 1} for _n in range(n // 2)]
        lines += [
            {"barcode": ProductFactory(barcode=gtin(n * 1000 + k)).barcode, "quantity": 1}
            for k in range(n // 2)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert api.post("movements/", booking(lines)).status_code == 201
        return len(captured)

    assert queries(10) == queries(100)


def gtin(number: int) -> str:
    digits = f"{number:012d}".replace("0", "9", 1)
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def test_a_form_does_as_well_and_writing_needs_the_token_of_the_page(clerk, store) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)
    answer = strict.post("/api/v1/stocktakes/", {"store": "MAIN"})
    assert answer.status_code == 403
    api = Api(clerk)
    assert api.client.post("/api/v1/stocktakes/", {"store": "MAIN"}).status_code == 201


@pytest.mark.parametrize("store", ["A\0", {"code": "A"}, 7])
def test_a_store_that_cannot_be_is_refused_by_the_search_too(client: Client, store: Any) -> None:
    data = json.dumps({"text": "apple", "store": store})
    answer = client.post("/api/v1/search/", data, content_type="application/json")
    assert (answer.status_code, errors(answer)) == (400, [("invalid", "store")])
