"""A merge moves stock from one name to another; it has seen no shelf, and is no reason to refuse what
comes late.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from products.merging import merge_product
from products.models import Product
from stores import ledger, stocktaking
from stores.models import StockLevel, Store
from stores.refusals import Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of

pytestmark = pytest.mark.django_db


class Shop:
    """Four of a product and ten of its heir, both of which came in long ago."""

    def __init__(self) -> None:
        self.store: Store = StoreFactory()
        self.clerk: Any = clerk_of(self.store)
        self.product: Product = ProductFactory(name="Oat milk, old")
        self.heir: Product = ProductFactory(name="Oat milk")
        lines = [(self.product, 4), (self.heir, 10)]
        ledger.receive(actor=self.clerk, store=self.store, lines=lines)

    def merge(self, product: Product, into: Product) -> None:
        merge_product(product=product, into=into, actor=self.clerk)

    def sell_late(self, product: Product) -> None:
        ledger.sell(
            actor=self.clerk,
            store=self.store,
            lines=[(product, 2)],
            happened_at=timezone.now() - timedelta(hours=1),
        )

    def level(self, product: Product) -> int:
        return StockLevel.objects.get(store=self.store, product=product).quantity


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_the_heir_sold_before_the_merge_is_booked_after_it(shop: Shop) -> None:
    shop.merge(shop.product, shop.heir)
    shop.sell_late(shop.heir)
    assert shop.level(shop.heir) == 12
    call_command("stock_audit")


def test_so_is_what_an_heir_of_an_heir_sold(shop: Shop) -> None:
    last = ProductFactory()
    ledger.receive(actor=shop.clerk, store=shop.store, lines=[(last, 1)])
    shop.merge(shop.product, shop.heir)
    shop.merge(shop.heir, last)
    shop.sell_late(last)
    assert shop.level(last) == 13


def test_an_adjustment_beside_the_merge_is_still_a_reason(shop: Shop) -> None:
    shop.merge(shop.product, shop.heir)
    ledger.adjust(actor=shop.clerk, store=shop.store, lines=[(shop.heir, -2)], reason="missing")
    with pytest.raises(Refusal) as refused:
        shop.sell_late(shop.heir)
    assert refused.value.code == "counted_since"
    assert shop.level(shop.heir) == 12


def test_an_adjustment_that_calls_itself_a_merge_is_one_nevertheless(shop: Shop) -> None:
    shop.merge(shop.product, shop.heir)
    ledger.adjust(
        actor=shop.clerk,
        store=shop.store,
        lines=[(shop.heir, -2)],
        reason="missing",
        reference=f"merge:{shop.product.sku}",
    )
    with pytest.raises(Refusal):
        shop.sell_late(shop.heir)


def test_a_count_of_the_heir_is_still_a_reason(shop: Shop) -> None:
    shop.merge(shop.product, shop.heir)
    stocktake = stocktaking.open_stocktake(actor=shop.clerk, store=shop.store)
    stocktaking.count_product(actor=shop.clerk, stocktake=stocktake, product=shop.heir, counted=12)
    with pytest.raises(Refusal):
        shop.sell_late(shop.heir)


def test_the_merged_one_still_leads_to_its_heir(shop: Shop) -> None:
    shop.merge(shop.product, shop.heir)
    with pytest.raises(Refusal) as refused:
        shop.sell_late(shop.product)
    assert refused.value.code == "product_merged"
