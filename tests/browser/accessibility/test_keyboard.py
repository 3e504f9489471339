"""By the keyboard alone: a customer from a photo to a store, a clerk from a code to a count."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from stores.models import StockLevel, StocktakeLine
from tests.browser.conftest import DESKTOP
from tests.browser.scenes import World
from tests.browser.scenes.stage import ANSWERED, Look, context_of

pytestmark = pytest.mark.browser

_MOST_TABS = 120


@pytest.fixture
def page(browser: Browser, world: World):
    context = context_of(browser, world, Look(**DESKTOP, touch=False))
    page = context.new_page()
    # Listened for from the start: a browser needs a moment before it tells of choosers.
    page.on("filechooser", lambda _chooser: None)
    yield page
    context.close()


@pytest.fixture
def clerks_page(page: Page, world: World) -> Page:
    cookie = {"name": "sessionid", "value": world.cookie_of(world.clerk), "url": world.address}
    page.context.add_cookies([cookie])
    return page


def tab_to(page: Page, wanted: Locator, *, key: str = "Tab") -> None:
    """Presses Tab, or Shift+Tab, until the focus is there, as a person does."""
    for _step in range(_MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to {wanted}")


def choose_photo(page: Page, photo: bytes) -> None:
    tab_to(page, page.get_by_test_id("photo-input"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    file = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": photo}
    chooser.value.set_files(file)
    expect(page.locator(ANSWERED).first).to_be_visible()
    expect(page.get_by_test_id("result-card").first).to_be_visible()


def test_the_first_tab_leads_past_the_header(page: Page, world: World) -> None:
    page.goto(world.address)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_photo_is_chosen_cropped_and_its_product_opened(page: Page, world: World) -> None:
    page.goto(world.address)
    choose_photo(page, world.goods.main.asked)
    # The focus stands at the answer: the next products are a few Tabs away.
    assert page.evaluate("document.activeElement.closest('#results') !== null")
    page.keyboard.press("Shift+Tab")
    corner = page.locator(".crop-handle").first
    corner.focus()  # towards the start of the page, where Shift+Tab leads
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    box = "0.0600,0.0300,0.9400,0.9700"
    expect(page.locator("#id_box")).to_have_value(box)
    # The search waits for the last key; until it is answered, the old answer stands there.
    expect(page.locator("#seen")).to_have_attribute("data-box", box)
    expect(page.locator("#results:not([aria-busy]) [data-answer]").first).to_be_visible()
    expect(corner).to_be_focused()
    first = page.get_by_test_id("result-card").first.get_by_role("link").first
    tab_to(page, first)
    address = first.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_a_proposed_part_is_taken(page: Page, world: World) -> None:
    box = '{"box": "0.2000,0.1000,0.5000,0.6000", "encoder": "x", "reason": null}'
    page.route(
        "**/api/v1/search/box/",
        lambda route: route.fulfill(body=box, content_type="application/json"),
    )
    page.goto(world.address)
    choose_photo(page, world.goods.main.asked)
    accept = page.get_by_test_id("proposal-accept")
    expect(accept).to_be_visible()
    tab_to(page, accept, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_box")).to_have_value("0.2000,0.1000,0.5000,0.6000")
    # Not lost with the button that is gone.
    assert page.evaluate("document.activeElement !== document.body")


def test_words_are_searched_for_and_the_answer_is_heard(page: Page, world: World) -> None:
    page.goto(world.address)
    tab_to(page, page.get_by_test_id("words-input"))
    page.keyboard.type("no")
    page.keyboard.press("Enter")
    expect(page.locator(ANSWERED).first).to_be_visible()
    expect(page.locator("#results h2").first).to_be_focused()


def test_a_photo_is_enlarged_moved_and_closed(page: Page, world: World) -> None:
    page.goto(world.address + world.main.get_absolute_url())
    enlarge = page.get_by_test_id("enlarge").first
    tab_to(page, enlarge)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("zoom")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("+")
    expect(page.get_by_test_id("zoom-level")).not_to_have_text("100%")
    image = page.locator(".zoom-stage img")
    before = image.evaluate("each => each.style.transform")
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert image.evaluate("each => each.style.transform") != before
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("zoom")).to_be_hidden()
    expect(enlarge).to_be_focused()


def test_stores_are_sorted_by_distance(page: Page, world: World) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 53.55, "longitude": 9.99})
    page.goto(f"{world.address}/stores/")
    nearby = page.get_by_test_id("nearby")
    expect(nearby).to_be_visible()
    tab_to(page, nearby)
    page.keyboard.press("Enter")
    expect(nearby).to_have_attribute("aria-pressed", "true")
    expect(nearby).to_be_focused()


def test_the_language_is_changed(page: Page, world: World) -> None:
    page.goto(f"{world.address}/stores/")
    tab_to(page, page.get_by_role("button", name="Русский").last)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def test_a_clerk_finds_a_product_and_books_a_sale(clerks_page: Page, world: World) -> None:
    page = clerks_page
    page.goto(f"{world.address}/stock/{world.store.code}/")
    tab_to(page, page.get_by_test_id("words-input"))
    page.keyboard.type(world.main.sku)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/products/{world.main.sku}/"))
    level = StockLevel.objects.get(store=world.store, product=world.main)
    sell = page.get_by_test_id("book-sell")
    tab_to(page, sell.locator("summary"))
    page.keyboard.press("Enter")
    quantity = sell.locator(".quantity-input")
    tab_to(page, quantity)
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    tab_to(page, sell.locator("[type=submit]"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2")
    before = level.quantity
    level.refresh_from_db()
    assert level.quantity == before - 2


def test_a_clerk_counts(clerks_page: Page, world: World) -> None:
    page = clerks_page
    page.goto(f"{world.address}/stock/{world.store.code}/counts/{world.count.pk}/")
    tab_to(page, page.get_by_test_id("words-input"))
    page.keyboard.type(world.long.sku)
    page.keyboard.press("Enter")
    expect(page.locator(".quantity-input")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/counts/\d+/$"))
    line = StocktakeLine.objects.get(stocktake=world.count, product=world.long)
    assert line.counted == 7


def test_the_menu_of_a_phone_opens_and_closes(page: Page, world: World) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{world.address}/stores/")
    button = page.locator("[popovertarget=site-menu]")
    tab_to(page, button)
    page.keyboard.press("Enter")
    menu = page.locator("#site-menu")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#site-menu') !== null")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
