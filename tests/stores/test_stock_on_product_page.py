"""Where a product can be had, as its page tells shoppers."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from stores.told import stock_in_words
from tests.factories import ProductFactory, StoreFactory, with_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return ProductFactory(sku="P1")


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch, settings) -> None:
    """In Berlin, where it is an hour later."""
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 7, 11, tzinfo=UTC))


def page_of(client, product, **query) -> str:
    answer = client.get(product.get_absolute_url(), query)
    return " ".join(answer.content.decode().split())


def codes(page: str) -> list[str]:
    return re.findall(r'data-testid="told-store" data-code="([^"]+)"', page)


@pytest.mark.parametrize(
    ("quantity", "exact", "words"),
    [
        (1, "Only 1 left", "Few left"),
        (3, "Only 3 left", "Few left"),
        (4, "4 in stock", "In stock"),
        (1200, "1200 in stock", "In stock"),
    ],
)
def test_how_many(settings, quantity, exact, words) -> None:
    assert stock_in_words(quantity) == exact
    settings.STOCK_SHOWN = "words"
    assert stock_in_words(quantity) == words


def test_a_shop_that_tells_no_numbers_tells_none(client, product, settings) -> None:
    settings.STOCK_SHOWN = "words"
    with_stock(StoreFactory(name="Altona"), product, 7391)
    page = page_of(client, product)
    assert ">In stock</p>" in page
    assert "7391" not in page


def test_a_store_with_all_that_is_known(client, product) -> None:
    store = StoreFactory(
        code="ALT", name="Altona", address="Way 1\n22765 Hamburg", latitude=53.55, longitude=-9.9,
        opening_hours="Mo-Fr 09:00-18:00\nSa 10:00-13:00,14:00-16:00",
    )  # fmt: skip
    with_stock(store, product, 5)
    page = page_of(client, product)
    assert '<a href="/stores/ALT/">Altona</a>' in page
    assert "Way 1, 22765 Hamburg" in page
    assert "Open until 18:00" in page
    assert 'data-latitude="53.55" data-longitude="-9.9"' in page
    assert 'href="https://www.openstreetmap.org/directions?to=53.55%2C-9.9"' in page
    assert re.search(r'class="is-today"> <dt>Mon – Fri</dt>', page)
    assert "<dt>Sun</dt> <dd> Closed" in page
    assert "In stock: Altona" in page


def test_a_store_of_which_nothing_is_known(client, product) -> None:
    with_stock(StoreFactory(name="Bare"), product, 5)
    page = page_of(client, product)
    assert ">Bare</a>" in page
    assert "data-latitude" not in page
    assert "openstreetmap" not in page
    assert "told-dot" not in page


def test_open_stores_come_first_then_those_with_most(client, product) -> None:
    for code, quantity, hours in [
        ("much-closed", 9, "Mo 09:00-18:00"),
        ("little-open", 2, "We 09:00-18:00"),
        ("some-open", 5, "We 09:00-18:00"),
        ("no-hours", 3, ""),
    ]:
        with_stock(StoreFactory(code=code, opening_hours=hours), product, quantity)
    page = page_of(client, product)
    assert codes(page) == ["some-open", "little-open", "much-closed", "no-hours"]
    assert "In stock in 4 stores" in page


def test_of_many_stores_the_first_ten_and_all_when_asked(client, product) -> None:
    for store in StoreFactory.create_batch(12):
        with_stock(store, product, 2)
    page = page_of(client, product)
    assert len(codes(page)) == 10
    assert 'href="/products/P1/?stores=all#stores"' in page
    assert "Show all 12 stores" in page
    page = page_of(client, product, stores="all")
    assert len(codes(page)) == 12
    assert "Show all" not in page


def test_stores_without_it_are_named_where_they_are_few(client, product) -> None:
    with_stock(StoreFactory(), product, 2)
    StoreFactory(code="X", name="Barmbek")
    StoreFactory(code="Y", name="Closed for good", is_active=False)
    page = page_of(client, product)
    assert 'Not there at the moment: <a href="/stores/X/">Barmbek</a>' in page
    assert "Closed for good" not in page
    StoreFactory.create_batch(10)
    assert "Not there at the moment" not in page_of(client, product)


def test_nowhere(client, product) -> None:
    StoreFactory(name="Barmbek")
    page = page_of(client, product)
    assert "In no store at the moment" in page
    assert codes(page) == []


def test_a_site_without_stores_says_nothing_of_stock(client, product) -> None:
    page = page_of(client, product)
    assert "at the moment" not in page
    assert 'data-testid="shelves"' not in page


def test_what_a_closed_store_holds_is_not_told(client, product) -> None:
    store = StoreFactory(name="Gone")
    with_stock(store, product, 2)
    store.is_active = False
    store.save()
    assert "Gone" not in page_of(client, product)


def test_numbers_in_addresses_are_numbers_in_every_language(client, product, settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("ru", "Russian")]
    with_stock(StoreFactory(latitude=53.5, longitude=9.5), product, 2)
    client.cookies["django_language"] = "ru"
    page = page_of(client, product)
    assert 'data-latitude="53.5" data-longitude="9.5"' in page
    assert "to=53.5%2C9.5" in page
