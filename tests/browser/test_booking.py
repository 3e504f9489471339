"""A delivery is booked in a real browser: found by typing, scanned, sent once."""

import pytest
from playwright.sync_api import expect

from stores.models import StockLevel, StockOperation
from tests.browser.conftest import Visitor
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivery(live_server, visitor: Visitor):
    """The page on which goods are received, with a store chosen."""
    StaffFactory(username="anna")
    store = StoreFactory(name="Altona")
    StoreFactory(name="Barmbek")
    with_stock(store, ProductFactory(sku="A-1", name="Red apple"), 7)
    ProductFactory(sku="P-1", name="Green pear", barcode="036000291452")
    page = visitor.page
    page.goto(live_server.url + "/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", "secret")
    page.locator("button[type=submit]").click()
    page.goto(live_server.url + "/admin/stores/stocklevel/receive/")
    page.select_option("select[name=store]", label="Altona")
    return visitor


def held() -> dict[str, int]:
    return dict(StockLevel.objects.values_list("product__sku", "quantity"))


def test_a_delivery_is_booked_by_keyboard_and_scanner(delivery: Visitor) -> None:
    page = delivery.page
    page.locator("#id_lines-0-code").press_sequentially("red")
    expect(page.locator("#id_lines-0-code-found [role=option]").first).to_contain_text("here: 7")
    page.keyboard.press("Enter")
    expect(page.locator("#id_lines-0-code")).to_have_value("A-1")
    expect(page.locator("#id_lines-0-quantity")).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    # A scanner types its digits at once and ends with Enter.
    expect(page.locator("#id_lines-1-code")).to_be_focused()
    page.keyboard.insert_text("0036000291452")
    page.keyboard.press("Enter")
    expect(page.locator("#id_lines-1-code")).to_have_value("P-1")
    page.keyboard.type("3")
    assert not delivery.is_wider_than_its_window()
    page.get_by_role("button", name="Receive", exact=True).dblclick()
    expect(page.get_by_text("8 pieces of 2 products")).to_be_visible()
    assert held() == {"A-1": 12, "P-1": 3}
    assert StockOperation.objects.count() == 2


def test_lines_are_added_and_mistakes_are_said_beside_them(delivery: Visitor) -> None:
    page = delivery.page
    page.get_by_role("button", name="Another line").click()
    page.locator("#id_lines-3-code").fill("NONE")
    page.locator("#id_lines-3-quantity").fill("1")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.get_by_text("No product has this SKU or barcode.")).to_be_visible()
    assert held() == {"A-1": 7}
    page.locator("#id_lines-3-code").fill("P-1")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.get_by_text("1 piece of 1 product")).to_be_visible()
    assert held() == {"A-1": 7, "P-1": 1}
