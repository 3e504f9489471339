"""Lists of stores and stock: filters, order, sparse fields; a store and an operation by themselves."""

from typing import Any

import pytest

from stores import ledger
from stores.models import StockMovement, Store
from tests.factories import ProductFactory, StoreFactory, clerk_of, with_stock
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db
LISTS = ("stores/", "stock/", "movements/", "transfers/", "stocktakes/")


@pytest.fixture
def store() -> Store:
    return StoreFactory(code="MAIN", name="Main", address="Street 1")


@pytest.fixture
def clerk(store: Store) -> Any:
    return clerk_of(store)


@pytest.fixture
def api(clerk: Any) -> Api:
    return Api(clerk)


def rows(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_store_with_its_hours_for_programs(api: Api, store: Store) -> None:
    store.opening_hours = "Mo-We 09:00-18:00\nSa 10:00-13:00,14:00-16:00"
    store.save()
    body = api.get("stores/MAIN/").json()
    assert (body["code"], body["address"]) == ("MAIN", "Street 1")
    assert body["opening_hours"].startswith("Mo-We")
    assert body["hours"] == [
        {"days": ["Mo", "Tu", "We"], "opens": "09:00", "closes": "18:00"},
        {"days": ["Sa"], "opens": "10:00", "closes": "13:00"},
        {"days": ["Sa"], "opens": "14:00", "closes": "16:00"},
    ]
    assert "hours" not in rows(api, "stores/")[0]
    assert api.get("stores/MAIN/", fields="code,hours").json().keys() == {"code", "hours"}
    Store.objects.filter(pk=store.pk).update(opening_hours="whenever")
    assert api.get("stores/MAIN/").json()["hours"] == []
    StoreFactory(code="OTHER")
    for code in ("OTHER", "NONE", "main"):
        assert api.get(f"stores/{code}/").status_code == 404


def test_stores_by_code_page_by_page(api: Api, clerk: Any, store: Store) -> None:
    for code in ("B-1", "A_2", "Z9"):
        clerk.stores.add(StoreFactory(code=code, is_active=code != "Z9"))
    for ordering in ("code", "-code"):
        page = api.get("stores/", ordering=ordering, limit=1, fields="code").json()
        seen = page["results"]
        while page["next"]:
            page = api.get(page["next"]).json()
            seen += page["results"]
        codes = [each["code"] for each in seen]
        assert codes == sorted(codes, reverse=ordering == "-code")
        assert len(codes) == 4
        assert api.get(page["previous"]).status_code == 200
    assert [each["code"] for each in rows(api, "stores/", is_active="false")] == ["Z9"]
    assert len(rows(api, "stores/", is_active="true")) == 3


def test_stock_of_some_products_of_a_category_and_what_there_is(api: Api, clerk, store) -> None:
    for sku, path, quantity in (("A", "Fruit/Apple", 3), ("B", "Fruit", 1), ("C", "Milk", 2)):
        with_stock(store, ProductFactory(sku=sku, category_path=path), quantity)
    sold = ProductFactory(sku="S", category_path="Milk")
    with_stock(store, sold, 1)
    ledger.sell(actor=clerk, store=store, lines=[(sold, 1)])

    def skus(**query: Any) -> list[str]:
        return [each["sku"] for each in rows(api, "stock/", **query)]

    assert skus(sku=["A", "C"]) == ["A", "C"]
    assert skus(category="fruit") == ["A", "B"]
    assert skus(in_stock="true") == ["A", "B", "C"]
    assert skus(in_stock="false") == ["S"]
    assert skus(ordering="-id") == ["S", "C", "B", "A"]
    assert rows(api, "stock/", sku="A", fields="sku,quantity") == [{"sku": "A", "quantity": 3}]


def test_movements_by_time_and_operation(api: Api, clerk, store) -> None:
    a, b = ProductFactory(sku="A"), ProductFactory(sku="B")
    first = ledger.receive(actor=clerk, store=store, lines=[(a, 3), (b, 2)])
    ledger.sell(actor=clerk, store=store, lines=[(a, 1)])
    assert [each["sku"] for each in rows(api, "movements/", operation=first.operation.pk)] == [
        "B",
        "A",
    ]
    last = StockMovement.objects.latest("pk").operation.created_at.isoformat()
    assert [each["quantity"] for each in rows(api, "movements/", after=last)] == [-1]
    assert [each["quantity"] for each in rows(api, "movements/", before=last)] == [2, 3]
    assert [each["quantity"] for each in rows(api, "movements/", ordering="id")] == [3, 2, -1]
    assert {each["sku"] for each in rows(api, "movements/", sku=["A", "B"])} == {"A", "B"}


def test_an_operation_with_its_movements(api: Api, clerk, store) -> None:
    a, b = ProductFactory(sku="A"), ProductFactory(sku="B")
    made = ledger.receive(actor=clerk, store=store, lines=[(a, 3), (b, 2)], reference="note 7")
    body = api.get(f"operations/{made.operation.pk}/").json()
    assert (body["id"], body["by"], body["reference"]) == (
        made.operation.pk,
        clerk.username,
        "note 7",
    )
    assert [(each["sku"], each["quantity"]) for each in body["movements"]] == [("A", 3), ("B", 2)]
    other = StoreFactory(code="OTHER")
    hidden = ledger.receive(actor=clerk_of(other), store=other, lines=[(a, 3)])
    assert api.get(f"operations/{hidden.operation.pk}/").status_code == 404
    # Of a transfer, only what concerns one's own stores.
    clerk.stores.add(other)
    sent = ledger.dispatch_transfer(actor=clerk, source=store, destination=other, lines=[(a, 1)])
    clerk.stores.remove(store)
    operation = StockMovement.objects.get(operation__transfer=sent).operation_id
    assert api.get(f"operations/{operation}/").status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        *((path, {"fields": "id,secret"}, ("unknown_field", "fields")) for path in LISTS),
        *((path, {"fields": ""}, ("unknown_field", "fields")) for path in LISTS),
        *((path, {"ordering": "quantity"}, ("unknown_order", "ordering")) for path in LISTS),
        ("stores/", {"is_active": "perhaps"}, ("invalid", "is_active")),
        ("stock/", {"category": "No/Such"}, ("unknown_category", "category")),
        ("stock/", {"sku": ["A"] * 101}, ("too_many", "sku")),
        ("stock/", {"sku": ["A", "NONE"]}, ("does_not_exist", "sku")),
        ("movements/", {"after": "soon"}, ("invalid", "after")),
        ("movements/", {"operation": "x"}, ("invalid", "operation")),
        ("movements/", {"operation": 2**63}, ("max_value", "operation")),
    ],
)
def test_bad_parameters_are_named(api: Api, path: str, query: dict[str, Any], expected) -> None:
    ProductFactory(sku="A")
    answer = api.get(path, **query)
    assert (answer.status_code, errors(answer)) == (400, [expected])


def test_unknown_fields_are_answered_with_those_that_there_are(api: Api) -> None:
    text = api.get("stock/", fields="price").json()["errors"][0]["detail"]
    assert "“price”" in text
    assert "store, sku, name, barcode, quantity, reorder_point" in text
