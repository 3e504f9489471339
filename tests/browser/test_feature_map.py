"""The feature map as staff use it: hovered, found, clicked, asked with a photo, a region selected."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from products.models import Product
from recognition.feature_maps import begin_map, build_map
from recognition.models import Encoder, FeatureMap
from tests.browser.conftest import DESKTOP, Visitor
from tests.browser.test_product_admin import give, log_in
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.pictures import product_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
on_a_desk = pytest.mark.parametrize("visitor", [DESKTOP], ids=["desktop"], indirect=True)


@pytest.fixture
def feature_map(shop: list[Product]) -> FeatureMap:
    encoder = Encoder.objects.get()
    built = build_map(feature_map=begin_map(encoder=encoder))
    assert built is not None
    return built


@pytest.fixture
def page(live_server: Any, visitor: Visitor, feature_map: FeatureMap) -> Page:
    StaffFactory(username="anna")
    with_stock(StoreFactory(code="N", name="North"), Product.objects.get(sku="P1"), 4)
    log_in(visitor.page, live_server.url)
    visitor.page.goto(f"{live_server.url}/admin/recognition/featuremap/newest/")
    visitor.page.wait_for_selector("#fmap[data-ready]")
    visitor.page.locator("[data-stage]").scroll_into_view_if_needed()
    return visitor.page


@pytest.fixture
def at(page: Page) -> Callable[[str], tuple[float, float]]:
    """Where in the window a product's point is."""

    def where(sku: str) -> tuple[float, float]:
        x, y = page.evaluate(
            """(sku) => {
                const { data, plane } = window.featureMap.shown;
                const point = [...data.product].findIndex((each) => data.sku[each] === sku);
                const box = plane.over.getBoundingClientRect();
                const [x, y] = plane.toPage(data.x[point], data.y[point]);
                return [x + box.left, y + box.top];
            }""",
            sku,
        )
        return float(x), float(y)

    return where


def test_a_point_is_hovered_and_clicked(page: Page, visitor: Visitor, at: Any) -> None:
    assert not visitor.is_wider_than_its_window()
    page.mouse.move(*at("P3"))
    tip = page.locator("[data-tip]")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Lamp 3")
    expect(tip).to_contain_text("P3")
    page.wait_for_function("document.querySelector('[data-tip] img').naturalWidth > 0")
    page.mouse.click(*at("P3"))
    page.wait_for_url(f"**/product/{Product.objects.get(sku='P3').pk}/change/")


