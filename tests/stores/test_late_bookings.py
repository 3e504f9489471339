"""What happened without a connection is booked when it is back, unless a count has seen it already."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from products.models import Product
from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement, Stocktake, Store
from stores.refusals import Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of
from tests.stores.races import held, outcomes, threads

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Shop:
    """Ten of a product, which came in two hours ago for all that counts."""

    def __init__(self) -> None:
        self.store: Store = StoreFactory()
        self.other: Store = StoreFactory()
        self.clerk = clerk_of(self.store, self.other)
        self.product: Product = ProductFactory(name="Oat milk")
        ledger.receive(actor=self.clerk, store=self.store, lines=[(self.product, 10)])

    @property
    def level(self) -> int:
        return StockLevel.objects.get(store=self.store, product=self.product).quantity

    def sell(self, *, ago: timedelta | None, key: str = "") -> ledger.Booking:
        return ledger.sell(
            actor=self.clerk,
            store=self.store,
            lines=[(self.product, 2)],
            idempotency_key=key,
            happened_at=timezone.now() - ago if ago else None,
        )

    def count(self, counted: int, *, ago: timedelta = timedelta()) -> Stocktake:
        stocktake = stocktaking.open_stocktake(actor=self.clerk, store=self.store)
        stocktaking.count_product(
            actor=self.clerk,
            stocktake=stocktake,
            product=self.product,
            counted=counted,
            counted_at=timezone.now() - ago,
        )
        return stocktake


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_it_is_booked_and_says_when_it_happened(shop: Shop) -> None:
    operation = shop.sell(ago=HOUR).operation
    assert shop.level == 8
    assert operation.moment == operation.happened_at
    assert operation.created_at - operation.moment >= HOUR
    call_command("stock_audit")


def test_the_repeat_of_a_first_try_is_the_same_booking(shop: Shop) -> None:
    """The first try did not know yet that it would have to wait."""
    first = shop.sell(ago=None, key="k")
    again = shop.sell(ago=HOUR, key="k")
    assert again.repeated
    assert again.movements == first.movements
    assert shop.level == 8


def test_a_repeat_is_answered_although_it_was_counted_since(shop: Shop) -> None:
    shop.sell(ago=None, key="k")
    shop.count(8)
    assert shop.sell(ago=HOUR, key="k").repeated


def test_a_count_that_came_after_has_seen_it(shop: Shop) -> None:
    """Two went out, then eight were counted: booked now, the count would take two more away."""
    stocktake = shop.count(8)
    with pytest.raises(Refusal, match="was counted at") as refused:
        shop.sell(ago=HOUR)
    assert refused.value.code == "counted_since"
    stocktaking.approve(actor=shop.clerk, stocktake=stocktake)
    with pytest.raises(Refusal, match="was counted at"):
        shop.sell(ago=HOUR)
    assert shop.level == 8


def test_a_count_that_came_before_has_not(shop: Shop) -> None:
    stocktake = shop.count(10, ago=2 * HOUR)
    shop.sell(ago=HOUR)
    stocktaking.approve(actor=shop.clerk, stocktake=stocktake)
    assert shop.level == 8
    shop.sell(ago=HOUR)
    assert shop.level == 6
    call_command("stock_audit")


def test_a_cancelled_or_replaced_count_does_not_matter(shop: Shop) -> None:
    stocktake = shop.count(8)
    stocktaking.drop_line(actor=shop.clerk, line=stocktake.lines.get())
    shop.sell(ago=HOUR)
    stocktaking.count_product(
        actor=shop.clerk, stocktake=stocktake, product=shop.product, counted=8
    )
    stocktaking.cancel(actor=shop.clerk, stocktake=stocktake)
    shop.sell(ago=HOUR)
    assert shop.level == 6


def test_what_was_put_right_since_is_refused(shop: Shop) -> None:
    shop.sell(ago=HOUR)
    ledger.adjust(actor=shop.clerk, store=shop.store, lines=[(shop.product, -1)], reason="missing")
    with pytest.raises(Refusal, match="was corrected at"):
        shop.sell(ago=HOUR)


def test_what_was_taken_for_gone_since_is_refused(shop: Shop) -> None:
    stocktake = stocktaking.open_stocktake(actor=shop.clerk, store=shop.store)
    stocktaking.approve(actor=shop.clerk, stocktake=stocktake, uncounted_are_zero=True)
    with pytest.raises(Refusal, match="was corrected at"):
        ledger.receive(
            actor=shop.clerk,
            store=shop.store,
            lines=[(shop.product, 3)],
            happened_at=timezone.now() - HOUR,
        )
    assert shop.level == 0


def test_a_count_of_another_store_or_product_does_not_matter(shop: Shop) -> None:
    elsewhere = stocktaking.open_stocktake(actor=shop.clerk, store=shop.other)
    stocktaking.count_product(
        actor=shop.clerk, stocktake=elsewhere, product=shop.product, counted=0
    )
    here = stocktaking.open_stocktake(actor=shop.clerk, store=shop.store)
    stocktaking.count_product(actor=shop.clerk, stocktake=here, product=ProductFactory(), counted=0)
    shop.sell(ago=HOUR)
    assert shop.level == 8


@pytest.mark.parametrize("what", ["receive", "adjust", "dispatch", "arrive", "return"])
def test_every_booking_asks(shop: Shop, what: str) -> None:
    common: dict[str, Any] = {"actor": shop.clerk, "happened_at": timezone.now() - HOUR}
    lines = [(shop.product, 1)]
    way = {"source": shop.other, "destination": shop.store}
    ledger.receive(actor=shop.clerk, store=shop.other, lines=[(shop.product, 5)])
    arriving = ledger.dispatch_transfer(actor=shop.clerk, lines=lines, **way)
    leaving = ledger.dispatch_transfer(
        actor=shop.clerk, source=shop.store, destination=shop.other, lines=lines
    )
    shop.count(8)
    before = StockMovement.objects.count()
    bookings = {
        "receive": partial(ledger.receive, store=shop.store, lines=lines),
        "adjust": partial(ledger.adjust, store=shop.store, lines=lines, reason="found"),
        "dispatch": partial(
            ledger.dispatch_transfer, source=shop.store, destination=shop.other, lines=lines
        ),
        "arrive": partial(ledger.receive_transfer, transfer=arriving, lines=lines),
        "return": partial(ledger.return_transfer, transfer=leaving, reason="not needed"),
    }
    with pytest.raises(Refusal) as refused:
        bookings[what](**common)
    assert refused.value.code == "counted_since"
    assert StockMovement.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_a_count_that_is_entered_at_the_same_moment_includes_it_or_refuses_it() -> None:
    """The count waits for the late booking, which waits for another one: then it expects eight."""
    shop = Shop()
    stocktake = stocktaking.open_stocktake(actor=shop.clerk, store=shop.store)

    def count() -> Any:
        return stocktaking.count_product(
            actor=shop.clerk, stocktake=stocktake, product=shop.product, counted=8
        )

    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            late = pool.start(shop.sell, ago=HOUR)
            wait_for(1)
            counting = pool.start(count)
            wait_for(2)
        assert outcomes([late, counting]) == ["done", "done"]
    assert stocktake.lines.get().expected == 8
    stocktaking.approve(actor=shop.clerk, stocktake=stocktake)
    assert shop.level == 8
