"""Goods on their way: dispatched, received whole or in parts, short, returned."""

import pytest
from django.core.management import call_command

from products.merging import merge_product
from stores import ledger
from stores.models import StockLevel, Transfer
from stores.refusals import NotEnough, Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return StoreFactory()


@pytest.fixture
def there():
    return StoreFactory()


@pytest.fixture
def clerk(here, there):
    return clerk_of(here, there)


@pytest.fixture
def product(here, clerk):
    product = ProductFactory()
    ledger.receive(actor=clerk, store=here, lines=[(product, 10)])
    return product


@pytest.fixture
def transfer(here, there, clerk, product):
    return ledger.dispatch_transfer(
        actor=clerk, source=here, destination=there, lines=[(product, 6)]
    )


@pytest.fixture(autouse=True)
def _audited():
    yield
    call_command("stock_audit")


def levels() -> list[int]:
    return list(StockLevel.objects.order_by("store_id").values_list("quantity", flat=True))


def test_dispatched_goods_are_in_neither_store(transfer) -> None:
    assert levels() == [4]
    assert (transfer.state, transfer.closed_at) == ("dispatched", None)


def test_received_whole(clerk, product, transfer) -> None:
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 6)])
    transfer.refresh_from_db()
    assert transfer.state == "received"
    assert levels() == [4, 6]


def test_received_twice_with_one_key_is_received_once(clerk, product, transfer) -> None:
    def arrive() -> ledger.Booking:
        return ledger.receive_transfer(
            actor=clerk, transfer=transfer, lines=[(product, 6)], idempotency_key="a"
        )

    first, second = arrive(), arrive()
    assert (second.repeated, second.movements) == (True, first.movements)
    with pytest.raises(Refusal, match="is over: received"):
        ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 6)])
    assert levels() == [4, 6]


def test_more_than_was_sent_or_never_sent(clerk, product, transfer) -> None:
    for lines in ([(product, 7)], [(product, 3), (product, 4)], [(ProductFactory(), 1)]):
        with pytest.raises(Refusal, match="Book what is too much as an adjustment"):
            ledger.receive_transfer(actor=clerk, transfer=transfer, lines=lines)
    with pytest.raises(Refusal, match="at least one product"):
        ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[])
    assert levels() == [4]


def test_short_and_what_then_arrives_is_an_adjustment(clerk, product, transfer) -> None:
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 5)], close=True)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.lines.get().missing) == ("short", 1)
    assert transfer.closed_at is not None
    with pytest.raises(Refusal, match="is over"):
        ledger.return_transfer(actor=clerk, transfer=transfer, reason="found")


def test_closing_with_all_there_is_no_shortage(clerk, product, transfer) -> None:
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 6)], close=True)
    transfer.refresh_from_db()
    assert transfer.state == "received"


def test_the_rest_goes_back(clerk, product, transfer) -> None:
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 2)])

    def back() -> ledger.Booking:
        return ledger.return_transfer(
            actor=clerk, transfer=transfer, reason="wrong shop", idempotency_key="b"
        )

    assert not back().repeated
    assert back().repeated
    assert levels() == [8, 2]
    transfer.refresh_from_db()
    assert transfer.state == "returned"
    with pytest.raises(Refusal, match="is over"):
        ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 1)])


def test_what_was_under_way_when_a_store_closed_arrives_or_returns(
    here, there, clerk, product, transfer
) -> None:
    for store in (here, there):
        store.is_active = False
        store.save()
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 2)])
    ledger.return_transfer(actor=clerk, transfer=transfer, reason="closed")
    assert levels() == [8, 2]
    with pytest.raises(Refusal, match="closed"):
        ledger.dispatch_transfer(actor=clerk, source=here, destination=there, lines=[(product, 1)])


def test_a_transfer_is_not_reversed(clerk, transfer) -> None:
    with pytest.raises(Refusal, match="receiving or returning"):
        ledger.reverse(actor=clerk, operation=transfer.operations.get(), reason="no")


def test_refused_dispatches_leave_nothing(here, there, clerk, product) -> None:
    with pytest.raises(Refusal, match="another store"):
        ledger.dispatch_transfer(actor=clerk, source=here, destination=here, lines=[(product, 1)])
    with pytest.raises(NotEnough):
        ledger.dispatch_transfer(actor=clerk, source=here, destination=there, lines=[(product, 11)])
    assert not Transfer.objects.exists()


def test_what_is_on_its_way_is_not_merged_away(clerk, product, transfer) -> None:
    with pytest.raises(Refusal, match="on its way"):
        merge_product(product=product, into=ProductFactory(), actor=clerk)
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 6)])
    heir = ProductFactory()
    merge_product(product=product, into=heir, actor=clerk)
    assert StockLevel.objects.filter(product=heir).count() == 2


def test_lines_may_be_a_generator(here, there, clerk, product) -> None:
    transfer = ledger.dispatch_transfer(
        actor=clerk, source=here, destination=there, lines=((product, n) for n in (1, 2))
    )
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=((product, n) for n in (1, 2)))
    assert levels() == [7, 3]
