"""Narrowing lists down in a real browser: with a photo, by words, on a category's page, without a script."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.versions import settle_encoder
from tests.browser.conftest import PHONE, Visitor
from tests.browser.places import HERE, REFUSALS
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# As in Safari, where what is pressed gets no focus, and what had it loses it.
LIKE_SAFARI = """addEventListener("mousedown", (event) => {
  if (!event.target.closest("a, button, label, [type=checkbox]")) return;
  event.preventDefault();
  document.activeElement.blur();
}, true)"""


@pytest.fixture
def stocked(transactional_db: None) -> list[Product]:
    """Thirty lamps of two brands; five of them in a store near by, and one far away."""
    encoder: Encoder = settle_encoder()
    products = [
        ProductFactory(
            sku=f"P{n:02d}", name=f"Lamp {n:02d}", price=n + 1, brand="Nord" if n % 2 else "Süd",
            category_path="Home/Lamps" if n < 20 else "Home/Lights",
        )
        for n in range(30)
    ]  # fmt: skip
    near = StoreFactory(code="NEAR", name="Near", latitude=53.5523, longitude=9.9586)
    far = StoreFactory(code="FAR", name="Far", latitude=48.1, longitude=11.5)
    StoreFactory(code="NOWHERE", name="Nowhere")
    for n, product in enumerate(products[:6]):
        with_photo(n, product)
        with_stock(far if n == 5 else near, product, 3 + n)
    embed_pending(encoder)
    return products


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.jpg"
    path.write_bytes(phone_photo(4))
    return path


def is_phone(page: Page) -> bool:
    return page.viewport_size == PHONE


def open_filters(page: Page) -> None:
    if is_phone(page):
        page.get_by_test_id("open-filters").click()
        expect(page.get_by_test_id("filter-sheet")).to_be_visible()


def count(page: Page, text: str) -> None:
    expect(page.get_by_test_id("count")).to_have_text(re.compile(text))


def cards(page: Page, number: int) -> None:
    expect(page.get_by_test_id("result-card")).to_have_count(number)
    # What is asked for anew meanwhile is given up with a message; the numbers come behind the cards.
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#filters:not(.htmx-request)")).to_have_count(1)


def test_filters_of_words_work_at_once_and_have_addresses(
    stocked, live_server, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/?q=lamp")
    count(page, "30 products")
    open_filters(page)
    page.get_by_role("checkbox", name=re.compile("^Nord")).check()
    expect(page).to_have_url(re.compile("brand=Nord"))
    expect(page.get_by_role("checkbox", name=re.compile("^Nord"))).to_be_focused()
    # The numbers of the others follow.
    expect(page.get_by_test_id("facet-categories")).to_contain_text("Home 15")
    if is_phone(page):
        expect(page.get_by_test_id("show-products")).to_have_text(re.compile("Show 15 products"))
        page.get_by_test_id("show-products").click()
        expect(page.get_by_test_id("filter-sheet")).to_be_hidden()
    count(page, "15 products")
    page.get_by_label("Take off: Nord").click()
    count(page, "30 products")
    expect(page.get_by_test_id("results-heading")).to_be_focused()
    page.go_back()
    count(page, "15 products")
    page.go_back()
    count(page, "30 products")
    page.go_forward()
    count(page, "15 products")
    assert not visitor.is_wider_than_its_window()


def test_who_is_choosing_stays_there_where_a_press_gives_no_focus(
    stocked, live_server, visitor: Visitor
) -> None:
    page = visitor.page
    page.add_init_script(LIKE_SAFARI)
    page.goto(f"{live_server.url}/?q=lamp")
    count(page, "30 products")
    open_filters(page)
    nord = page.get_by_role("checkbox", name=re.compile("^Nord"))
    nord.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    nord.click()
    count(page, "15 products")
    cards(page, 15)
    expect(page.get_by_test_id("facet-categories")).to_contain_text("Home 15")
    expect(nord).to_be_focused()
    assert page.evaluate("scrollY") == top
    if is_phone(page):
        page.mouse.click(100, 10)
        expect(page.get_by_test_id("filter-sheet")).to_be_hidden()


def test_filters_of_a_photo_are_kept_for_words_a_frame_and_the_next_photo(
    stocked, live_server, visitor: Visitor, query: Path
) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    cards(page, 6)
    open_filters(page)
    with page.expect_request(lambda sent: sent.method == "POST" and "api" not in sent.url) as sent:
        page.get_by_role("checkbox", name=re.compile("^Süd")).check()
    cards(page, 3)
    # The photo is known already, and was not sent again.
    assert b'name="seen"' in (sent.value.post_data_buffer or b"")
    assert b"filename" not in (sent.value.post_data_buffer or b"")
    if is_phone(page):
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("filter-sheet")).to_be_hidden()
    assert set(visitor.skus()) == {"P00", "P02", "P04"}
    corner = page.locator(".crop-handle").first
    corner.focus()
    with page.expect_request(lambda sent: sent.method == "POST" and "api" not in sent.url) as sent:
        corner.press("ArrowRight")
    # Another part of it. (What a request with a file holds is not told.)
    assert b'name="seen"' not in (sent.value.post_data_buffer or b"")
    cards(page, 3)
    other = query.with_name("IMG_2042.jpg")
    other.write_bytes(phone_photo(2))
    page.get_by_test_id("photo-input").set_input_files(other)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P02")
    cards(page, 3)
    page.get_by_label("Take off: Süd").click()
    cards(page, 6)


def test_the_frame_is_moved_as_a_whole(stocked, live_server, visitor: Visitor, query: Path) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    cards(page, 6)
    frame = page.locator(".crop-frame")
    expect(frame).to_be_hidden()  # all of the photo cannot be moved
    page.locator(".crop-handle").last.focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    box = page.locator("#id_box")
    expect(box).not_to_have_value("")
    left, top, width, height = map(float, box.input_value().split(","))
    assert left == 0
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    frame.focus()
    for _ in range(3):
        frame.press("ArrowRight")
    moved = [float(part) for part in box.input_value().split(",")]
    assert moved == pytest.approx([left + 0.09, top, width, height], abs=0.001)
    for _ in range(30):
        frame.press("ArrowRight")
    assert float(box.input_value().split(",")[0]) == pytest.approx(1 - width, abs=0.001)
    # By a pointer, back to the left edge, and no further.
    place = frame.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] - 400, place["y"] + 4, steps=4)
    page.mouse.up()
    assert float(box.input_value().split(",")[0]) == 0
    assert float(box.input_value().split(",")[2]) == pytest.approx(width, abs=0.001)
    cards(page, 6)


def test_near_me_sends_codes_and_no_position(stocked, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    page.goto(f"{live_server.url}/?q=lamp")
    open_filters(page)
    sent = len(visitor.requests)
    page.locator(".near-button").click()
    expect(page.locator("[data-near-says]")).to_contain_text("1 store is near you: Near.")
    expect(page).to_have_url(re.compile("store=NEAR&in_stock=1"))
    count(page, "5 products")
    assert len(visitor.requests) > sent
    assert not any("53." in url or "9.9" in url for url in visitor.requests[sent:])
    expect(page.get_by_role("checkbox", name=re.compile("^Near "))).to_be_checked()


@pytest.mark.parametrize("why", REFUSALS)
def test_near_me_says_why_it_cannot(stocked, live_server, visitor: Visitor, why: str) -> None:
    page = visitor.page
    code, text = REFUSALS[why]
    page.add_init_script(
        f"navigator.geolocation.getCurrentPosition = (_found, failed) => failed({{code: {code}}})"
    )
    page.goto(f"{live_server.url}/?q=lamp")
    open_filters(page)
    page.locator(".near-button").click()
    expect(page.locator("[data-near-says]")).to_contain_text(text)
    expect(page.locator(".near-button")).to_be_enabled()


def test_near_me_says_that_none_is_near(stocked, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 0, "longitude": 0})
    page.goto(f"{live_server.url}/?q=lamp")
    open_filters(page)
    page.locator(".near-button").click()
    expect(page.locator("[data-near-says]")).to_contain_text("None of our stores is that near")
    page.unroute_all()
    page.route("**/store-places.json", lambda route: route.abort())
    page.reload()
    open_filters(page)
    page.locator(".near-button").click()
    expect(page.locator("[data-near-says]")).to_contain_text("could not be loaded")
    visitor.troubles.clear()  # the browser's word on the request that was made to fail


def test_more_products_keep_their_place(stocked, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/?q=lamp&sort=price")
    cards(page, 24)
    page.get_by_test_id("more").click()
    cards(page, 30)
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.get_by_role("link", name="Lamp 24")).to_be_focused()
    expect(page.locator("#status")).to_have_text("30 of 30 products")
    page.get_by_role("link", name="Lamp 27").click()
    page.wait_for_url("**/products/P27/")
    page.go_back()
    cards(page, 30)
    expect(page.get_by_role("link", name="Lamp 27")).to_be_in_viewport()
    # Loaded anew the address is its own page, with a way to those before.
    page.reload()
    cards(page, 6)
    page.get_by_role("link", name="Show earlier products").click()
    cards(page, 30)
    assert visitor.skus() == [f"P{n:02d}" for n in range(30)]


def test_sorting_and_an_empty_list(stocked, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/?q=lamp")
    page.get_by_test_id("sort").select_option("-price")
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P29")
    page.goto(f"{live_server.url}/?q=lamp&brand=Nord&price_max=1")
    expect(page.get_by_test_id("nothing-found")).to_be_visible()
    page.get_by_test_id("ways-out").get_by_role("link", name=re.compile("Any price")).click()
    count(page, "15 products")


def test_a_category_page_by_keyboard_alone(stocked, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{live_server.url}/categories/")
    page.get_by_role("link", name="Home").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/categories/*-home/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    cards(page, 24)
    if is_phone(page):
        page.get_by_test_id("open-filters").focus()
        page.keyboard.press("Enter")
    page.get_by_role("checkbox", name=re.compile("^Nord")).focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"-home/\?brand=Nord"))
    if is_phone(page):
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("open-filters")).to_be_focused()
    cards(page, 15)
    branch = page.locator("#branches").get_by_role("link", name="Lights")
    expect(branch).to_contain_text("5")
    branch.press("Enter")
    page.wait_for_url("**-lights/?brand=Nord")
    cards(page, 5)
    page.get_by_test_id("words-input").fill("lamp 21")
    page.keyboard.press("Enter")
    cards(page, 1)
    assert not visitor.is_wider_than_its_window()


def test_without_a_script_a_photo_keeps_its_filters(
    stocked, live_server, plain_visitor: Visitor, query: Path
) -> None:
    page = plain_visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    page.get_by_test_id("search-submit").click()
    cards(page, 6)
    page.get_by_test_id("open-filters").click()  # leads down to them
    page.get_by_role("checkbox", name=re.compile("^Süd")).check()
    page.get_by_test_id("show-products").click()
    cards(page, 3)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P04")
    page.get_by_role("button", name=re.compile("^Home")).click()
    page.get_by_role("button", name=re.compile("^Lamps")).click()
    cards(page, 3)
    page.get_by_label("Take off: Süd").click()
    cards(page, 6)


def test_without_a_script_words_have_addresses_and_pages(
    stocked, live_server, plain_visitor: Visitor
) -> None:
    page = plain_visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("words-input").fill("lamp")
    page.get_by_test_id("search-submit").click()
    expect(page).to_have_url(re.compile(r"/\?q=lamp$"))
    cards(page, 24)
    page.get_by_test_id("more").click()
    expect(page).to_have_url(re.compile(r"page=2"))
    cards(page, 6)
    page.get_by_role("checkbox", name=re.compile("^Nord")).check()
    page.get_by_label("From").fill("3,50")
    page.get_by_test_id("show-products").click()
    expect(page).to_have_url(re.compile(r"/\?q=lamp&brand=Nord&price_min=3.50$"))
    count(page, "14 products")
    page.get_by_test_id("sort").select_option("-price")
    page.get_by_role("button", name="Sort").click()
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P29")
