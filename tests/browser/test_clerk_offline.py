"""The stock pages while the site cannot be reached: a page of their own, on which a clerk goes on."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from stores.models import StockMovement, StocktakeLine, Store
from tests.browser.clerks import log_in, sell, start_count
from tests.browser.conftest import PHONE, Visitor
from tests.browser.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACK = 30_000
WORKS = "() => navigator.serviceWorker.controller"
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found[name] = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  }
  return found;
}"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Visitor]:
    """A phone with a service worker."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    visitor = Visitor(context.new_page())
    yield visitor
    context.close()
    assert visitor.real_troubles() == []


@pytest.fixture
def page(center: Store, wire: Wire, phone: Visitor) -> Page:
    """Maria's, on the page of the store, ready for the network to go away."""
    page = phone.page
    log_in(page, "maria", f"{wire.url}/stock/center/")
    page.wait_for_function(WORKS)
    return page


def booked() -> list[tuple[str, str, int]]:
    found = StockMovement.objects.exclude(operation__actor__is_superuser=True).order_by("id")
    return list(found.values_list("product__sku", "kind", "delta"))


def enter(page: Page, what: str, code: str, quantity: int) -> None:
    page.locator(f"label:has([value={what}])").click()
    page.get_by_label("SKU or barcode").fill(code)
    page.get_by_label("SKU or barcode").press("Enter")
    expect(page.get_by_label("How many?")).to_be_focused()
    page.get_by_label("How many?").fill(str(quantity))
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("kept")).to_be_visible()


def test_a_page_without_a_connection_lists_what_waits(
    page: Page, phone: Visitor, wire: Wire
) -> None:
    page.goto(f"{wire.url}/stock/center/products/P3/")
    wire.cut()
    sell(page, 2)
    expect(page.get_by_test_id("unsent-row")).to_be_visible()
    page.get_by_role("link", name="Centre").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    assert page.url == f"{wire.url}/stock/center/"
    expect(page.get_by_test_id("unsent-row")).to_contain_text("2 × Lamp 3, sale")
    assert not phone.is_wider_than_its_window()
    page.get_by_test_id("try-again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    wire.mend()
    page.get_by_test_id("try-again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Centre")
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 2 × Lamp 3", timeout=BACK)
    assert booked() == [("P3", "sell", -2)]


def test_a_clerk_goes_on_by_code_and_all_is_sent_once(page: Page, wire: Wire) -> None:
    wire.cut()
    page.goto(f"{wire.url}/stock/center/by-code/", wait_until="commit")
    expect(page.locator("[data-store]")).to_have_text("Centre")
    expect(page.locator("label:has([value=count])")).to_be_hidden()  # nothing is being counted
    for what, code, quantity in (("receive", "P1", 5), ("sell", "P1", 12), ("sell", "NONE", 1)):
        enter(page, what, code, quantity)
        page.get_by_test_id("another").click()
        expect(page.get_by_label("SKU or barcode")).to_be_focused()
    expect(page.get_by_test_id("unsent-row")).to_have_count(3)
    page.reload()
    expect(page.get_by_test_id("unsent-row")).to_have_count(3)
    wire.mend()
    rows = page.get_by_test_id("unsent-row").filter(has_text="No product has this SKU or barcode.")
    expect(rows).to_be_visible(timeout=BACK)
    page.wait_for_url("**/by-code/")
    assert booked() == [("P1", "receive", 5), ("P1", "sell", -12)]
    rows.get_by_test_id("put-right").click()
    expect(page.get_by_label("SKU or barcode")).to_have_value("NONE")
    page.get_by_label("SKU or barcode").fill("P2")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 2; 9 left")
    expect(page.get_by_test_id("unsent")).to_be_hidden()


def test_the_stocktake_goes_on_by_code(center: Store, wire: Wire, phone: Visitor) -> None:
    page = phone.page
    count = start_count(page, wire.url)
    page.wait_for_function(WORKS)
    wire.cut()
    # What a scanner types finds nothing now, but is not lost either.
    page.goto(f"{count}?q=P4", wait_until="commit")
    expect(page.get_by_label("SKU or barcode")).to_have_value("P4")
    expect(page.locator("[value=count]")).to_be_checked()
    page.get_by_label("How many?").fill("0")
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("unsent-row")).to_contain_text("0 × P4, counted")
    wire.mend()
    page.wait_for_url(re.compile("/counts/"), timeout=BACK)
    expect(page.locator("main")).to_contain_text("Saved: 0 × Lamp 4", timeout=BACK)
    line = StocktakeLine.objects.get()
    assert (line.product.sku, line.counted, line.counted_by.username) == ("P4", 0, "maria")


def test_a_page_that_came_before_the_worker_asks_for_it(page: Page, wire: Wire) -> None:
    """As one does that was on its way while the worker took over: it sees it as ready, not as its own."""
    asked = """() => new Promise((done) => {
      const { serviceWorker } = navigator;
      Object.defineProperty(serviceWorker, "controller", { get: () => null });
      serviceWorker.ready.then(({ active }) => { active.postMessage = done; });
      import(document.querySelector("script[src*='stock/place']").src + "?again");
    })"""
    assert page.evaluate(asked) == "claim"


def test_what_was_searched_for_may_hold_a_percent_sign(page: Page, wire: Wire) -> None:
    wire.cut()
    page.goto(f"{wire.url}/stock/center/find/?q=100%25+juice", wait_until="commit")
    expect(page.get_by_label("SKU or barcode")).to_have_value("100% juice")
    page.goto(f"{wire.url}/stock/center/products/A%20B%2525/", wait_until="commit")
    expect(page.get_by_label("SKU or barcode")).to_have_value("A B%25")