@on_a_desk
@pytest.mark.parametrize("text", ["P5", "lamp 5"])
def test_a_product_is_found_and_clicked_through(page: Page, at: Any, text: str) -> None:
    page.fill("#fmap-find", text)
    expect(page.locator("#fmap-found li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("said")).to_contain_text("Lamp 5")
    box = page.locator("[data-over]").bounding_box()
    assert box
    x, y = at("P5")
    assert abs(x - box["x"] - box["width"] / 2) < 3
    assert abs(y - box["y"] - box["height"] / 2) < 3
    page.mouse.click(x, y)
    page.wait_for_url(f"**/product/{Product.objects.get(sku='P5').pk}/change/")


@on_a_desk
def test_what_is_not_on_the_map_is_not_found(page: Page) -> None:
    page.fill("#fmap-find", "kettle")
    expect(page.get_by_test_id("said")).to_contain_text("No product")


def test_a_photo_is_dropped(page: Page) -> None:
    give(page, "[data-stage]", {"query.jpg": product_photo(2)})
    placed = page.get_by_test_id("placed")
    expect(placed).to_be_visible()
    expect(placed).to_contain_text("approximate")
    expect(placed.locator("li").first).to_contain_text("Lamp 2")
    expect(page.get_by_test_id("said")).to_contain_text("Lamp 2")
    page.locator("[data-take-off]").click()
    expect(placed).to_be_hidden()


@on_a_desk
def test_a_photo_is_chosen_and_one_that_is_none_is_refused(page: Page, tmp_path: Any) -> None:
    photo, text = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo.write_bytes(product_photo(6))
    text.write_bytes(b"not a photo")
    page.set_input_files("[data-photo]", photo)
    expect(page.get_by_test_id("placed").locator("li").first).to_contain_text("Lamp 6")
    page.set_input_files("[data-photo]", text)
    expect(page.get_by_test_id("said")).to_contain_text("photo")


@pytest.mark.parametrize("mode", ["box", "lasso"])
def test_a_region_is_selected(page: Page, at: Any, mode: str) -> None:
    page.locator(f"[data-mode={mode}]").click()
    x, y = at("P4")
    page.mouse.move(x - 8, y - 8)
    page.mouse.down()
    for dx, dy in ((8, -8), (8, 8), (-8, 8)) if mode == "lasso" else ((8, 8),):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()
    chosen = page.get_by_test_id("chosen")
    expect(chosen).to_be_visible()
    expect(chosen.locator("li", has_text="Lamp 4")).to_have_count(1)
    chosen.get_by_role("link", name="Lamp 4").click()
    page.wait_for_url(f"**/product/{Product.objects.get(sku='P4').pk}/change/")


@on_a_desk
def test_the_keyboard_moves_zooms_and_lists(page: Page, at: Any) -> None:
    page.locator("[data-over]").focus()
    page.keyboard.press("Enter")
    chosen = page.get_by_test_id("chosen")
    expect(chosen.locator("li")).to_have_count(8)
    page.keyboard.press("Escape")
    expect(chosen).to_be_hidden()
    before = at("P1")
    page.keyboard.press("ArrowRight")
    assert at("P1")[0] == pytest.approx(before[0] - 60)
    page.keyboard.press("0")
    assert at("P1") == pytest.approx(before, abs=1)
    scale = "window.featureMap.shown.plane.scale"
    start = page.evaluate(scale)
    page.keyboard.press("+")
    assert page.evaluate(scale) == pytest.approx(start * 1.4)
    for _ in range(9):
        page.keyboard.press("+")
    page.keyboard.press("Enter")
    # So near, hardly any of them is in view any more.
    assert chosen.locator("li").count() < 8


@on_a_desk
def test_the_wheel_zooms_about_the_pointer(page: Page, at: Any) -> None:
    before = at("P2")
    page.mouse.move(*before)
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "window.featureMap.shown.plane.scale > window.featureMap.shown.plane.least * 4.2"
    )
    assert at("P2") == pytest.approx(before, abs=1.5)


def test_colours_and_the_legend_that_filters(page: Page, at: Any) -> None:
    legend = page.get_by_test_id("legend")
    page.locator("[data-colour]").select_option("stock")
    expect(page.locator("[data-store-row]")).to_be_visible()
    expect(legend.locator("li")).to_have_count(2)
    expect(legend).to_contain_text("in stock")
    legend.locator("label", has_text="not in stock").click()
    page.locator("[data-in-view]").click()
    expect(page.get_by_test_id("chosen").locator("li")).to_have_count(1)
    expect(page.get_by_test_id("chosen")).to_contain_text("Lamp 1")
    page.locator("[data-colour]").select_option("brand")
    expect(legend).to_contain_text("Nord")
    page.locator("[data-colour]").select_option("first")
    expect(legend).to_contain_text("only photo")
    page.locator("[data-none]").click()
    page.locator("[data-in-view]").click()
    expect(page.get_by_test_id("said")).to_contain_text("No points")


def test_a_tap_shows_the_product_and_a_way_to_it(
    live_server: Any, browser: Any, feature_map: FeatureMap
) -> None:
    StaffFactory(username="anna")
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/recognition/featuremap/{feature_map.pk}/change/")
    page.wait_for_selector("#fmap[data-ready]")
    page.locator("[data-stage]").scroll_into_view_if_needed()
    x, y = page.evaluate(
        """() => {
            const { data, plane } = window.featureMap.shown;
            const box = plane.over.getBoundingClientRect();
            const [x, y] = plane.toPage(data.x[0], data.y[0]);
            return [x + box.left, y + box.top];
        }"""
    )
    page.touchscreen.tap(x, y)
    tip = page.locator("[data-tip]")
    expect(tip).to_contain_text("Lamp 0")
    tip.get_by_role("link").tap()
    page.wait_for_url(f"**/product/{Product.objects.get(sku='P0').pk}/change/")
    context.close()


def test_two_fingers_zoom(live_server: Any, browser: Any, feature_map: FeatureMap) -> None:
    StaffFactory(username="anna")
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    log_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/recognition/featuremap/{feature_map.pk}/change/")
    page.wait_for_selector("#fmap[data-ready]")
    page.locator("[data-stage]").scroll_into_view_if_needed()
    box = page.locator("[data-over]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        where = [] if kind == "touchEnd" else points
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    scale = "window.featureMap.shown.plane.scale"
    before = page.evaluate(scale)
    touch("touchStart", 40)
    for apart in (60, 80, 100, 120):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    assert page.evaluate(scale) == pytest.approx(before * 3, rel=0.05)
    # That was no tap and no selection.
    expect(page.locator("[data-tip]")).to_be_hidden()
    expect(page.get_by_test_id("chosen")).to_be_hidden()
    context.close()


@on_a_desk
def test_a_map_of_one_product(live_server: Any, visitor: Visitor, transactional_db: None) -> None:
    from recognition.embedding import embed_pending
    from recognition.versions import settle_encoder

    encoder = settle_encoder()
    with_photo(1, ProductFactory(sku="ONLY", name="Only one"))
    embed_pending(encoder)
    build_map(feature_map=begin_map(encoder=encoder))
    StaffFactory(username="anna")
    log_in(visitor.page, live_server.url)
    visitor.page.goto(f"{live_server.url}/admin/recognition/featuremap/newest/")
    visitor.page.wait_for_selector("#fmap[data-ready]")
    visitor.page.locator("[data-in-view]").click()
    expect(visitor.page.get_by_test_id("chosen")).to_contain_text("Only one")
