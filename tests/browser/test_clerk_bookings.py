"""A clerk books with a phone: told at once, taken back, and once only, however often it is tapped."""

import pytest
from playwright.sync_api import expect

from stores.models import StockMovement, StockOperation, Store
from tests.browser.clerks import levels, log_in, open_form, sell
from tests.browser.conftest import Visitor
from tests.factories import StoreFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def maria(center: Store, live_server, phones: list[Visitor]) -> Visitor:
    """Maria, looking at a product that she is about to book."""
    page = phones[0].page
    log_in(page, "maria", f"{live_server.url}/stock/center/products/P3/")
    return phones[0]


def booked_by_clerks() -> list[tuple[str, int]]:
    found = StockMovement.objects.exclude(operation__actor__is_superuser=True).order_by("id")
    return list(found.values_list("kind", "delta"))


def test_a_sale_is_said_and_taken_back(maria: Visitor) -> None:
    page = maria.page
    form = open_form(page, "sell")
    expect(form.locator(".quantity-input")).to_have_attribute("inputmode", "numeric")
    form.get_by_role("button", name="One more").click()
    for button in form.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 48
        assert button.bounding_box()["width"] >= 48
    form.get_by_role("button", name="Book the sale").click()
    booked = page.get_by_test_id("booked")
    expect(booked).to_contain_text("Sold 2 × Lamp 3; 8 left")
    expect(booked).to_be_focused()
    expect(page.get_by_test_id("level")).to_have_text("8")
    expect(page.get_by_test_id("photo-input")).to_be_attached()  # to find the next
    assert not maria.is_wider_than_its_window()
    booked.get_by_test_id("undo").click()
    expect(booked).to_contain_text("Taken back: 2 × Lamp 3; 10 here now")
    expect(booked.get_by_test_id("undo")).to_have_count(0)
    assert levels()["P3"] == 10


def test_an_older_booking_is_taken_back_with_a_reason(maria: Visitor) -> None:
    page = maria.page
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_be_visible()
    page.get_by_test_id("movement").first.click()
    page.get_by_label("Why?").fill("the wrong lamp")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Taken back")
    page.get_by_test_id("movement").first.click()
    expect(page.locator("main")).to_contain_text("the wrong lamp")
    assert StockOperation.objects.latest("id").reason == "the wrong lamp"


def test_what_is_refused_stands_at_its_field(maria: Visitor) -> None:
    page = maria.page
    sell(page, 99)
    form = open_form(page, "sell")
    expect(form.get_by_test_id("form-problem")).to_contain_text("holds 10 of")
    expect(form.locator(".quantity-input")).to_be_focused()
    form = open_form(page, "adjust")
    form.locator("select").select_option("other")
    form.get_by_role("button", name="Book the change").click()
    detail = form.get_by_label("In your words")
    expect(detail).to_be_focused()
    expect(detail).to_have_attribute("aria-invalid", "true")
    said = page.locator(f"#{detail.get_attribute('aria-describedby')}")
    expect(said).to_have_text("Say what happened.")
    detail.fill("fell down")
    form.get_by_role("button", name="Book the change").click()
    expect(page.get_by_test_id("level")).to_have_text("9")


def test_impatient_taps_book_once(maria: Visitor) -> None:
    page = maria.page
    form = open_form(page, "sell")
    form.get_by_role("button", name="Book the sale").click(click_count=5, delay=2)
    expect(page.get_by_test_id("booked")).to_be_visible()
    assert booked_by_clerks() == [("sell", -1)]


def test_back_and_sent_again_books_once(maria: Visitor) -> None:
    page = maria.page
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_be_visible()
    page.go_back()
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_contain_text("not booked again")
    assert booked_by_clerks() == [("sell", -2)]
    # From there on, it is another sale.
    sell(page, 2)
    expect(page.get_by_test_id("level")).to_have_text("6")
    page.reload()
    assert booked_by_clerks() == [("sell", -2), ("sell", -2)]


def test_back_after_undoing_is_another_sale(maria: Visitor) -> None:
    """The form that takes back has gone; the keys of the others stay theirs."""
    page = maria.page
    sell(page, 1)
    page.wait_for_url("**booked=*")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Taken back")
    page.go_back()
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1")
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3; 8 left")


def test_back_and_another_number_is_asked_about(maria: Visitor) -> None:
    page = maria.page
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_be_visible()
    page.go_back()
    sell(page, 3)
    form = open_form(page, "sell")
    expect(form.get_by_test_id("form-problem")).to_contain_text("booked already, with other")
    form.get_by_role("button", name="Book the sale").click()
    expect(page.get_by_test_id("level")).to_have_text("5")
    assert booked_by_clerks() == [("sell", -2), ("sell", -3)]


