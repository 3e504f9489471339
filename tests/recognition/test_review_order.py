"""The review of a count shows first what is worth looking at first."""

import re
from decimal import Decimal
from typing import Any

import pytest

from recognition.counting.reviewing import state_of
from recognition.counting.views import review as pages
from stores import ledger, stocktaking
from stores.models import Stocktake
from tests.factories import ProductFactory, StoreFactory, person, with_stock

pytestmark = pytest.mark.django_db


class Count:
    """A count of a store that should hold ten of everything."""

    def __init__(self, client: Any) -> None:
        self.client, self.store = client, StoreFactory(code="center")
        self.clerk = person("Store clerk", self.store, is_staff=False)
        client.force_login(self.clerk)
        self.stocktake: Stocktake = stocktaking.open_stocktake(actor=self.clerk, store=self.store)

    def expect(self, sku: str, price: str | None, quantity: int = 10) -> Any:
        product = ProductFactory(sku=sku, name=f"Name {sku}", price=price)
        with_stock(self.store, product, quantity)
        return product

    def find(self, sku: str, price: str | None, counted: int) -> None:
        product = self.expect(sku, price)
        stocktaking.count_product(
            actor=self.clerk, stocktake=self.stocktake, product=product, counted=counted
        )

    def listed(self, part: str = "difference", **query: str) -> list[str]:
        answer = self.client.get(f"/stock/center/counts/{self.stocktake.pk}/review/", query)
        html = answer.content.decode()
        return re.findall(rf'data-testid="{part}"\s+data-sku="([^"]+)"', html)


@pytest.fixture
def count(client: Any) -> Count:
    return Count(client)


def test_the_largest_value_comes_first_then_the_largest_quantity_then_the_sku(
    count: Count,
) -> None:
    count.find("A-right", "99.00", 10)
    count.find("B-two-of-1", "1.00", 8)
    count.find("C-two-of-1", "1.00", 12)
    count.find("D-one-of-30", "30.00", 11)
    count.find("E-nine-of-5", "5.00", 1)
    count.find("F-priceless", None, 3)
    count.find("G-four-of-0.50", "0.50", 6)
    assert count.listed() == [
        "E-nine-of-5", "D-one-of-30", "G-four-of-0.50", "B-two-of-1", "C-two-of-1", "F-priceless",
        "A-right",
    ]  # fmt: skip
    assert count.listed(only="differences") == count.listed()[:-1]


def test_the_order_goes_on_over_the_pages(count: Count, monkeypatch: Any) -> None:
    monkeypatch.setattr(pages, "_ROWS", 2)
    for n, sku in enumerate("ABCDE"):
        count.find(sku, "2.00", 9 - n)
    assert [count.listed(page=str(page)) for page in (1, 2, 3)] == [["E", "D"], ["C", "B"], ["A"]]


def test_what_must_be_counted_anew_is_sorted_too(count: Count) -> None:
    for n, sku in enumerate("ABC"):
        count.find(sku, "2.00", 9 - n)
    products = [each.product for each in stocktaking.review(count.stocktake).differences]
    lines = [(product, 1) for product in products]
    ledger.adjust(actor=count.clerk, store=count.store, lines=lines, reason="found")
    assert len(stocktaking.review(count.stocktake).troubles) == 3
    assert count.listed() == ["C", "B", "A"]


def test_what_nobody_counted_is_sorted_by_what_is_missing(count: Count, monkeypatch: Any) -> None:
    count.expect("A-ten-of-1", "1.00")
    count.expect("B-priceless", None, 40)
    count.expect("C-ten-of-9", "9.00")
    count.expect("D-twenty-of-0.50", "0.50", 20)
    count.expect("E-priceless", None, 40)
    count.expect("F-priceless", None, 50)
    expected = [
        "C-ten-of-9", "D-twenty-of-0.50", "A-ten-of-1", "F-priceless", "B-priceless", "E-priceless",
    ]  # fmt: skip
    assert count.listed("uncounted-row") == expected
    # Of a long list the page shows the beginning, which is the dearest.
    monkeypatch.setattr(pages, "_UNCOUNTED_SHOWN", 2)
    assert count.listed("uncounted-row") == expected[:2]


def test_a_new_price_is_no_reason_to_look_again(count: Count) -> None:
    """It changes the order, but nothing of what is posted."""
    count.find("A", "1.00", 8)
    count.find("B", "2.00", 8)
    before = stocktaking.review(count.stocktake)
    product = before.differences[-1].product
    product.price = Decimal("50.00")
    product.save()
    after = stocktaking.review(count.stocktake)
    assert [each.product.sku for each in before.differences] == ["B", "A"]
    assert [each.product.sku for each in after.differences] == ["A", "B"]
    assert state_of(before, uncounted_are_zero=True) == state_of(after, uncounted_are_zero=True)
