"""Receive, sell, adjust, reverse: every change goes through the ledger."""

import contextlib

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from products.models import Product
from stores import ledger
from stores.models import StockLevel, StockMovement, StockOperation, Transfer
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


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "nothing_to_book"),
        ([0], "bad_quantity"),
        ([-1], "bad_quantity"),
        ([1_000_001], "bad_quantity"),
        ([600_000, 600_000], "bad_quantity"),
    ],
)
def test_quantities_that_cannot_be(store, clerk, lines, code) -> None:
    product = ProductFactory()
    for use_case in (ledger.receive, ledger.sell):
        with pytest.raises(Refusal) as refused:
            use_case(actor=clerk, store=store, lines=[(product, n) for n in lines])
        assert refused.value.code == code


def test_a_booking_has_at_most_1000_products(store, clerk) -> None:
    category = ProductFactory().category
    products = Product.objects.bulk_create(
        Product(sku=f"M{n}", name=f"M{n}", category=category) for n in range(1001)
    )
    with pytest.raises(Refusal, match="1001 products are too many"):
        ledger.receive(actor=clerk, store=store, lines=[(each, 1) for each in products])
    with CaptureQueriesContext(connection) as many:
        ledger.receive(actor=clerk, store=store, lines=[(each, 1) for each in products[:1000]])
    with CaptureQueriesContext(connection) as few:
        ledger.receive(actor=clerk, store=store, lines=[(each, 1) for each in products[:2]])
    assert StockLevel.objects.count() == 1000
    assert len(few) <= len(many) <= 20


@pytest.mark.parametrize("lines", [[0], [2, -2]])
def test_an_adjustment_changes_something(store, clerk, lines) -> None:
    product = ProductFactory()
    with pytest.raises(Refusal, match="changes something"):
        ledger.adjust(
            actor=clerk, store=store, lines=[(product, n) for n in lines], reason="why not"
        )


def test_an_adjustment_goes_both_ways_but_not_below_zero(store, clerk) -> None:
    product, other = ProductFactory(), ProductFactory()
    ledger.adjust(actor=clerk, store=store, lines=[(product, 3), (other, 1)], reason="found")
    booking = ledger.adjust(
        actor=clerk, store=store, lines=[(product, -2), (other, 4)], reason=" broke \n in two "
    )
    assert booking.operation.reason == "broke in two"
    assert (quantity(store, product), quantity(store, other)) == (1, 5)
    with pytest.raises(NotEnough):
        ledger.adjust(actor=clerk, store=store, lines=[(product, -2)], reason="broke")


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "reason_missing"), (" \n", "reason_missing"), ("x" * 501, "reason_too_long")],
)
def test_reasons(store, clerk, reason, code) -> None:
    product = ProductFactory()
    booking = ledger.receive(actor=clerk, store=store, lines=[(product, 3)])
    for use_case in (
        lambda: ledger.adjust(actor=clerk, store=store, lines=[(product, -1)], reason=reason),
        lambda: ledger.reverse(actor=clerk, operation=booking.operation, reason=reason),
    ):
        with pytest.raises(Refusal) as refused:
            use_case()
        assert refused.value.code == code


@pytest.mark.parametrize("text", ["x" * 201, "a\0b", "\ud800"])
@pytest.mark.parametrize("where", ["idempotency_key", "reference", "evidence"])
def test_texts_that_the_database_cannot_keep_are_refused(store, clerk, where, text) -> None:
    with pytest.raises(Refusal):
        ledger.receive(actor=clerk, store=store, lines=[(ProductFactory(), 1)], **{where: text})
    if where != "evidence":
        with pytest.raises(Refusal):
            ledger.dispatch_transfer(
                actor=clerk, source=store, destination=StoreFactory(),
                lines=[(ProductFactory(), 1)], **{where: text},
            )  # fmt: skip


def test_two_programs_may_count_their_keys_from_one(store, clerk) -> None:
    product = ProductFactory()
    for actor in (clerk, clerk_of(store)):
        ledger.receive(actor=actor, store=store, lines=[(product, 5)], idempotency_key="1")
    assert quantity(store, product) == 10


def test_a_key_belongs_to_one_kind_of_request(store, clerk) -> None:
    product, other = ProductFactory(), StoreFactory()
    lines = [(product, 5)]
    ledger.receive(actor=clerk, store=store, lines=lines, idempotency_key="k")
    with pytest.raises(KeyReused):
        ledger.sell(actor=clerk, store=store, lines=lines, idempotency_key="k")
    with pytest.raises(KeyReused):
        ledger.dispatch_transfer(
            actor=clerk, source=store, destination=other, lines=lines, idempotency_key="k"
        )
    assert not Transfer.objects.exists()


def test_what_was_rolled_back_may_be_sent_again(store, clerk) -> None:
    product = ProductFactory()

    def book() -> ledger.Booking:
        return ledger.receive(actor=clerk, store=store, lines=[(product, 5)], idempotency_key="k")

    with contextlib.suppress(RuntimeError), transaction.atomic():
        book()
        raise RuntimeError
    assert not book().repeated
    assert book().repeated
    assert quantity(store, product) == 5


def test_a_repeat_is_answered_also_when_the_store_has_closed_since(store, clerk) -> None:
    product = ProductFactory()

    def book() -> ledger.Booking:
        return ledger.receive(actor=clerk, store=store, lines=[(product, 5)], idempotency_key="k")

    first = book()
    store.is_active = False
    store.save()
    assert book().movements == first.movements
    with pytest.raises(Refusal, match="closed"):
        ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    ledger.sell(actor=clerk, store=store, lines=[(product, 5)])


def test_lines_may_be_a_generator(store, clerk) -> None:
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=((product, n) for n in (1, 2)))
    assert quantity(store, product) == 3


def test_a_reversal_is_not_below_zero_and_not_of_what_moved_nothing(store, clerk) -> None:
    product = ProductFactory()
    booking = ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    ledger.sell(actor=clerk, store=store, lines=[(product, 1)])
    with pytest.raises(NotEnough):
        ledger.reverse(actor=clerk, operation=booking.operation, reason="typed twice")
    back = ledger.sell(actor=clerk, store=store, lines=[(product, 2)])
    reversal = ledger.reverse(
        actor=clerk, operation=back.operation, reason="brought back", idempotency_key="r"
    )
    again = ledger.reverse(
        actor=clerk, operation=back.operation, reason="brought back", idempotency_key="r"
    )
    assert (again.repeated, again.movements) == (True, reversal.movements)
    with pytest.raises(Refusal, match="booking anew"):
        ledger.reverse(actor=clerk, operation=reversal.operation, reason="no, it was right")
    nothing = StockOperation.objects.create(actor=clerk, fingerprint="x")
    with pytest.raises(Refusal, match="moved nothing"):
        ledger.reverse(actor=clerk, operation=nothing, reason="why")
    assert quantity(store, product) == 4


def test_a_reversal_needs_the_right_in_every_store_that_it_touches(store, clerk) -> None:
    booking = ledger.receive(actor=clerk, store=store, lines=[(ProductFactory(), 5)])
    with pytest.raises(NotAllowed):
        ledger.reverse(actor=clerk_of(StoreFactory()), operation=booking.operation, reason="x")


def test_refusals_speak_for_themselves(store) -> None:
    assert str(NotAllowed()) == "You may not do this."
    assert str(NotAllowed(store)) == f"You may not do this in {store}."
