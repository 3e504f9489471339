"""Transfers and stocktakes in the admin: received with quantities, closed short, returned; counted."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from stores import ledger
from stores.models import StockLevel, StockMovement, Stocktake, Transfer
from stores.stocktaking import count_product, open_stocktake
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.stores.admin_pages import (
    analyst,
    assert_constant,
    errors,
    logged_in,
    queries,
    staff_of,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:stores_transfer_changelist")
STOCKTAKES = reverse("admin:stores_stocktake_changelist")
OPEN = reverse("admin:stores_stocktake_add")


@pytest.fixture
def source():
    return StoreFactory(name="Altona")


@pytest.fixture
def destination():
    return StoreFactory(name="Barmbek")


def send(source, destination, *quantities: int) -> Transfer:
    lines = []
    for number in quantities:
        product = ProductFactory()
        with_stock(source, product, number)
        lines.append((product, number))
    return ledger.dispatch_transfer(
        actor=StaffFactory(), source=source, destination=destination, lines=lines
    )


def url(page: str, obj: object) -> str:
    return reverse(f"admin:stores_{type(obj)._meta.model_name}_{page}", args=[obj.pk])


def arrived(transfer: Transfer, *numbers: object, **fields: object) -> dict[str, object]:
    lines = transfer.lines.order_by("id")
    return {
        "key": "k",
        **{f"line-{line.pk}": n for line, n in zip(lines, numbers, strict=True)},
        **fields,
    }


def test_all_of_a_transfer_arrives_and_a_second_click_books_nothing(source, destination) -> None:
    transfer = send(source, destination, 5, 2)
    client = logged_in(staff_of(destination))
    page = client.get(url("arrive", transfer)).content.decode()
    assert page.count('value="5"') + page.count('value="2"') >= 2
    for _click in range(2):
        answer = client.post(url("arrive", transfer), arrived(transfer, 5, 2))
        assert answer["Location"] == url("change", transfer)
    transfer.refresh_from_db()
    assert transfer.state == "received"
    held = StockLevel.objects.filter(store=destination).order_by("product")
    assert list(held.values_list("quantity", flat=True)) == [5, 2]
    call_command("stock_audit")


def test_some_arrives_then_the_rest_is_missing(source, destination) -> None:
    transfer = send(source, destination, 5, 2)
    client = logged_in(staff_of(destination))
    client.post(url("arrive", transfer), arrived(transfer, 3, ""))
    transfer.refresh_from_db()
    assert transfer.state == "dispatched"
    answer = client.post(url("arrive", transfer), arrived(transfer, 3, 0, key="k2"))
    assert "Ensure this value is less than or equal to 2." in errors(answer)
    nothing = arrived(transfer, 0, 0, key="k3")
    assert "Name at least one product and its quantity." in errors(
        client.post(url("arrive", transfer), nothing)
    )
    client.post(url("arrive", transfer), {**nothing, "close": "on"})
    transfer.refresh_from_db()
    assert transfer.state == "short"
    page = client.get(url("change", transfer)).content.decode()
    assert "received short" in page
    assert url("arrive", transfer) not in page
    call_command("stock_audit")


def test_what_has_not_arrived_goes_back(source, destination) -> None:
    transfer = send(source, destination, 5)
    client = logged_in(staff_of(source))
    page = client.get(url("change", transfer)).content.decode()
    assert url("send_back", transfer) in page
    assert url("arrive", transfer) not in page
    for _click in range(2):
        answer = client.post(url("send_back", transfer), {"key": "k", "reason": "wrong van"})
        assert answer["Location"] == url("change", transfer)
    assert StockLevel.objects.get(store=source).quantity == 5
    answer = client.post(url("send_back", transfer), {"key": "k2", "reason": "again"})
    assert any("is over" in text for text in errors(answer))


def test_each_end_does_its_own_part_and_others_none(source, destination) -> None:
    transfer = send(source, destination, 5)
    asked = {
        "arrive": arrived(transfer, 5),
        "send_back": {"key": "k", "reason": "x"},
    }
    reader = staff_of(source, destination, permissions=["stores.view_stocklevel"])
    for user, page, status in (
        (staff_of(source), "arrive", 403),
        (staff_of(destination), "send_back", 403),
        (staff_of(StoreFactory()), "arrive", 302),
        (staff_of(StoreFactory()), "send_back", 302),
        (analyst(), "arrive", 403),
        (analyst(), "send_back", 403),
        (reader, "arrive", 403),
    ):
        client = logged_in(user)
        assert client.get(url(page, transfer)).status_code == status
        assert client.post(url(page, transfer), asked[page]).status_code == status
    transfer.refresh_from_db()
    assert transfer.state == "dispatched"
    for store in (source, destination):
        assert transfer in logged_in(staff_of(store)).get(LIST).context["cl"].result_list
    assert not logged_in(staff_of(StoreFactory())).get(LIST).context["cl"].result_list
    assert logged_in(analyst()).get(url("change", transfer)).status_code == 200


def test_transfers_are_not_written_by_hand(admin_client, source, destination) -> None:
    transfer = send(source, destination, 5)
    assert admin_client.post(url("change", transfer), {"state": "received"}).status_code == 403
    assert admin_client.get(url("delete", transfer)).status_code == 403


def test_the_list_of_transfers_costs_the_same_for_ten_and_for_a_hundred(
    source, destination, monkeypatch
) -> None:
    from stores.admin import TransferAdmin

    monkeypatch.setattr(TransferAdmin, "list_per_page", 200)

    def add(numbers: range) -> None:
        for _n in numbers:
            send(source, destination, 1, 2)

    assert_constant(logged_in(staff_of(source)), LIST, add)


def test_a_transfer_of_many_lines_costs_what_one_of_few_does(source, destination) -> None:
    client = logged_in(staff_of(source, destination))
    for page in ("change", "arrive"):
        costs = []
        for number in (10, 60):
            address = url(page, send(source, destination, *[1] * number))
            client.get(address)
            costs.append(len(queries(client, address)))
        assert costs[0] == costs[1]


# --- stocktakes -----------------------------------------------------------------------------


def counted(store, number: int = 3, category=None) -> Stocktake:
    """A stocktake in which each product is one more than the books say."""
    actor = StaffFactory()
    stocktake = open_stocktake(actor=actor, store=store, category=category)
    for n in range(number):
        product = with_photo(n % 5).product if n < 5 else ProductFactory()
        with_stock(store, product, 5)
        count_product(actor=actor, stocktake=stocktake, product=product, counted=6)
    return stocktake


def test_a_stocktake_is_opened_looked_through_and_approved(source) -> None:
    client = logged_in(staff_of(source))
    for _click in range(2):
        answer = client.post(OPEN, {"key": "k", "store": source.pk, "category": ""})
        stocktake = Stocktake.objects.get()
        assert answer["Location"] == url("change", stocktake)
    product, other = ProductFactory(), ProductFactory(name="Forgotten")
    with_stock(source, product, 5)
    with_stock(source, other, 2)
    count_product(actor=StaffFactory(), stocktake=stocktake, product=product, counted=4)
    ledger.sell(actor=StaffFactory(), store=source, lines=[(product, 1)])
    page = client.get(url("change", stocktake)).content.decode()
    assert "1 product counted, 1 with a difference." in page
    assert "Forgotten" in page
    assert url("approve_it", stocktake) in page
    assert client.post(url("approve_it", stocktake), {"key": "k"}).status_code == 302
    assert StockLevel.objects.get(product=product).quantity == 3
    assert StockLevel.objects.get(product=other).quantity == 2
    page = client.get(url("change", stocktake)).content.decode()
    assert "approved" in page
    assert url("approve_it", stocktake) not in page
    again = client.post(url("approve_it", stocktake), {"key": "k2"}, follow=True)
    assert "This stocktake is closed: approved." in again.content.decode()
    call_command("stock_audit")


def test_what_nobody_counted_may_be_set_to_zero(source) -> None:
    stocktake = counted(source)
    forgotten = with_stock(source, ProductFactory(), 7)
    logged_in(staff_of(source)).post(
        url("approve_it", stocktake), {"key": "k", "uncounted_are_zero": "on"}
    )
    forgotten.refresh_from_db()
    assert forgotten.quantity == 0


def test_a_stocktake_in_which_nothing_was_counted_is_not_approved(source) -> None:
    stocktake = open_stocktake(actor=StaffFactory(), store=source)
    answer = logged_in(staff_of(source)).post(url("approve_it", stocktake), {"key": "k"})
    assert "Nothing was counted yet." in errors(answer)


def test_a_stocktake_is_cancelled_without_a_booking(source) -> None:
    stocktake = counted(source)
    before = StockMovement.objects.count()
    client = logged_in(staff_of(source))
    assert client.post(url("cancel_it", stocktake), {"key": "k"}).status_code == 302
    stocktake.refresh_from_db()
    assert stocktake.state == "cancelled"
    assert StockMovement.objects.count() == before
    assert "replaced" not in client.get(url("change", stocktake)).content.decode()


def test_stocktakes_of_other_stores_are_out_of_reach(source, destination) -> None:
    stocktake = counted(source)
    counter = staff_of(source, permissions=["stores.view_stocklevel", "stores.count_stock"])
    for user, status in (
        (staff_of(destination), 302),
        (analyst(), 403),
        (counter, 403),
    ):
        client = logged_in(user)
        for page in ("approve_it", "cancel_it"):
            assert client.get(url(page, stocktake)).status_code == status
            assert client.post(url(page, stocktake), {"key": "k"}).status_code == status
    stocktake.refresh_from_db()
    assert stocktake.state == "draft"
    client = logged_in(staff_of(destination))
    assert client.post(OPEN, {"key": "k", "store": source.pk}).status_code in {200, 403}
    assert Stocktake.objects.count() == 1
    assert not client.get(STOCKTAKES).context["cl"].result_list
    assert logged_in(analyst()).get(OPEN).status_code == 403
    assert logged_in(analyst()).get(url("change", stocktake)).status_code == 200


def test_pages_of_stocktakes_cost_the_same_for_ten_and_for_a_hundred(source, monkeypatch) -> None:
    from stores.admin import StocktakeAdmin

    monkeypatch.setattr(StocktakeAdmin, "list_per_page", 200)
    client = logged_in(StaffFactory())

    def add(numbers: range) -> None:
        for n in numbers:
            category = ProductFactory(category_path=f"Kinds/Kind {n}").category
            open_stocktake(actor=StaffFactory(), store=source, category=category)

    assert_constant(client, STOCKTAKES, add)
    costs = []
    for number in (10, 60):
        page = url("change", counted(StoreFactory(), number))
        client.get(page)
        costs.append(len(queries(client, page)))
    assert costs[0] == costs[1]
