"""The frame of every page: header, menu, search, crumbs."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visitor
from tests.factories import ProductFactory, StoreFactory, person, with_stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADER_HEIGHT = 65


def is_phone(visitor: Visitor) -> bool:
    return visitor.page.viewport_size == PHONE


@pytest.fixture
def pages() -> list[str]:
    word = "Donaudampfschifffahrtsgesellschaftskapitaen" * 2
    lamp = ProductFactory(
        sku="LAMP", name=f"Lamp {word}", brand=word, attributes={word: word},
        category_path=f"Home/Lamps {word}", description=word,
    )  # fmt: skip
    with_stock(StoreFactory(code="A", name=f"Altona {word}", address=word), lamp, 2)
    return [
        "/",
        "/products/LAMP/",
        "/categories/",
        "/stores/",
        "/stores/A/",
        "/accounts/login/",
        "/nothing/here/",
    ]


def test_the_header_is_low_and_nothing_is_wider_than_the_window(
    pages, live_server, visitor: Visitor
) -> None:
    for address in pages:
        visitor.page.goto(live_server.url + address)
        box = visitor.page.locator(".site-header").bounding_box()
        assert box is not None, address
        assert box["height"] <= HEADER_HEIGHT, address
        assert not visitor.is_wider_than_its_window(), address


def test_the_links_are_at_hand(pages, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/products/LAMP/")
    links = page.get_by_role("navigation", name="Site")
    menu = page.get_by_role("button", name="Menu")
    if is_phone(visitor):
        expect(links).to_be_hidden()
        menu.click()
        page.keyboard.press("Escape")
        expect(links).to_be_hidden()
        menu.press("Enter")
    else:
        expect(menu).to_be_hidden()
    links.get_by_role("link", name="Stores").click()
    page.wait_for_url("**/stores/")
    if is_phone(visitor):
        menu.click()
    expect(links.get_by_role("link", name="Stores")).to_have_attribute("aria-current", "page")


def test_the_menu_needs_no_script(pages, live_server, plain_visitor: Visitor) -> None:
    page = plain_visitor.page
    page.goto(f"{live_server.url}/products/LAMP/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Staff log-in").click()
    page.wait_for_url("**/accounts/login/")


def test_words_are_searched_from_every_page(pages, live_server, visitor: Visitor) -> None:
    page = visitor.page
    for address in ("/products/LAMP/", "/categories/", "/stores/", "/stores/A/"):
        page.goto(live_server.url + address)
        find = page.get_by_test_id("find")
        find.get_by_role("searchbox").fill("lamp")
        find.get_by_role("button", name="Search").click()
        page.wait_for_url("**/?q=lamp")
        page.go_back()
        page.get_by_test_id("find").get_by_role("link", name="Search with a photo").click()
        page.wait_for_url(live_server.url + "/")


def test_who_works_in_a_store_sees_the_way_to_its_stock(live_server, visitor: Visitor) -> None:
    person("Store clerk", StoreFactory(code="A"), username="clerk")
    page = visitor.page
    page.goto(f"{live_server.url}/accounts/login/?next=/stock/A/")
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/stock/A/")
    if is_phone(visitor):
        page.get_by_role("button", name="Menu").click()
    links = page.get_by_role("navigation", name="Site")
    expect(links.get_by_role("link", name="Stock")).to_have_attribute("aria-current", "true")
    expect(links.get_by_role("link", name="Staff log-in")).to_have_count(0)
    box = page.locator(".site-header").bounding_box()
    assert box is not None
    assert box["height"] <= HEADER_HEIGHT


def test_crumbs_lead_back_and_fit_a_phone(pages, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/products/LAMP/")
    crumbs = page.get_by_role("navigation", name="Where you are")
    expect(crumbs.get_by_role("link")).to_have_count(1 if is_phone(visitor) else 3)
    expect(crumbs.get_by_role("link").last).to_contain_text("Lamps")