def test_a_form_that_is_not_kept_does_not_end_at_the_browsers_page(page: Page, wire: Wire) -> None:
    page.goto(f"{wire.url}/stock/center/counts/new/")
    wire.cut()
    page.get_by_role("button", name="Start counting").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")


def test_nothing_private_is_kept(page: Page, wire: Wire) -> None:
    for path in ("", "products/P3/", "transfers/", "low/"):
        page.goto(f"{wire.url}/stock/center/{path}")
    kept: dict[str, list[str]] = page.evaluate(KEPT)
    assert len(kept) == 1
    paths = next(iter(kept.values()))
    assert {path for path in paths if not path.startswith("/static/")} == {"/stock/-/offline/"}
    page.evaluate("caches.keys().then(async ([name]) => (await caches.open(name)).match('/stock/-/offline/')"
                  ".then(async (page) => { window.kept = await page.text() }))")  # fmt: skip
    html = page.evaluate("window.kept")
    for text in ("maria", "Maria", "Centre", "csrfmiddlewaretoken", "Administration"):
        assert text not in html


def test_a_newer_version_takes_the_place_of_the_old(page: Page, wire: Wire, settings: Any) -> None:
    page.evaluate("caches.open('of-another-app')")
    (before,) = set(page.evaluate("caches.keys()")) - {"of-another-app"}
    settings.SITE_NAME = "Another name"
    page.goto(f"{wire.url}/stock/center/low/")
    for _ in range(100):
        page.wait_for_timeout(100)
        if before not in page.evaluate("caches.keys()"):
            break
    assert len(set(page.evaluate("caches.keys()")) - {"of-another-app"}) == 1
    wire.cut()
    page.reload(wait_until="commit")
    expect(page.locator(".brand")).to_have_text("Another name")


def test_who_has_logged_out_leaves_nothing_to_enter(page: Page, wire: Wire) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/")
    nobody_is_here(page, wire)


def nobody_is_here(page: Page, wire: Wire) -> None:
    wire.cut()
    page.goto(f"{wire.url}/stock/", wait_until="commit")
    expect(page.locator("main")).to_contain_text("Nobody is logged in")
    expect(page.get_by_test_id("offline-form")).to_be_hidden()


def test_nor_does_who_logs_out_although_something_waits(page: Page, wire: Wire) -> None:
    page.goto(f"{wire.url}/stock/center/products/P3/")
    page.route("**/products/P3/", lambda route: route.abort())
    sell(page, 2)
    expect(page.get_by_test_id("unsent-row")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    page.get_by_test_id("log-out-anyway").click()
    page.wait_for_url("**/accounts/login/")
    nobody_is_here(page, wire)


def test_nor_does_who_is_asked_to_log_in(page: Page, wire: Wire) -> None:
    """A session ends by itself, too, and on this page only a script of its own can know."""
    page.context.clear_cookies()
    page.goto(f"{wire.url}/stock/center/")
    page.wait_for_url("**/accounts/login/**")
    page.wait_for_load_state()
    nobody_is_here(page, wire)


def test_other_pages_of_the_site_are_left_alone(page: Page, wire: Wire) -> None:
    page.goto(f"{wire.url}/")
    controlled: Any = page.evaluate("navigator.serviceWorker.controller")
    assert controlled is None


def product_page(page: Page, wire: Wire) -> None:
    page.goto(f"{wire.url}/stock/center/products/P3/")


def sell_offline(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    page.locator("label:has([value=sell])").click()
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("kept")).to_be_visible()


def test_it_uses_no_key_of_the_page_that_it_stands_in_for(page: Page, wire: Wire) -> None:
    product_page(page, wire)
    wire.cut()
    page.reload(wait_until="commit")
    expect(page.get_by_label("SKU or barcode")).to_have_value("P3")
    sell_offline(page)
    page.get_by_test_id("another").click()
    wire.mend()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamp 3", timeout=BACK)
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 1 × Lamp 3", timeout=BACK)
    sell(page, 1)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 3; 8 left")
    assert booked() == [("P3", "sell", -1)] * 2


def test_back_without_a_connection_is_no_repeat_of_what_was_sold(page: Page, wire: Wire) -> None:
    product_page(page, wire)
    sell(page, 1)
    page.wait_for_url("**booked=*")
    wire.cut()
    page.go_back(wait_until="commit")
    sell_offline(page)
    page.get_by_test_id("another").click()
    wire.mend()
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 1 × Lamp 3; 8 left", timeout=BACK)
    assert booked() == [("P3", "sell", -1)] * 2
    # Nor is what is sold on the page that it stood in for.
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamp 3", timeout=BACK)
    sell(page, 1)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 3; 7 left")


def test_what_was_kept_before_a_reload_is_not_what_is_sold_later(page: Page, wire: Wire) -> None:
    product_page(page, wire)
    wire.cut()
    sell(page, 1)
    expect(page.get_by_test_id("kept").locator("visible=true")).to_be_visible()
    page.reload(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    wire.mend()
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 1 × Lamp 3; 9 left", timeout=BACK)
    page.get_by_test_id("try-again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamp 3")
    sell(page, 1)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 3; 8 left")
    assert booked() == [("P3", "sell", -1)] * 2
