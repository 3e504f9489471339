"""Requests that meet: one key twice, one transfer, one reversal, one level that is not there yet."""

import time

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from api.retrying import retry_when_lost
from products.merging import merge_product
from stores import ledger
from stores.low_stock import flag_low_stock, set_reorder_point
from stores.models import StockLevel, StockMovement, StockOperation, Store, Transfer
from tests.factories import ProductFactory, StoreFactory, clerk_of
from tests.stores.failures import deadlocks
from tests.stores.races import held, outcomes, session, threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def other():
    return StoreFactory()


@pytest.fixture
def clerk(store, other):
    return clerk_of(store, other)


@pytest.fixture
def product(store, clerk):
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 10)])
    return product


def quantity(store, product) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


def test_one_key_in_parallel_is_booked_once(store, clerk, product) -> None:
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            futures = [
                pool.start(
                    ledger.sell,
                    actor=clerk, store=store, lines=[(product, 4)], idempotency_key="k",
                )
                for _ in range(4)
            ]  # fmt: skip
            wait_for(4)
        bookings = [future.result(timeout=30) for future in futures]
    assert sorted(booking.repeated for booking in bookings) == [False, True, True, True]
    assert {tuple(booking.movements) for booking in bookings} == {tuple(bookings[0].movements)}
    assert quantity(store, product) == 6


def test_a_key_whose_first_request_failed_is_free_for_the_one_that_waited(
    store, clerk, product
) -> None:
    def booked_and_given_up() -> None:
        with transaction.atomic():
            ledger.sell(actor=clerk, store=store, lines=[(product, 4)], idempotency_key="k")
            raise RuntimeError

    def sell() -> ledger.Booking:
        return ledger.sell(actor=clerk, store=store, lines=[(product, 4)], idempotency_key="k")

    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            first = pool.start(booked_and_given_up)
            wait_for(1)
            second = pool.start(sell)
            wait_for(2)
        assert outcomes([first]) == ["RuntimeError"]
        assert not second.result(timeout=30).repeated
    assert sell().repeated
    assert quantity(store, product) == 6


def test_one_key_in_parallel_dispatches_one_transfer(store, other, clerk, product) -> None:
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            futures = [
                pool.start(
                    ledger.dispatch_transfer,
                    actor=clerk, source=store, destination=other, lines=[(product, 4)],
                    idempotency_key="k",
                )
                for _ in range(3)
            ]  # fmt: skip
            wait_for(3)
        transfers = {future.result(timeout=30) for future in futures}
    assert transfers == {Transfer.objects.get()}
    assert quantity(store, product) == 6


def test_two_people_take_in_one_transfer(store, other, clerk, product) -> None:
    transfer = ledger.dispatch_transfer(
        actor=clerk, source=store, destination=other, lines=[(product, 6)]
    )
    with threads() as pool:
        with held(transfer) as wait_for:
            futures = [
                pool.start(
                    ledger.receive_transfer, actor=clerk, transfer=transfer, lines=[(product, 6)]
                )
                for _ in range(2)
            ]
            wait_for(2)
        assert outcomes(futures) == ["done", "transfer_over"]
    assert quantity(other, product) == 6
    call_command("stock_audit")


def test_a_transfer_is_received_or_returned_but_not_both(store, other, clerk, product) -> None:
    transfer = ledger.dispatch_transfer(
        actor=clerk, source=store, destination=other, lines=[(product, 6)]
    )
    with threads() as pool:
        with held(transfer) as wait_for:
            futures = [
                pool.start(
                    ledger.receive_transfer, actor=clerk, transfer=transfer, lines=[(product, 6)]
                ),
                pool.start(
                    ledger.return_transfer, actor=clerk, transfer=transfer, reason="wrong shop"
                ),
            ]
            wait_for(2)
        assert outcomes(futures) == ["done", "transfer_over"]
    assert sum(StockLevel.objects.values_list("quantity", flat=True)) == 10
    call_command("stock_audit")


def test_an_operation_is_taken_back_once_also_at_once(store, clerk, product) -> None:
    operation = StockOperation.objects.get()
    with threads() as pool:
        with held(operation.movements.get()) as wait_for:
            futures = [
                pool.start(ledger.reverse, actor=clerk, operation=operation, reason="twice")
                for _ in range(2)
            ]
            wait_for(2)
        assert outcomes(futures) == ["done", "reversed_already"]
    assert quantity(store, product) == 0


def test_the_last_piece_is_sold_once(store, clerk) -> None:
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 1)])
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            futures = [
                pool.start(ledger.sell, actor=clerk, store=store, lines=[(product, 1)])
                for _ in range(4)
            ]
            wait_for(4)
        assert outcomes(futures) == ["done"] + ["not_enough_stock"] * 3


def test_levels_that_are_not_there_yet_are_made_once(store, clerk) -> None:
    products = [ProductFactory() for _ in range(6)]
    with threads() as pool:
        futures = [
            pool.start(
                ledger.receive,
                actor=clerk, store=store, lines=[(p, 1) for p in products[:: (-1) ** n]],
            )
            for n in range(8)
        ]  # fmt: skip
        assert outcomes(futures) == ["done"] * 8
    assert list(StockLevel.objects.values_list("quantity", flat=True)) == [8] * 6