def test_the_same_count_by_code_twice_is_two_counts(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    """The page that comes back has the same address, but is not the same form."""
    page = phones[0].page
    log_in(page, "maria", f"{live_server.url}/stock/center/counts/new/")
    page.get_by_role("button", name="Start counting").click()
    page.wait_for_url("**/counts/*/")
    page.goto(f"{page.url}by-code/")
    for n in (1, 2):
        page.get_by_label("SKU or barcode").fill("P3")
        page.get_by_label("SKU or barcode").press("Enter")
        expect(page.locator(".quantity-input")).to_be_focused()
        page.keyboard.type("4")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_test_id("message")).to_contain_text("Saved: 4 × Lamp 3")
        assert center.stocktakes.get().lines.count() == n


def test_a_hand_scanner_finds_wherever_the_focus_is(maria: Visitor) -> None:
    page = maria.page
    page.locator("h1").click()
    page.keyboard.type("P5", delay=1)
    page.keyboard.press("Enter")  # too short to be a code that somebody scanned
    page.keyboard.type("4006381333931", delay=1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?q=4006381333931")


def test_a_delivery_is_scanned_line_by_line(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    visitor, page = phones[0], phones[0].page
    log_in(page, "maria", f"{live_server.url}/stock/center/delivery/")
    scan = page.get_by_test_id("scan")
    scan.focus()
    for code in ("P1", "P2", "P1", "NONE", "P1"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    lines = page.locator("[data-line]:visible")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("Lamp 1")
    expect(lines.nth(2)).to_contain_text("No product has this")
    expect(page.locator("#id_quantity_0")).to_have_value("3")
    lines.nth(1).get_by_role("button", name="One more").click()
    assert not visitor.is_wider_than_its_window()
    page.get_by_test_id("receive").click()
    expect(page.locator("#id_code_2")).to_be_focused()
    page.keyboard.type("P7")
    page.get_by_test_id("receive").dblclick()
    expect(page.get_by_test_id("booked")).to_contain_text("Products: 3, pieces: 6")
    assert levels() == {f"P{n}": 10 for n in range(8)} | {"P1": 13, "P2": 12, "P7": 11}


def test_more_lines_than_a_form_begins_with(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    page = phones[0].page
    other = StoreFactory(name="Harbour")
    log_in(page, "maria", f"{live_server.url}/stock/center/transfers/send/?code_0=P0")
    page.get_by_label("To").select_option(str(other.pk))
    for n in range(1, 7):
        page.get_by_test_id("scan").fill(f"P{n}")
        page.get_by_test_id("scan").press("Enter")
    page.locator("#id_quantity_0").fill("2")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("message")).to_contain_text("Sent to Harbour")
    assert levels() == {f"P{n}": 9 for n in range(8)} | {"P0": 8, "P7": 10}


def test_without_javascript_it_is_all_plain_forms(
    center: Store, live_server, plain_visitor: Visitor
) -> None:
    page = plain_visitor.page
    log_in(page, "maria", f"{live_server.url}/stock/center/products/P3/")
    sell(page, 99)
    expect(page.get_by_test_id("problem")).to_be_focused()
    expect(page.locator(".quantity-input").first).to_have_value("99")
    page.reload()  # sends the form again
    assert booked_by_clerks() == []
    page.get_by_test_id("book-sell").locator(".quantity-input").fill("2")
    page.get_by_test_id("book-sell").get_by_role("button", name="Book the sale").dblclick()
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3; 8 left")
    page.reload()
    assert booked_by_clerks() == [("sell", -2)]
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Taken back")
    page.goto(f"{live_server.url}/stock/center/by-code/")
    page.get_by_label("SKU or barcode").fill("P4")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 4")
    page.goto(f"{live_server.url}/stock/center/delivery/")
    page.locator("#id_code_0").fill("P1")
    page.locator("#id_quantity_0").fill("5")
    page.get_by_role("button", name="More lines").click()
    page.locator("#id_code_7").fill("P2")
    page.locator("#id_quantity_7").fill("5")
    page.get_by_test_id("receive").click()
    expect(page.get_by_test_id("booked")).to_contain_text("Products: 2, pieces: 10")
    assert levels() == {f"P{n}": 10 for n in range(8)} | {"P4": 9, "P1": 15, "P2": 15}
