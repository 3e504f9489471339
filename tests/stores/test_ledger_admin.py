"""The ledger in the admin: read by those who see the store, taken back by those who adjust there."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from stores import ledger, slots
from stores.models import StockLevel, StockMovement
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo
from tests.stores.admin_pages import (
    analyst,
    assert_constant,
    errors,
    logged_in,
    queries,
    staff_of,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:stores_stockmovement_changelist")
OPERATIONS = reverse("admin:stores_stockoperation_changelist")


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def booking(store):
    lines = [(ProductFactory(name="Apple", sku="A-1"), 5), (ProductFactory(name="Pear"), 2)]
    return ledger.receive(actor=StaffFactory(), store=store, lines=lines, reference="LS 7")


def url(page: str, booking: ledger.Booking) -> str:
    return reverse(f"admin:stores_stockoperation_{page}", args=[booking.operation.pk])


def test_a_movement_says_who_moved_what_and_why(store, booking) -> None:
    page = logged_in(staff_of(store)).get(LIST).content.decode()
    for text in ("Apple", "A-1", "+5", "LS 7", str(booking.operation.actor), str(store)):
        assert text in page
    assert url("change", booking) in page


def test_only_movements_of_stores_that_one_sees_are_there(store, booking) -> None:
    other = StoreFactory()
    product = ProductFactory(name="Secret")
    hidden = ledger.receive(actor=StaffFactory(), store=other, lines=[(product, 3)])
    client = logged_in(staff_of(store))
    for address in (LIST, OPERATIONS, LIST + "?q=Secret", f"{LIST}?store={other.pk}"):
        page = client.get(address).content.decode()
        assert product.sku not in page
        assert f"/{hidden.operation.pk}/change/" not in page
    assert client.get(url("change", hidden)).status_code == 302
    assert client.get(url("take_back", hidden)).status_code == 302
    change = reverse("admin:stores_stockmovement_change", args=[hidden.movements[0].pk])
    assert client.get(change).status_code == 302
    assert "Secret" in logged_in(analyst()).get(LIST).content.decode()


def test_an_operation_shows_its_movements(store, booking) -> None:
    page = logged_in(staff_of(store)).get(url("change", booking)).content.decode()
    assert "Apple" in page
    assert "+5" in page
    assert url("take_back", booking) in page


def test_an_operation_is_taken_back_with_a_reason(store, booking) -> None:
    client = logged_in(staff_of(store))
    back = url("take_back", booking)
    assert "\N{MINUS SIGN}5" in client.get(back).content.decode()
    assert "This field is required." in errors(client.post(back, {"key": "k"}))
    for _click in range(2):
        answer = client.post(back, {"key": "k", "reason": "wrong store"}, follow=True)
        assert "was taken back" in answer.content.decode()
    assert not StockLevel.objects.exclude(quantity=0).exists()
    assert StockMovement.objects.filter(kind="reverse").count() == 2
    assert "This was taken back already." in errors(
        client.post(back, {"key": "k2", "reason": "once more"})
    )
    assert back.encode() not in client.get(url("change", booking)).content
    call_command("stock_audit")


def test_what_has_gone_out_since_is_not_taken_back(store, booking) -> None:
    apple = booking.movements[0].product
    ledger.sell(actor=StaffFactory(), store=store, lines=[(apple, 1)])
    answer = logged_in(staff_of(store)).post(url("take_back", booking), {"key": "k", "reason": "x"})
    assert any("4" in text and "5" in text for text in errors(answer))


def test_readers_and_people_of_other_stores_take_nothing_back(store, booking) -> None:
    readers = (
        analyst(),
        staff_of(StoreFactory()),
        staff_of(store, permissions=["stores.view_stocklevel", "stores.book_stock"]),
    )
    for user in readers:
        client = logged_in(user)
        assert url("take_back", booking).encode() not in client.get(url("change", booking)).content
        answer = client.post(url("take_back", booking), {"key": "k", "reason": "x"})
        assert answer.status_code in {302, 403}
    assert StockMovement.objects.count() == 2


def test_an_operation_over_two_stores_is_taken_back_by_who_adjusts_both(store) -> None:
    other = StoreFactory()
    product = ProductFactory()
    ledger.receive(actor=StaffFactory(), store=store, lines=[(product, 5)])
    transfer = ledger.dispatch_transfer(
        actor=StaffFactory(), source=store, destination=other, lines=[(product, 2)]
    )
    operation = transfer.operations.get()
    page = reverse("admin:stores_stockoperation_take_back", args=[operation.pk])
    answer = logged_in(staff_of(store, other)).post(page, {"key": "k", "reason": "x"})
    assert any("A transfer is ended by receiving" in text for text in errors(answer))


def test_evidence_is_a_link_where_an_app_knows_it(store, monkeypatch) -> None:
    asked = []

    def find(references):
        asked.append(set(references))
        return {each: f"/seen/{each.removeprefix('sighting:')}/" for each in references}

    monkeypatch.setattr(slots, "evidence_links", [find])
    for n in range(3):
        ledger.receive(
            actor=StaffFactory(),
            store=store,
            lines=[(ProductFactory(), 1)],
            evidence=f"sighting:T{n}",
        )
    page = logged_in(staff_of(store)).get(LIST).content.decode()
    assert 'href="/seen/T2/"' in page
    assert asked == [{"sighting:T0", "sighting:T1", "sighting:T2"}]


@pytest.mark.parametrize("query", ["?q=A-1", "?q=apple", "?q=LS+7", "?kind__exact=receive"])
def test_the_ledger_is_searched(store, booking, query) -> None:
    pear = booking.movements[1].product
    ledger.sell(actor=StaffFactory(), store=store, lines=[(pear, 1)], reference="till")
    page = logged_in(staff_of(store)).get(LIST + query).content.decode()
    assert "+5" in page
    assert "till" not in page


@pytest.mark.parametrize("address", [LIST, OPERATIONS])
def test_a_list_costs_the_same_for_ten_and_for_a_hundred_rows(store, address, monkeypatch) -> None:
    from stores.admin import StockMovementAdmin, StockOperationAdmin

    for each in (StockMovementAdmin, StockOperationAdmin):
        monkeypatch.setattr(each, "list_per_page", 200)

    def add(numbers: range) -> None:
        for n in numbers:
            product = with_photo(n % 5).product if n < 20 else ProductFactory()
            ledger.receive(actor=StaffFactory(), store=store, lines=[(product, 1)])

    assert_constant(logged_in(staff_of(store)), address, add)


def test_a_large_booking_costs_as_many_queries_as_a_small_one(store) -> None:
    client = logged_in(staff_of(store))
    costs = []
    for number in (10, 100):
        lines = [(ProductFactory(), 1) for _ in range(number)]
        booking = ledger.receive(actor=StaffFactory(), store=store, lines=lines)
        client.get(url("change", booking))
        costs.append(len(queries(client, url("change", booking))))
    assert costs[0] == costs[1]
