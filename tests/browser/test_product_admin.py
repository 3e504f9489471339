"""The catalogue's admin as staff use it: photos dropped, dragged and searched with."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from products.models import Category, Product
from tests.browser.conftest import PHONE, Visitor
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.pictures import phone_photo, product_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A drop or a paste of files, as the browser would make it.
_GIVE = """([selector, type, files]) => {
    const transfer = new DataTransfer();
    for (const [name, mime, data] of files) {
        const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mime }));
    }
    const target = document.querySelector(selector);
    const options = { bubbles: true, cancelable: true };
    const event = type === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
        : new DragEvent("drop", { ...options, dataTransfer: transfer });
    target.dispatchEvent(event);
}"""


def give(page: Page, selector: str, files: dict[str, bytes], how: str = "drop") -> None:
    rows = [
        [
            name,
            "image/jpeg" if name.endswith("jpg") else "text/plain",
            base64.b64encode(data).decode(),
        ]
        for name, data in files.items()
    ]
    page.evaluate(_GIVE, [selector, how, rows])


@pytest.fixture
def staff(live_server, visitor: Visitor, shop: list[Product]) -> Page:
    """A page of somebody who is logged in."""
    StaffFactory(username="anna")
    log_in(visitor.page, live_server.url)
    return visitor.page


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/login/?next=/admin/products/category/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", "secret")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/category/")


def change_url(site: str, product: Product) -> str:
    return f"{site}/admin/products/product/{product.pk}/change/"


def order(page: Page) -> list[int]:
    tiles = page.locator("[data-tile-list] [data-photo]")
    return [int(tile.get_attribute("data-photo") or 0) for tile in tiles.all()]


def test_several_photos_are_dropped_at_once(
    live_server, staff: Page, visitor: Visitor, shop: list[Product]
) -> None:
    staff.goto(change_url(live_server.url, shop[0]))
    expect(staff.locator("[data-rows]")).to_be_hidden()
    give(
        staff,
        "[data-board]",
        {
            "a.jpg": product_photo(50),
            "broken.jpg": product_photo(51)[:-600],
            "same.jpg": product_photo(0),
            "notes.txt": b"not a photo",
            "b.jpg": product_photo(52),
        },
    )
    expect(staff.locator("[data-tile-list] [data-photo]")).to_have_count(3)
    errors = staff.locator("[data-uploads] [role=alert]")
    expect(errors).to_have_count(3)
    texts = " ".join(errors.all_inner_texts())
    for part in ("damaged", "already", "not a photo that can be read"):
        assert part in texts
    assert not visitor.is_wider_than_its_window()
    staff.locator("[data-uploads] button", has_text="Remove").first.click()
    expect(errors).to_have_count(2)
    # The form itself is saved without touching what was dropped.
    staff.fill("input[name=name]", "Renamed")
    staff.locator("button[name=_continue], input[name=_continue]").first.click()
    expect(staff.locator("[data-tile-list] [data-photo]")).to_have_count(3)
    shop[0].refresh_from_db()
    assert shop[0].name == "Renamed"
    assert shop[0].images.count() == 3


def test_tiles_are_dragged(live_server, staff: Page, shop: list[Product]) -> None:
    for seed in (60, 61, 62):
        with_photo(seed, shop[0])
    staff.goto(change_url(live_server.url, shop[0]))
    before = order(staff)
    tiles = staff.locator("[data-tile-list] [data-photo]")
    tiles.nth(0).scroll_into_view_if_needed()
    source, target = tiles.nth(1).bounding_box(), tiles.nth(0).bounding_box()
    assert source
    assert target
    staff.mouse.move(source["x"] + 60, source["y"] + 60)
    staff.mouse.down()
    with staff.expect_response("**/photos/order/"):
        for share in (0.3, 0.6, 0.9, 1):
            staff.mouse.move(
                source["x"] + 60 + (target["x"] - source["x"] - 40) * share,
                source["y"] + 60 + (target["y"] - source["y"]) * share,
                steps=4,
            )
        staff.mouse.up()
    expect(staff.locator("[data-photo]").first).to_have_attribute("data-photo", str(before[1]))
    assert [image.pk for image in shop[0].images.all()] == [before[1], before[0], *before[2:]]
    expect(staff.locator("[data-photo]").first.get_by_text("Face photo")).to_be_visible()


def test_tiles_are_ordered_and_deleted_by_the_keyboard(
    live_server, staff: Page, shop: list[Product]
) -> None:
    for seed in (60, 61):
        with_photo(seed, shop[0])
    staff.goto(change_url(live_server.url, shop[0]))
    a, b, c = order(staff)

    def press(name: str, path: str = "order") -> None:
        staff.get_by_role("button", name=name, exact=True).focus()
        with staff.expect_response(f"**/{path}/"):
            staff.keyboard.press("Enter")

    press("Make photo 3 the face")
    expect(staff.locator("[data-photo]").first).to_have_attribute("data-photo", str(c))
    press("Move photo 1 later")
    expect(staff.locator("[data-photo]").first).to_have_attribute("data-photo", str(a))
    # The button moved with its photo, and so did the focus.
    expect(staff.get_by_role("button", name="Move photo 2 later", exact=True)).to_be_focused()
    assert [image.pk for image in shop[0].images.all()] == [a, c, b]
    staff.once("dialog", lambda dialog: dialog.accept())
    press("Delete photo 2", "delete")
    expect(staff.locator("[data-tile-list] [data-photo]")).to_have_count(2)
    assert [image.pk for image in shop[0].images.all()] == [a, b]


@pytest.mark.parametrize("how", ["choose", "drop", "paste"])
def test_the_list_is_searched_by_photo(
    live_server, staff: Page, visitor: Visitor, tmp_path: Path, how: str
) -> None:
    staff.goto(f"{live_server.url}/admin/products/product/?brand=Nord")
    photo = tmp_path / "query.jpg"
    photo.write_bytes(phone_photo(3))
    if how == "choose":
        staff.locator("[data-photo-search] input[type=file]").set_input_files(photo)
    else:
        give(staff, "body", {"query.jpg": photo.read_bytes()}, how)
    staff.wait_for_url("**photo=*")
    expect(staff.get_by_text("8 nearest products to your photo")).to_be_visible()
    expect(staff.locator("#result_list .field-name").first).to_have_text("Lamp 3")
    assert not visitor.is_wider_than_its_window()
    staff.get_by_role("link", name="Show all products").click()
    expect(staff.locator("#result_list .field-name").first).to_have_text("Lamp 0")


def test_a_bad_query_photo_is_a_message(
    live_server, staff: Page, shop: list[Product], tmp_path: Path
) -> None:
    staff.goto(f"{live_server.url}/admin/products/product/")
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    staff.locator("[data-photo-search] input[type=file]").set_input_files(tmp_path / "bad.jpg")
    expect(staff.get_by_text("This file is not a photo that can be read")).to_be_visible()


def test_neighbours_come_when_they_are_scrolled_to(
    live_server, staff: Page, visitor: Visitor, shop: list[Product]
) -> None:
    ProductFactory(name="Lamp 0", brand="nord")
    staff.goto(change_url(live_server.url, shop[0]))
    panels = staff.locator("[data-panel]")
    for n in range(panels.count()):
        panels.nth(n).scroll_into_view_if_needed()
    expect(staff.get_by_role("link", name="Lamp 5")).to_be_visible()
    expect(staff.get_by_text("The same name and brand")).to_be_visible()
    assert not visitor.is_wider_than_its_window()
    staff.get_by_role("link", name="Merge this product").first.click()
    expect(staff.locator(".field-merged_into .select2-selection")).to_contain_text("Lamp 0")


def test_attributes_are_rows(live_server, staff: Page, shop: list[Product]) -> None:
    product = shop[0]
    product.attributes = {"colour": "red", "sizes": [1, 2], "watts": 40, "old": "x"}
    product.save()
    staff.goto(change_url(live_server.url, product))
    expect(staff.locator("textarea[name=attributes]")).to_be_hidden()
    rows = staff.locator(".rv-attribute")
    expect(rows).to_have_count(4)
    # The database orders names by their length.
    rows.nth(3).locator("input").nth(1).fill("green")
    rows.nth(2).locator("input").nth(1).fill("60")
    rows.nth(0).get_by_role("button").click()
    staff.get_by_role("button", name="Add an attribute").click()
    rows.nth(3).locator("input").nth(0).fill("__proto__")
    rows.nth(3).locator("input").nth(1).fill("7")
    staff.locator("button[name=_continue], input[name=_continue]").first.click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    product.refresh_from_db()
    assert product.attributes == {
        "colour": "green",
        "sizes": [1, 2],
        "watts": 60,
        "__proto__": "7",
    }


def test_a_new_product_gets_several_photos(live_server, staff: Page, shop: list[Product]) -> None:
    category = Category.objects.at_path("Home/Lamps")
    staff.goto(f"{live_server.url}/admin/products/product/add/")
    staff.fill("input[name=sku]", "NEW-1")
    staff.fill("input[name=name]", "Desk lamp")
    staff.evaluate(
        """(id) => document.querySelector("select[name=category]")
            .append(new Option("Home/Lamps", id, true, true))""",
        category.pk,
    )
    give(staff, "[data-new-photos]", {f"{n}.jpg": product_photo(70 + n) for n in range(3)})
    expect(staff.locator("[data-rows] input[type=file]:not([name*=__prefix__])")).to_have_count(3)
    staff.locator("button[name=_continue], input[name=_continue]").first.click()
    expect(staff.locator("[data-tile-list] [data-photo]")).to_have_count(3)
    assert Product.objects.get(sku="NEW-1").images.count() == 3


def test_the_plain_rows_do_where_our_scripts_do_not_come(
    live_server, browser: Browser, shop: list[Product], tmp_path: Path
) -> None:
    StaffFactory(username="anna")
    photo = tmp_path / "a.jpg"
    photo.write_bytes(product_photo(80))
    context = browser.new_context(viewport=PHONE)
    context.route("**/retailvision/admin/*.js", lambda route: route.abort())
    try:
        page = context.new_page()
        log_in(page, live_server.url)
        page.goto(change_url(live_server.url, shop[0]))
        expect(page.locator("textarea[name=attributes]")).to_be_visible()
        page.locator("input[name='images-1-file']").set_input_files(photo)
        page.locator("button[name=_continue], input[name=_continue]").first.click()
        expect(page.get_by_text("was changed successfully")).to_be_visible()
        assert shop[0].images.count() == 2
    finally:
        context.close()