def test_what_is_merged_meanwhile_is_not_booked(store, clerk, product) -> None:
    heir = ProductFactory()
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            merging = pool.start(merge_product, product=product, into=heir, actor=clerk)
            wait_for(1)
            booking = pool.start(ledger.sell, actor=clerk, store=store, lines=[(product, 1)])
            wait_for(2)
        assert merging.exception(timeout=30) is None
        assert outcomes([booking]) == ["product_merged"]
    assert quantity(store, heir) == 10
    call_command("stock_audit")


def test_a_reorder_point_and_a_merge_do_not_wait_for_each_other(other, clerk) -> None:
    heir, late = ProductFactory(), ProductFactory()
    ledger.receive(actor=clerk, store=other, lines=[(late, 10)])
    with threads() as pool:
        # The merge holds the heir, waits for the other product and will want the level that the
        # reorder point is about to make.
        with held(late) as wait_for:
            merging = pool.start(merge_product, product=late, into=heir, actor=clerk)
            wait_for(1)
            setting = pool.start(
                set_reorder_point, actor=clerk, store=other, product=heir, reorder_point=3
            )
            wait_for(2)
        before = deadlocks()
        assert outcomes([merging, setting]) == ["done", "done"]
    assert deadlocks() == before
    level = StockLevel.objects.get(product=heir)
    assert (level.quantity, level.reorder_point) == (10, 3)


def test_a_reorder_point_is_not_set_on_what_is_merged_away(store, clerk, product) -> None:
    heir = ProductFactory()
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            merging = pool.start(merge_product, product=product, into=heir, actor=clerk)
            wait_for(1)
            setting = pool.start(
                set_reorder_point, actor=clerk, store=store, product=product, reorder_point=3
            )
            wait_for(2)
        assert outcomes([merging]) == ["done"]
        assert outcomes([setting]) == ["product_merged"]


def test_a_reorder_point_never_overwrites_a_sale(store, clerk, product) -> None:
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            selling = pool.start(ledger.sell, actor=clerk, store=store, lines=[(product, 4)])
            wait_for(1)
            setting = pool.start(
                set_reorder_point, actor=clerk, store=store, product=product, reorder_point=3
            )
            wait_for(2)
        assert outcomes([selling, setting]) == ["done", "done"]
    level = StockLevel.objects.get()
    assert (level.quantity, level.reorder_point) == (6, 3)


def test_parallel_flagging_flags_once(store, clerk, product) -> None:
    set_reorder_point(actor=clerk, store=store, product=product, reorder_point=10)
    with threads() as pool:
        futures = [pool.start(flag_low_stock) for _ in range(8)]
        found = [future.result(timeout=30) for future in futures]
    assert sorted(map(len, found)) == [0] * 7 + [1]


def test_flagging_does_not_wait_for_a_level_that_is_being_booked(store, clerk, product) -> None:
    set_reorder_point(actor=clerk, store=store, product=product, reorder_point=10)
    with held(StockLevel.objects.get()):
        assert flag_low_stock() == []
    assert len(flag_low_stock()) == 1


def test_a_store_that_closed_meanwhile_takes_no_goods(store, other, clerk, product) -> None:
    Store.objects.filter(pk=other.pk).update(is_active=False)
    assert other.is_active  # as the request that loaded it a moment ago still believes
    with pytest.raises(ledger.Refusal, match="closed"):
        ledger.receive(actor=clerk, store=other, lines=[(product, 1)])
    with pytest.raises(ledger.Refusal, match="closed"):
        ledger.dispatch_transfer(actor=clerk, source=store, destination=other, lines=[(product, 1)])
    assert not Transfer.objects.exists()


def test_the_loser_of_a_deadlock_is_run_again_by_whoever_holds_the_transaction(
    store, clerk, product
) -> None:
    second = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(second, 10)])

    @retry_when_lost
    def both(first, then) -> None:
        with transaction.atomic():
            ledger.sell(actor=clerk, store=store, lines=[(first, 1)])
            time.sleep(0.3)
            ledger.sell(actor=clerk, store=store, lines=[(then, 1)])

    before = deadlocks()
    with threads() as pool:
        futures = [
            pool.start(both, first=product, then=second),
            pool.start(both, first=second, then=product),
        ]
        assert outcomes(futures) == ["done", "done"]
    assert deadlocks() == before + 1
    assert set(StockLevel.objects.values_list("quantity", flat=True)) == {8}
    call_command("stock_audit")


def test_a_lost_connection_is_not_run_again_blindly(store, clerk, product) -> None:
    """It may have been booked: that only the key can tell, and it is the caller's."""
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            selling = pool.start(
                ledger.sell, actor=clerk, store=store, lines=[(product, 4)], idempotency_key="k"
            )
            wait_for(1)
            with session() as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
        assert outcomes([selling]) == [OperationalError.__name__]
    assert quantity(store, product) == 10
    ledger.sell(actor=clerk, store=store, lines=[(product, 4)], idempotency_key="k")
    assert quantity(store, product) == 6
    assert StockMovement.objects.count() == 2
