"""People who count, approve, sell and merge at the same moment."""

import pytest
from django.core.management import call_command

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.models import StockLevel, StocktakeLine
from tests.factories import ProductFactory, StoreFactory, clerk_of
from tests.stores.api_client import Api
from tests.stores.races import held, outcomes, threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def clerk(store):
    return clerk_of(store)


@pytest.fixture
def product(store, clerk):
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 10)])
    return product


def test_two_overlapping_counts_approved_at_once_post_one_difference(store, clerk, product) -> None:
    takes = [
        stocktaking.open_stocktake(actor=clerk, store=store),
        stocktaking.open_stocktake(actor=clerk, store=store, category=product.category),
    ]
    for take in takes:
        stocktaking.count_product(actor=clerk, stocktake=take, product=product, counted=8)
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            futures = [
                pool.start(stocktaking.approve, actor=clerk, stocktake=take) for take in takes
            ]
            wait_for(2)
        assert outcomes(futures) == ["count_anew", "done"]
    assert StockLevel.objects.get().quantity == 8
    call_command("stock_audit")


@pytest.mark.parametrize("moved", [-3, 3])
def test_what_nobody_counted_is_gone_also_when_it_moves_meanwhile(
    store, clerk, product, moved
) -> None:
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    booking = ledger.sell if moved < 0 else ledger.receive
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            # First in the queue for the level is the booking, then the approval.
            moving = pool.start(booking, actor=clerk, store=store, lines=[(product, abs(moved))])
            wait_for(1)
            approving = pool.start(
                stocktaking.approve, actor=clerk, stocktake=take, uncounted_are_zero=True
            )
            wait_for(2)
        assert outcomes([moving, approving]) == ["done", "done"]
        assert [m.delta for m in approving.result().movements] == [-10 - moved]
    assert StockLevel.objects.get().quantity == 0
    call_command("stock_audit")


def test_a_product_is_not_counted_while_it_is_merged_away(store, clerk, product) -> None:
    heir = ProductFactory()
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    with threads() as pool:
        # The merge holds both products already and waits for the level.
        with held(StockLevel.objects.get()) as wait_for:
            merging = pool.start(merge_product, product=product, into=heir, actor=clerk)
            wait_for(1)
            counting = pool.start(
                stocktaking.count_product, actor=clerk, stocktake=take, product=product, counted=1
            )
            wait_for(2)
        assert merging.exception(timeout=30) is None
        assert outcomes([counting]) == ["product_merged"]
    assert not StocktakeLine.objects.exists()


def test_who_counts_while_the_stocktake_is_approved_is_told(store, clerk, product) -> None:
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    stocktaking.count_product(actor=clerk, stocktake=take, product=product, counted=9)
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            approving = pool.start(stocktaking.approve, actor=clerk, stocktake=take)
            wait_for(1)
            counting = pool.start(
                stocktaking.count_product, actor=clerk, stocktake=take, product=product, counted=1
            )
            wait_for(2)
        assert outcomes([approving]) == ["done"]
        assert outcomes([counting]) == ["stocktake_closed"]
    assert StockLevel.objects.get().quantity == 9


def test_approving_twice_at_once_posts_once(store, clerk, product) -> None:
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    stocktaking.count_product(actor=clerk, stocktake=take, product=product, counted=9)
    with threads() as pool:
        with held(take) as wait_for:
            futures = [
                pool.start(stocktaking.approve, actor=clerk, stocktake=take) for _ in range(3)
            ]
            wait_for(3)
        assert outcomes(futures) == ["done", "stocktake_closed", "stocktake_closed"]
    assert StockLevel.objects.get().quantity == 9


def test_two_people_count_two_shelves_at_once(store, clerk, product) -> None:
    other = clerk_of(store)
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    with threads() as pool:
        with held(take) as wait_for:
            futures = [
                pool.start(
                    stocktaking.count_product,
                    actor=actor, stocktake=take, product=product, counted=n, idempotency_key="1",
                )
                for actor, n in ((clerk, 4), (other, 5), (clerk, 4))
            ]  # fmt: skip
            wait_for(3)
        assert outcomes(futures) == ["done"] * 3
    assert sorted(take.lines.values_list("counted", flat=True)) == [4, 5]
    stocktaking.approve(actor=clerk, stocktake=take)
    assert StockLevel.objects.get().quantity == 9


def test_a_store_is_opened_for_counting_once(store, clerk) -> None:
    with threads() as pool:
        futures = [
            pool.start(stocktaking.open_stocktake, actor=clerk, store=store) for _ in range(4)
        ]
        assert outcomes(futures) == ["counted_already"] * 3 + ["done"]


def test_a_count_that_is_sent_twice_at_once_is_one_line(store, clerk, product) -> None:
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    data = {"sku": product.sku, "counted": 4}
    with threads() as pool:
        with held(take) as wait_for:
            sent = [
                pool.start(Api(clerk).post, path=f"stocktakes/{take.pk}/lines/", data=data, key="k")
                for _ in range(3)
            ]
            wait_for(3)
        answers = [each.result(timeout=30) for each in sent]
    assert sorted(each.status_code for each in answers) == [200, 200, 201]
    assert len({each.json()["id"] for each in answers}) == 1
    assert StocktakeLine.objects.count() == 1


def test_a_transfer_that_is_sent_twice_at_once_goes_once(store, clerk, product) -> None:
    data = {
        "source": store.code, "destination": StoreFactory().code,
        "lines": [{"sku": product.sku, "quantity": 2}],
    }  # fmt: skip
    with threads() as pool:
        with held(StockLevel.objects.get()) as wait_for:
            sent = [
                pool.start(Api(clerk).post, path="transfers/", data=data, key="k") for _ in range(3)
            ]
            wait_for(3)
        answers = [each.result(timeout=30) for each in sent]
    assert sorted(each.status_code for each in answers) == [200, 200, 201]
    assert len({each.json()["id"] for each in answers}) == 1
    assert StockLevel.objects.get().quantity == 8
