"""Stores by distance: the browser knows where it is, and nobody else learns of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from products.models import Product
from tests.browser.conftest import Visitor
from tests.browser.places import HERE, REFUSALS
from tests.factories import ProductFactory, StoreFactory, with_stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lamp() -> Product:
    """In three stores: far with most, near with few, and one whose place nobody knows."""
    product = ProductFactory(sku="LAMP", name="Lamp")
    for code, quantity, place in [
        ("FAR", 30, {"latitude": 52.52, "longitude": 13.405}),
        ("NOWHERE", 20, {}),
        ("NEAR", 4, {"latitude": 53.5523, "longitude": 9.9586}),
    ]:
        with_stock(StoreFactory(code=code, name=code, address="Way 1", **place), product, quantity)
    return product


@pytest.fixture
def many(lamp: Product) -> Product:
    """In twelve stores; the nearest has least."""
    for number in range(9):
        store = StoreFactory(code=f"S{number}", latitude=50 - number, longitude=10)
        with_stock(store, lamp, 50 + number)
    return lamp


def here(page: Page) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)


def codes(page: Page) -> list[str | None]:
    stores = page.get_by_test_id("told-store")
    return [store.get_attribute("data-code") for store in stores.all()]


def test_the_nearest_come_first_and_nothing_is_sent(lamp, live_server, visitor: Visitor) -> None:
    page = visitor.page
    here(page)
    page.goto(f"{live_server.url}/products/LAMP/")
    page.wait_for_load_state("networkidle")
    assert codes(page) == ["FAR", "NOWHERE", "NEAR"]
    sent = len(visitor.requests)
    button = page.get_by_test_id("nearby")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert codes(page) == ["NEAR", "FAR", "NOWHERE"]
    near, far, nowhere = page.get_by_test_id("told-store").all()
    expect(near.locator("[data-distance]")).to_have_text("2.3 km")
    expect(far.locator("[data-distance]")).to_have_text("255 km")
    expect(nowhere.locator("[data-distance]")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="Nearest first")).to_be_visible()
    assert visitor.requests[sent:] == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert not visitor.is_wider_than_its_window()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert codes(page) == ["FAR", "NOWHERE", "NEAR"]
    expect(page.locator("[data-distance]:visible")).to_have_count(0)


def test_distances_are_written_as_the_language_does(lamp, live_server, visitor: Visitor) -> None:
    page = visitor.page
    here(page)
    page.goto(f"{live_server.url}/products/LAMP/")
    page.evaluate("document.documentElement.lang = 'ru'")
    page.get_by_test_id("nearby").click()
    expect(page.locator("[data-distance]").first).to_have_text(re.compile(r"^2,3\s?км$"))


@pytest.mark.parametrize("problem", REFUSALS)
def test_what_a_browser_will_not_say_is_told_in_words(
    lamp, live_server, visitor: Visitor, problem: str
) -> None:
    code, text = REFUSALS[problem]
    page = visitor.page
    page.add_init_script(
        "navigator.geolocation.getCurrentPosition ="
        f" (_found, failed) => setTimeout(() => failed({{code: {code}}}), 20);"
    )
    page.goto(f"{live_server.url}/products/LAMP/")
    button = page.get_by_test_id("nearby")
    button.click()
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()
    assert codes(page) == ["FAR", "NOWHERE", "NEAR"]
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_all_stores_are_asked_for_their_distance(many, live_server, visitor: Visitor) -> None:
    page = visitor.page
    here(page)
    page.goto(f"{live_server.url}/products/LAMP/")
    assert len(codes(page)) == 10
    assert "NEAR" not in codes(page)
    page.get_by_test_id("nearby").click()
    expect(page.get_by_test_id("told-store").first).to_have_attribute("data-code", "NEAR")
    assert len(codes(page)) == 12
    expect(page.get_by_test_id("all-stores")).to_have_count(0)
    assert not any("53.5" in url for url in visitor.requests)


def test_all_stores_come_without_leaving_the_page(many, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/products/LAMP/")
    page.get_by_test_id("all-stores").click()
    expect(page.get_by_test_id("told-store")).to_have_count(12)
    assert page.url.endswith("/products/LAMP/")
    expect(page.get_by_test_id("told-store").nth(10).get_by_role("link").first).to_be_focused()


def test_without_scripts_there_is_a_list_and_no_button(
    many, live_server, plain_visitor: Visitor
) -> None:
    page = plain_visitor.page
    page.goto(f"{live_server.url}/products/LAMP/")
    expect(page.get_by_test_id("nearby")).to_be_hidden()
    page.get_by_test_id("all-stores").click()
    expect(page.get_by_test_id("told-store")).to_have_count(12)
    page.get_by_test_id("told-store").first.get_by_role("link").first.click()
    page.wait_for_url("**/stores/*/")


def test_the_list_of_stores_is_sorted_over_all_its_pages(live_server, visitor: Visitor) -> None:
    for number in range(60):
        StoreFactory(name=f"Store {number:02}", latitude=10 + number / 2, longitude=9.9937)
    StoreFactory(code="NEAR", name="Zum Hafen", latitude=53.55, longitude=9.99)
    page = visitor.page
    here(page)
    page.goto(f"{live_server.url}/stores/")
    assert len(codes(page)) == 50
    page.get_by_test_id("nearby").click()
    expect(page.get_by_test_id("told-store").first).to_have_attribute("data-code", "NEAR")
    assert len(codes(page)) == 61
    expect(page.locator("[data-nearby-pages]")).to_have_count(0)
    assert not visitor.is_wider_than_its_window()
