"""Counting and approving."""

import pytest
from django.core.management import call_command

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.models import StockLevel
from stores.refusals import Refusal
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
