"""Receive, sell, adjust, reverse: every change goes through the ledger."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from stores import ledger
from stores.models import StockLevel, StockMovement, Transfer
from stores.refusals import KeyReused, NotAllowed, NotEnough, Refusal
from tests.factories import ProductFactory, StoreFactory, UserFactory, clerk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def clerk(store):
    return clerk_of(store)


def quantity(store, product) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


def test_goods_come_and_go(store, clerk) -> None:
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 5), (product, 2)])
    booking = ledger.sell(actor=clerk, store=store, lines=[(product, 3)], reference="till 1")
    assert quantity(store, product) == 4
    assert [(m.kind, m.delta, m.level_after) for m in booking.movements] == [("sell", -3, 4)]
    assert booking.operation.actor == clerk
    call_command("stock_audit")


def test_nothing_is_sold_that_is_not_there(store, clerk) -> None:
    product, other = ProductFactory(), ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    with pytest.raises(NotEnough) as refused:
        ledger.sell(actor=clerk, store=store, lines=[(product, 5), (other, 1)])
    assert (refused.value.there, refused.value.asked) == (0, 1)
    assert quantity(store, product) == 5
    assert StockMovement.objects.count() == 1


def test_the_same_key_is_booked_once(store, clerk) -> None:
    product = ProductFactory()

    def book(n: int) -> ledger.Booking:
        return ledger.receive(actor=clerk, store=store, lines=[(product, n)], idempotency_key="k")

    first, second = book(5), book(5)
    assert second.repeated
    assert not first.repeated
    assert second.movements == first.movements
    assert quantity(store, product) == 5
    with pytest.raises(KeyReused):
        book(6)


def test_movements_are_append_only(store, clerk) -> None:
    booking = ledger.receive(actor=clerk, store=store, lines=[(ProductFactory(), 5)])
    for rows in (StockMovement.objects.all(), type(booking.operation).objects.all()):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            rows.update(**{"delta": 9} if rows.model is StockMovement else {"reason": "x"})
        with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
            rows._raw_delete(rows.db)
    with pytest.raises(ProtectedError):
        booking.movements[0].product.delete()
    with pytest.raises(ProtectedError):
        clerk.delete()


def test_an_operation_is_taken_back_once(store, clerk) -> None:
    product = ProductFactory()
    booking = ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    ledger.reverse(actor=clerk, operation=booking.operation, reason="typed twice")
    assert quantity(store, product) == 0
    with pytest.raises(Refusal, match="already"):
        ledger.reverse(actor=clerk, operation=booking.operation, reason="typed twice")


def test_a_transfer_arrives_in_parts_and_closes_short(store, clerk) -> None:
    other, product = StoreFactory(), ProductFactory()
    receiver = clerk_of(other)
    ledger.receive(actor=clerk, store=store, lines=[(product, 10)])
    transfer = ledger.dispatch_transfer(
        actor=clerk, source=store, destination=other, lines=[(product, 6)], idempotency_key="t"
    )
    again = ledger.dispatch_transfer(
        actor=clerk, source=store, destination=other, lines=[(product, 6)], idempotency_key="t"
    )
    assert again == transfer
    assert Transfer.objects.count() == 1
    with pytest.raises(NotAllowed):
        ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 1)])
    ledger.receive_transfer(actor=receiver, transfer=transfer, lines=[(product, 4)])
    with pytest.raises(Refusal, match="Only 2"):
        ledger.receive_transfer(actor=receiver, transfer=transfer, lines=[(product, 3)])
    ledger.receive_transfer(actor=receiver, transfer=transfer, lines=[], close=True)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.lines.get().missing) == ("short", 2)
    assert (quantity(store, product), quantity(other, product)) == (4, 4)
    call_command("stock_audit")


def test_only_own_stores(store) -> None:
    for stranger in (UserFactory(), clerk_of(StoreFactory())):
        with pytest.raises(NotAllowed):
            ledger.receive(actor=stranger, store=store, lines=[(ProductFactory(), 1)])
