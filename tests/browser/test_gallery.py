"""A product's photos in a real browser: swiped, chosen, and enlarged on the full screen."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from products.imaging import PreparedPhoto, prepare_photo
from products.imaging.renditions import Rendition, make_renditions, open_shrunk
from products.models import Product
from products.photos import add_photo, photo_limits, store_photos
from products.renditions.claims import claim, record
from products.renditions.files import rendition_name
from products.renditions.making import make_due
from tests.browser.accessibility.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.factories import ProductFactory
from tests.pictures import encoded, product_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [(2400, 2400), (900, 1200), (300, 200)]


def photo(seed: int, size: tuple[int, int]) -> bytes:
    return encoded(product_picture(seed, 400).resize(size, Image.Resampling.BICUBIC), quality=90)


@dataclass(frozen=True)
class Made:
    """A photo and all that a worker makes of it."""

    photo: PreparedPhoto
    renditions: list[tuple[Rendition, bytes]]


@pytest.fixture(scope="module")
def made() -> list[Made]:
    """A large photo, a high one and a small one. Once: the large one in AVIF takes seconds."""
    photos = [prepare_photo(photo(*each), photo_limits()) for each in enumerate(SIZES)]
    return [
        Made(each, list(make_renditions(open_shrunk(each.content, photo_limits()))))
        for each in photos
    ]


@pytest.fixture
def product(transactional_db: None, made: list[Made]) -> Product:
    """With three photos, and everything in its place as a worker leaves it."""
    product = ProductFactory(sku="LAMP", name="Lamp <One>")
    store_photos(product=product, prepared=[each.photo for each in made])
    renditions_of = {(each.photo.width, each.photo.height): each.renditions for each in made}
    for claimed in claim(len(made)):
        for rendition, content in renditions_of[claimed.size]:
            default_storage.save(rendition_name(claimed.file_name, rendition), ContentFile(content))
        assert record(claimed, transparent=False)
    assert make_due().total == 0
    return product


@pytest.fixture
def page(product: Product, live_server: Any, visitor: Visitor) -> Page:
    visitor.page.goto(live_server.url + product.get_absolute_url())
    return visitor.page


def enlarge(page: Page, number: int = 1) -> Locator:
    page.get_by_role("button", name=f"Lamp <One>, photo {number}: enlarge").click()
    dialog = page.get_by_test_id("zoom")
    expect(dialog).to_be_visible()
    return dialog


def level(page: Page) -> int:
    return int((page.get_by_test_id("zoom-level").text_content() or "").rstrip("%"))


def place(page: Page) -> dict[str, float]:
    """Where the photo stands on the full screen, once it has come to rest."""
    image = page.locator(".zoom-stage img")
    image.evaluate("image => Promise.all(image.getAnimations().map((each) => each.finished))")
    return dict(image.bounding_box() or {})


def shown(page: Page) -> int:
    return int(page.locator("#gallery").evaluate("g => Math.round(g.scrollLeft / g.clientWidth)"))


# --- on the page ----------------------------------------------------------------------------------


def test_the_browser_takes_the_best_format_in_a_size_that_suffices(page: Page) -> None:
    first = page.locator("#photo-1 img")
    expect(first).to_have_js_property("complete", True)
    assert ".avif" in first.evaluate("image => image.currentSrc")
    width = page.locator("#photo-1").evaluate("tile => tile.clientWidth * devicePixelRatio")
    # The next larger one; where none is, the largest.
    side = int(re.findall(r"\.(\d+)x", first.evaluate("image => image.currentSrc"))[0])
    assert side == min(each for each in (480, 720, 1200) if each >= width)


def test_nothing_moves_when_photos_come(
    product: Product, live_server: Any, visitor: Visitor
) -> None:
    visitor.page.add_init_script(
        "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries()"
        ".map((each) => each.value))).observe({ type: 'layout-shift', buffered: true });"
    )
    visitor.page.goto(live_server.url + product.get_absolute_url())
    visitor.page.wait_for_load_state("networkidle")
    assert sum(visitor.page.evaluate("shifts")) < 0.01


def test_small_photos_and_buttons_bring_a_photo_into_view(page: Page, visitor: Visitor) -> None:
    page.locator("#thumbs a").nth(2).click()
    expect(page.locator("#thumbs a").nth(2)).to_have_attribute("aria-current", "true")
    assert shown(page) == 2
    step = page.locator("[data-step='-1']")
    if step.is_visible():  # where there is a mouse
        step.click()
        expect(page.locator("#thumbs a").nth(1)).to_have_attribute("aria-current", "true")
    assert not visitor.is_wider_than_its_window()


def test_the_full_size_is_loaded_when_it_is_asked_for(page: Page, visitor: Visitor) -> None:
    page.wait_for_load_state("networkidle")
    assert not any("2000x2000" in url for url in visitor.requests)
    enlarge(page)
    image = page.locator(".zoom-stage img")
    expect(image).to_have_js_property("complete", True)
    assert "2000x2000" in image.evaluate("image => image.currentSrc")
    assert image.evaluate("image => image.naturalWidth") == 2000
    expect(image).to_have_attribute("alt", "Lamp <One>, photo 1")


# --- by keys --------------------------------------------------------------------------------------


def test_keys_alone_do_everything(page: Page) -> None:
    link = page.locator("[data-enlarge]").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("zoom-stage")).to_be_focused()
    whole = place(page)
    for _ in range(2):
        page.keyboard.press("+")
    assert level(page) == 225
    assert place(page)["width"] == pytest.approx(whole["width"] * 2.25, rel=0.01)
    before = place(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    after = place(page)
    assert after["x"] < before["x"]
    assert after["y"] < before["y"]
    page.keyboard.press("-")
    assert level(page) == 150
    page.keyboard.press("0")
    assert level(page) == 100
    # At its whole size an arrow leads on.
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("zoom-number")).to_have_text("Photo 2 of 3")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(page.get_by_test_id("zoom-number")).to_have_text("Photo 3 of 3")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("zoom")).to_be_hidden()
    # The page shows what was looked at last, and the focus is there.
    expect(page.locator("[data-enlarge]").nth(2)).to_be_focused()
    assert shown(page) == 2


def test_space_opens_it_too_and_the_focus_stays_inside(page: Page) -> None:
    page.locator("[data-enlarge]").nth(1).focus()
    page.keyboard.press(" ")
    expect(page.get_by_test_id("zoom-number")).to_have_text("Photo 2 of 3")
    names = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        names.add(
            page.evaluate(
                "document.activeElement.closest('dialog') || document.activeElement === document.body"
                " ? document.activeElement.getAttribute('aria-label') : 'outside'"
            )
        )
    assert names >= {"Zoom in", "Zoom out", "Close", "Previous photo", "Next photo", "Photo"}
    assert "outside" not in names


def test_a_closing_button_and_ends_that_say_so(page: Page) -> None:
    enlarge(page)
    expect(page.get_by_test_id("zoom-previous")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_test_id("zoom-out")).to_have_attribute("aria-disabled", "true")
    page.get_by_test_id("zoom-previous").click(force=True)
    expect(page.get_by_test_id("zoom-number")).to_have_text("Photo 1 of 3")
    for _ in range(6):
        page.get_by_test_id("zoom-in").click(force=True)
    expect(page.get_by_test_id("zoom-in")).to_have_attribute("aria-disabled", "true")
    page.get_by_test_id("zoom-next").click()
    assert level(page) == 100
    page.get_by_test_id("zoom-close").click()
    expect(page.locator("[data-enlarge]").nth(1)).to_be_focused()


def test_a_small_photo_is_not_blown_up_nor_made_smaller_than_on_the_page(page: Page) -> None:
    scale = """image => Math.min(image.clientWidth / 300, image.clientHeight / 200)
        * image.getBoundingClientRect().width / image.clientWidth"""
    on_page = page.locator("[data-enlarge]").nth(2).locator("img").evaluate(scale)
    enlarge(page).press("PageDown")
    page.keyboard.press("PageDown")
    shown = page.locator(".zoom-stage img").evaluate(scale)
    room = page.get_by_test_id("zoom-stage").bounding_box() or {}
    fits = min(room["width"] / 300, room["height"] / 200)
    assert shown == pytest.approx(min(fits, max(1.5, on_page)), abs=0.01)


def test_axe_finds_nothing_on_the_page_or_on_the_full_screen(page: Page) -> None:
    assert violations(page) == []
    enlarge(page)
    for _ in range(2):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page) == []
        page.keyboard.press("+")


# --- by mouse and finger --------------------------------------------------------------------------


def test_a_click_enlarges_where_it_is_and_dragging_moves(page: Page) -> None:
    enlarge(page)
    box = page.get_by_test_id("zoom-stage").bounding_box() or {}
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    whole = place(page)
    page.mouse.click(x + 40, y + 30)
    assert level(page) == 250
    enlarged = place(page)
    # What was under the pointer is there still.
    for axis, at, length in (("x", x + 40, "width"), ("y", y + 30, "height")):
        share = (at - whole[axis]) / whole[length]
        assert enlarged[axis] + share * enlarged[length] == pytest.approx(at, abs=2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 20, steps=4)
    page.mouse.up()
    moved = place(page)
    assert moved["x"] == pytest.approx(enlarged["x"] - 60, abs=2)
    assert moved["y"] == pytest.approx(enlarged["y"] - 20, abs=2)
    page.mouse.click(x, y)
    assert level(page) == 100


def test_it_cannot_be_dragged_out_of_sight(page: Page) -> None:
    enlarge(page)
    page.keyboard.press("+")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    stage = page.get_by_test_id("zoom-stage").bounding_box() or {}
    photo = place(page)
    # The image element fills the stage, and the photo has its middle.
    side = min(stage["width"], stage["height"]) * 1.5
    right = photo["x"] + photo["width"] / 2 + side / 2
    bottom = photo["y"] + photo["height"] / 2 + side / 2
    assert right >= stage["x"] + stage["width"] / 2
    assert bottom >= stage["y"] + stage["height"] / 2


def test_the_wheel_zooms(page: Page) -> None:
    enlarge(page)
    page.get_by_test_id("zoom-stage").hover()
    page.mouse.wheel(0, -200)
    expect(page.get_by_test_id("zoom-level")).not_to_have_text("100%")
    page.mouse.wheel(0, 2000)
    expect(page.get_by_test_id("zoom-level")).to_have_text("100%")


class Fingers:
    """Touches of a phone's screen, as Chromium gets them from its system."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def move(self, *steps: list[tuple[float, float]]) -> None:
        self._send("touchStart", *steps[0])
        for step in steps[1:]:
            self._send("touchMove", *step)
        self._send("touchEnd")


