"""A count in which nothing was counted cannot be approved, and is not offered to be."""

import re
from typing import Any

import pytest

from stores import stocktaking
from stores.models import StockLevel, Stocktake, Store
from tests.factories import ProductFactory, StoreFactory, person, with_stock

pytestmark = pytest.mark.django_db

NOTHING = 'data-testid="nothing-counted"'
APPROVE = 'data-testid="approve"'
NOW = 'data-testid="approve-now"'


@pytest.fixture
def store() -> Store:
    return StoreFactory(code="center")


@pytest.fixture
def clerk(client: Any, store: Store) -> Any:
    clerk = person("Store clerk", store, is_staff=False)
    client.force_login(clerk)
    return clerk


@pytest.fixture
def empty(store: Store, clerk: Any) -> Stocktake:
    with_stock(store, ProductFactory(sku="P1"), 10)
    return stocktaking.open_stocktake(actor=clerk, store=store)


def page(client: Any, stocktake: Stocktake, path: str, **query: str) -> str:
    answer = client.get(f"/stock/center/counts/{stocktake.pk}/{path}/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_review_says_why_and_leads_on(client: Any, empty: Stocktake) -> None:
    html = page(client, empty, "review")
    assert NOTHING in html
    assert "nothing to approve" in html
    assert APPROVE not in html
    assert re.search(rf'href="/stock/center/counts/{empty.pk}/"[^>]*data-testid="go-on"', html)
    # Whoever means it says that all of it is gone; the next page asks once more.
    assert re.search(r'name="uncounted"\s+value="zero"\s+data-testid="all-gone"', html)
    assert 'value="leave"' not in html


def test_a_store_that_holds_nothing_has_nothing_to_take_for_gone(client: Any, store, clerk) -> None:
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store)
    html = page(client, stocktake, "review")
    assert NOTHING in html
    assert 'data-testid="all-gone"' not in html


def test_who_comes_by_the_address_finds_no_button_either(client: Any, empty: Stocktake) -> None:
    html = page(client, empty, "approve", uncounted="leave")
    assert NOTHING in html
    assert NOW not in html


def test_what_is_sent_all_the_same_is_refused(client: Any, empty: Stocktake) -> None:
    html = page(client, empty, "approve", uncounted="leave")
    seen = re.search(r'name="seen"\s+value="(\w+)"', html).group(1)
    answer = client.post(
        f"/stock/center/counts/{empty.pk}/approve/", {"uncounted": "leave", "seen": seen}
    )
    assert answer.status_code == 409
    assert NOW not in answer.content.decode()
    empty.refresh_from_db()
    assert empty.state == Stocktake.State.DRAFT


def test_all_of_it_gone_is_something(client: Any, empty: Stocktake) -> None:
    html = page(client, empty, "approve", uncounted="zero")
    assert NOTHING not in html
    assert NOW in html
    seen = re.search(r'name="seen"\s+value="(\w+)"', html).group(1)
    answer = client.post(
        f"/stock/center/counts/{empty.pk}/approve/", {"uncounted": "zero", "seen": seen}
    )
    assert answer.status_code == 302
    assert StockLevel.objects.get().quantity == 0


def test_one_line_is_enough(client: Any, empty: Stocktake, clerk: Any) -> None:
    product = StockLevel.objects.get().product
    line = stocktaking.count_product(actor=clerk, stocktake=empty, product=product, counted=10)
    html = page(client, empty, "review")
    assert APPROVE in html
    assert NOTHING not in html
    # Taken out again, there is none.
    stocktaking.drop_line(actor=clerk, line=line)
    assert APPROVE not in page(client, empty, "review")


def test_who_may_only_look_is_told_nothing_of_approving(client: Any, empty: Stocktake) -> None:
    client.force_login(person("Analyst", is_staff=False))
    html = page(client, empty, "review")
    for each in (NOTHING, APPROVE, 'data-testid="all-gone"'):
        assert each not in html
