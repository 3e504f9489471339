"""Counting and approving."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.models import StockLevel
from stores.refusals import KeyReused, NotAllowed, Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of

pytestmark = pytest.mark.django_db


def test_a_sale_between_count_and_approval_stays_true() -> None:
    store, product = StoreFactory(), ProductFactory()
    clerk = clerk_of(store)
    ledger.receive(actor=clerk, store=store, lines=[(product, 10)])
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store)
    stocktaking.count_product(
        actor=clerk, stocktake=stocktake, product=product, counted=8, evidence="sighting:x"
    )
    ledger.sell(actor=clerk, store=store, lines=[(product, 3)])
    booking = stocktaking.approve(actor=clerk, stocktake=stocktake)
    assert [(m.delta, m.evidence) for m in booking.movements] == [(-2, "sighting:x")]
    assert StockLevel.objects.get().quantity == 5
    call_command("stock_audit")


def test_two_places_add_up_and_movement_between_them_asks_for_a_new_count() -> None:
    store, product = StoreFactory(), ProductFactory()
    clerk = clerk_of(store)
    ledger.receive(actor=clerk, store=store, lines=[(product, 10)])
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store)
    for n in (4, 5):
        stocktaking.count_product(actor=clerk, stocktake=stocktake, product=product, counted=n)
    assert stocktaking.review(stocktake).differences[0].delta == -1
    ledger.sell(actor=clerk, store=store, lines=[(product, 1)])
    stocktaking.count_product(actor=clerk, stocktake=stocktake, product=product, counted=1)
    with pytest.raises(Refusal, match="count all of it anew"):
        stocktaking.approve(actor=clerk, stocktake=stocktake)
    stocktaking.count_product(
        actor=clerk, stocktake=stocktake, product=product, counted=9, replace=True
    )
    stocktaking.approve(actor=clerk, stocktake=stocktake)
    assert StockLevel.objects.get().quantity == 9


def test_a_merge_takes_the_stock_along() -> None:
    store, product, heir = StoreFactory(), ProductFactory(), ProductFactory()
    clerk = clerk_of(store)
    ledger.receive(actor=clerk, store=store, lines=[(product, 4), (heir, 1)])
    merge_product(product=product, into=heir, actor=clerk)
    levels = dict(StockLevel.objects.values_list("product__sku", "quantity"))
    assert levels == {product.sku: 0, heir.sku: 5}
    with pytest.raises(Refusal, match="merged into"):
        ledger.receive(actor=clerk, store=store, lines=[(product, 4)])
    call_command("stock_audit")


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


@pytest.fixture
def take(store, clerk):
    return stocktaking.open_stocktake(actor=clerk, store=store)


def count(clerk, take, product, counted, **more):
    return stocktaking.count_product(
        actor=clerk, stocktake=take, product=product, counted=counted, **more
    )


def level(store, product) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


def test_one_draft_per_store_and_category(store, clerk, product, take) -> None:
    stocktaking.open_stocktake(actor=clerk, store=store, category=product.category)
    for category in (None, product.category):
        with pytest.raises(Refusal, match="already"):
            stocktaking.open_stocktake(actor=clerk, store=store, category=category)


def test_only_what_belongs_to_the_category(store, clerk, product) -> None:
    take = stocktaking.open_stocktake(actor=clerk, store=store, category=product.category)
    count(clerk, take, product, 9)
    other = ProductFactory(category_path="Elsewhere")
    with pytest.raises(Refusal, match="does not belong to"):
        count(clerk, take, other, 1)


def test_what_was_never_there_may_be_counted(store, clerk, take) -> None:
    product = ProductFactory()
    line = count(clerk, take, product, 3)
    assert (line.expected, line.last_movement) == (0, 0)
    stocktaking.approve(actor=clerk, stocktake=take)
    assert level(store, product) == 3
    call_command("stock_audit")


def test_a_count_that_agrees_posts_nothing(store, clerk, product, take) -> None:
    count(clerk, take, product, 10)
    booking = stocktaking.approve(actor=clerk, stocktake=take)
    assert booking.movements == []
    assert booking.operation.stocktake == take
    call_command("stock_audit")


@pytest.mark.parametrize("n", [-1, 1_000_001])
def test_numbers_that_cannot_be(clerk, product, take, n) -> None:
    with pytest.raises(Refusal, match="0 to 1000000"):
        count(clerk, take, product, n)


@pytest.mark.parametrize("text", ["x" * 201, "a\0b"])
def test_texts_that_cannot_be(clerk, product, take, text) -> None:
    for name in ("evidence", "idempotency_key"):
        with pytest.raises(Refusal):
            count(clerk, take, product, 1, **{name: text})


def test_a_line_sent_twice_is_one_line_also_after_the_approval(store, clerk, product, take) -> None:
    first = count(clerk, take, product, 9, idempotency_key="1")
    assert count(clerk, take, product, 9, idempotency_key="1") == first
    with pytest.raises(KeyReused):
        count(clerk, take, product, 8, idempotency_key="1")
    with pytest.raises(KeyReused):
        count(clerk, take, product, 9, replace=True, idempotency_key="1")
    stocktaking.approve(actor=clerk, stocktake=take)
    assert count(clerk, take, product, 9, idempotency_key="1") == first
    with pytest.raises(Refusal, match="closed: approved"):
        count(clerk, take, product, 9, idempotency_key="2")


def test_a_dropped_line_does_not_count(store, clerk, product, take) -> None:
    line = count(clerk, take, product, 1)
    stocktaking.drop_line(actor=clerk, line=line)
    with pytest.raises(Refusal, match="Nothing was counted"):
        stocktaking.approve(actor=clerk, stocktake=take)
    assert [each.product for each in stocktaking.review(take).uncounted] == [product]


def test_more_went_out_than_was_counted(store, clerk, product, take) -> None:
    count(clerk, take, product, 2)
    ledger.sell(actor=clerk, store=store, lines=[(product, 5)])
    assert stocktaking.review(take).differences[0].moved_since == -5
    with pytest.raises(Refusal, match="Count it anew") as refused:
        stocktaking.approve(actor=clerk, stocktake=take)
    assert refused.value.code == "count_anew"
    take.refresh_from_db()
    assert take.state == "draft"


def test_what_nobody_counted_is_left_or_gone_as_asked(store, clerk, product, take) -> None:
    other = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(other, 4)])
    count(clerk, take, product, 9)
    stocktaking.approve(actor=clerk, stocktake=take)
    assert (level(store, product), level(store, other)) == (9, 4)
    second = stocktaking.open_stocktake(actor=clerk, store=store)
    count(clerk, second, product, 9)
    stocktaking.approve(actor=clerk, stocktake=second, uncounted_are_zero=True)
    assert (level(store, product), level(store, other)) == (9, 0)
    call_command("stock_audit")


def test_a_transfer_between_count_and_approval_stays_true(store, clerk, product, take) -> None:
    other = StoreFactory()
    boss = clerk_of(store, other)
    count(clerk, take, product, 8)
    transfer = ledger.dispatch_transfer(
        actor=boss, source=store, destination=other, lines=[(product, 3)]
    )
    ledger.return_transfer(actor=boss, transfer=transfer, reason="wrong shop")
    ledger.receive(actor=clerk, store=store, lines=[(product, 1)])
    stocktaking.approve(actor=clerk, stocktake=take)
    assert level(store, product) == 9


@pytest.mark.parametrize("what", ["count", "adjust", "reverse"])
def test_a_level_that_was_put_right_meanwhile_is_not_put_right_twice(
    store, clerk, product, take, what
) -> None:
    twice = ledger.receive(actor=clerk, store=store, lines=[(product, 2)])
    count(clerk, take, product, 10)
    if what == "count":
        other = stocktaking.open_stocktake(actor=clerk, store=store, category=product.category)
        count(clerk, other, product, 10)
        stocktaking.approve(actor=clerk, stocktake=other)
    elif what == "adjust":
        ledger.adjust(actor=clerk, store=store, lines=[(product, -2)], reason="2 are not there")
    else:
        ledger.reverse(actor=clerk, operation=twice.operation, reason="typed twice")
    with pytest.raises(Refusal, match="count it anew"):
        stocktaking.approve(actor=clerk, stocktake=take)
    count(clerk, take, product, 10, replace=True)
    stocktaking.approve(actor=clerk, stocktake=take)
    assert level(store, product) == 10


def test_a_sale_that_was_taken_back_since_is_no_trouble(store, clerk, product, take) -> None:
    count(clerk, take, product, 9)
    sale = ledger.sell(actor=clerk, store=store, lines=[(product, 2)])
    ledger.reverse(actor=clerk, operation=sale.operation, reason="brought back")
    stocktaking.approve(actor=clerk, stocktake=take)
    assert level(store, product) == 9


def test_what_is_being_counted_is_not_merged_away(store, clerk, product, take) -> None:
    line = count(clerk, take, product, 9)
    with pytest.raises(Refusal, match="being counted"):
        merge_product(product=product, into=ProductFactory(), actor=clerk)
    stocktaking.drop_line(actor=clerk, line=line)
    heir = ProductFactory()
    merge_product(product=product, into=heir, actor=clerk)
    with pytest.raises(Refusal, match="count that"):
        count(clerk, take, product, 1)
    count(clerk, take, heir, 10)
    stocktaking.approve(actor=clerk, stocktake=take)


def test_lines_of_a_product_merged_by_sql_are_named(store, clerk, product, take) -> None:
    heir = ProductFactory()
    count(clerk, take, product, 9)
    type(product).objects.filter(pk=product.pk).update(merged_into=heir)
    with pytest.raises(Refusal, match="drop the line and count that"):
        stocktaking.approve(actor=clerk, stocktake=take)


def test_a_cancelled_stocktake_posts_nothing_and_is_over(store, clerk, product, take) -> None:
    count(clerk, take, product, 1)
    stocktaking.cancel(actor=clerk, stocktake=take)
    assert level(store, product) == 10
    for use_case in (stocktaking.cancel, stocktaking.approve):
        with pytest.raises(Refusal, match="closed: cancelled"):
            use_case(actor=clerk, stocktake=take)
    with pytest.raises(Refusal):
        stocktaking.drop_line(actor=clerk, line=take.lines.get())
    assert stocktaking.open_stocktake(actor=clerk, store=store) != take


def test_only_in_own_stores(store, product, take) -> None:
    stranger = clerk_of(StoreFactory())
    for use_case in (
        lambda: stocktaking.open_stocktake(actor=stranger, store=store),
        lambda: count(stranger, take, product, 1),
        lambda: stocktaking.approve(actor=stranger, stocktake=take),
        lambda: stocktaking.cancel(actor=stranger, stocktake=take),
    ):
        with pytest.raises(NotAllowed):
            use_case()


@pytest.mark.parametrize("n", [10, 100])
def test_a_review_takes_as_many_queries_for_many(store, clerk, take, n) -> None:
    products = ProductFactory.create_batch(n)
    ledger.receive(actor=clerk, store=store, lines=[(each, 5) for each in products])
    for product in products[: n // 2]:
        count(clerk, take, product, 4)
    ledger.sell(actor=clerk, store=store, lines=[(each, 1) for each in products])
    with CaptureQueriesContext(connection) as queries:
        result = stocktaking.review(take)
    assert (len(result.differences), len(result.uncounted), len(queries)) == (n // 2, n // 2, 3)
    with CaptureQueriesContext(connection) as queries:
        stocktaking.approve(actor=clerk, stocktake=take, uncounted_are_zero=True)
    assert len(queries) <= 24, "\n".join(each["sql"][:120] for each in queries)


def test_a_merge_is_taken_back_by_nobody_and_moves_nothing_that_is_not_there(store, clerk) -> None:
    product, heir = ProductFactory(), ProductFactory()
    merge_product(product=product, into=heir, actor=clerk)
    assert not StockLevel.objects.exists()
    call_command("stock_audit")