@pytest.fixture
def phone(browser: Any, product: Product, live_server: Any) -> Any:
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    visitor = Visitor(context.new_page())
    visitor.page.goto(live_server.url + product.get_absolute_url())
    yield visitor.page
    context.close()
    assert visitor.troubles == []


def test_two_fingers_zoom(phone: Page) -> None:
    enlarge(phone)
    fingers = Fingers(phone)
    fingers.move(*([(195 - far, 450.0), (195 + far, 450.0)] for far in (15, 30, 45, 60)))
    assert level(phone) > 300
    fingers.move(*([(195 - far, 450.0), (195 + far, 450.0)] for far in (95, 50, 5)))
    assert level(phone) == 100
    expect(phone.get_by_test_id("zoom-number")).to_have_text("Photo 1 of 3")


def test_a_double_tap_zooms_and_a_single_one_does_not(phone: Page) -> None:
    enlarge(phone)
    phone.touchscreen.tap(195, 450)
    phone.wait_for_timeout(500)
    assert level(phone) == 100
    phone.touchscreen.tap(195, 450)
    phone.touchscreen.tap(197, 452)
    assert level(phone) == 250


def test_a_stroke_leads_to_the_next_photo_unless_it_is_enlarged(phone: Page) -> None:
    enlarge(phone)
    fingers = Fingers(phone)

    def stroke(by: float) -> None:
        fingers.move(*([(195 + by * part, 450.0)] for part in (0, 0.3, 0.7, 1)))

    stroke(-120)
    expect(phone.get_by_test_id("zoom-number")).to_have_text("Photo 2 of 3")
    stroke(120)
    expect(phone.get_by_test_id("zoom-number")).to_have_text("Photo 1 of 3")
    stroke(-30)  # not meant
    expect(phone.get_by_test_id("zoom-number")).to_have_text("Photo 1 of 3")
    phone.get_by_test_id("zoom-in").click()
    before = place(phone)
    stroke(-120)
    assert place(phone)["x"] == pytest.approx(before["x"] - 120, abs=10)
    expect(phone.get_by_test_id("zoom-number")).to_have_text("Photo 1 of 3")


# --- whoever does without -----------------------------------------------------------------------------


def test_without_javascript_a_photo_leads_to_its_large_picture(
    product: Product, live_server: Any, plain_visitor: Visitor
) -> None:
    page = plain_visitor.page
    page.goto(live_server.url + product.get_absolute_url())
    expect(page.get_by_test_id("zoom")).to_be_hidden()
    expect(page.locator("[data-step]").first).to_be_hidden()
    page.get_by_role("link", name="Lamp <One>, photo 1: enlarge").click()
    assert page.url.endswith("2000x2000_q86.jpg")
    page.go_back()
    page.locator("#thumbs a").nth(1).click()
    assert page.url.endswith("#photo-2")
    expect(page.locator("#photo-2 img")).to_be_in_viewport()


def test_who_wants_no_motion_gets_none(browser: Any, product: Product, live_server: Any) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    page = context.new_page()
    page.goto(live_server.url + product.get_absolute_url())
    page.locator("#thumbs a").nth(2).click()
    assert shown(page) == 2  # at once
    enlarge(page, 3)
    assert page.locator(".zoom-stage img").evaluate("e => getComputedStyle(e).transitionDuration") in {
        "0s", "1e-05s",
    }  # fmt: skip
    context.close()


def test_before_anything_is_made_of_a_photo_it_is_enlarged_all_the_same(
    transactional_db: None, live_server: Any, visitor: Visitor
) -> None:
    product = ProductFactory(name="Lamp <One>")
    image = add_photo(product=product, data=photo(1, (1500, 1500))).image
    visitor.page.goto(live_server.url + product.get_absolute_url())
    enlarge(visitor.page)
    large = visitor.page.locator(".zoom-stage img")
    expect(large).to_have_js_property("complete", True)
    assert large.evaluate("image => image.currentSrc").endswith(image.file.url)
    expect(visitor.page.get_by_test_id("zoom-next")).to_have_count(0)


def test_a_product_without_photos_has_no_dialog(
    transactional_db: None, live_server: Any, visitor: Visitor
) -> None:
    product = ProductFactory()
    visitor.page.goto(live_server.url + product.get_absolute_url())
    expect(visitor.page.get_by_test_id("gallery")).to_be_visible()
    expect(visitor.page.get_by_test_id("zoom")).to_have_count(0)
