"""Clerks count a category with their phones: by photo, without a connection, and two at once."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recognition.models import Sighting
from stores.models import StockLevel, StocktakeLine, Store
from tests.browser.clerks import SAVED, log_in, start_count
from tests.browser.conftest import Visitor
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shoot(page: Page, tmp_path: Path, seed: int) -> None:
    photo = tmp_path / f"{seed}.jpg"
    photo.write_bytes(phone_photo(seed))
    page.get_by_test_id("photo-input").set_input_files(photo)
    page.wait_for_url("**/seen/**")


def test_from_photo_to_approval(
    center: Store, live_server, phones: list[Visitor], tmp_path: Path
) -> None:
    visitor, page = phones[0], phones[0].page
    start_count(page, live_server.url)
    shoot(page, tmp_path, 5)
    first = page.get_by_test_id("choice").first
    expect(first).to_have_attribute("data-sku", "P5")
    expect(first).not_to_contain_text("10")
    assert first.bounding_box()["height"] >= 48
    assert not visitor.is_wider_than_its_window()
    first.click()
    expect(page.locator(".quantity-input")).to_be_focused()
    page.get_by_role("button", name="One more").click(click_count=7, delay=5)
    expect(page.locator(".quantity-input")).to_have_value("7")
    page.get_by_role("button", name="One less").click()
    page.get_by_test_id("save").click()
    page.wait_for_url(SAVED)
    expect(page.get_by_test_id("message")).to_contain_text("Saved: 6 × Lamp 5")
    expect(page.get_by_test_id("line")).to_contain_text("Maria")

    page.get_by_test_id("words-input").fill("P2")
    page.get_by_test_id("words-input").press("Enter")
    page.locator(".quantity-input").fill("10")
    page.locator(".quantity-input").press("Enter")
    page.wait_for_url(SAVED)
    page.get_by_test_id("review").click()
    rows = page.get_by_test_id("difference")
    expect(rows).to_have_count(2)
    expect(page.get_by_test_id("uncounted")).to_contain_text("6 products")
    assert not visitor.is_wider_than_its_window()
    page.get_by_test_id("approve").click()
    page.get_by_test_id("approve-now").click()
    page.wait_for_url("**/report/")
    expect(page.get_by_test_id("posted")).to_contain_text("6 afterwards")
    page.get_by_test_id("evidence").click()
    expect(page.get_by_test_id("reviewed")).to_contain_text("Lamp 5")
    levels = dict(StockLevel.objects.values_list("product__sku", "quantity"))
    assert levels == {f"P{n}": 10 for n in range(8)} | {"P5": 6}
    assert Sighting.objects.get().review == "confirmed"


def test_a_count_without_a_connection_is_sent_once_when_it_is_back(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    page = phones[0].page
    count = start_count(page, live_server.url)
    page.goto(f"{count}products/P3/")
    page.locator(".quantity-input").fill("9")
    page.context.set_offline(True)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("unsent")).to_contain_text("9 × Lamp 3")
    expect(page.locator("[data-kept-notice]")).to_contain_text("kept on this phone")
    assert not StocktakeLine.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url(SAVED)
    expect(page.get_by_test_id("line")).to_contain_text("Lamp 3")
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    page.reload()
    line = StocktakeLine.objects.get()
    assert (line.counted, line.counted_by.username) == (9, "maria")


def test_an_answer_that_was_lost_does_not_count_twice(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    page = phones[0].page
    count = start_count(page, live_server.url)
    page.goto(f"{count}products/P3/")
    page.locator(".quantity-input").fill("9")
    lost = []

    def lose(route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # the site has it, the phone does not know
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/products/P3/", lose)
    page.get_by_test_id("save").click()
    page.wait_for_url(SAVED, timeout=30_000)
    assert lost[0].ok
    assert StocktakeLine.objects.count() == 1


def test_counts_survive_closing_the_page_and_a_new_log_in(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    page = phones[0].page
    count = start_count(page, live_server.url)
    page.goto(f"{count}products/P3/")
    page.locator(".quantity-input").fill("9")
    # Not by set_offline, which ends for a page at the moment that it is left.
    page.route("**/products/P3/", lambda route: route.abort("internetdisconnected"))
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("unsent")).to_be_visible()
    page.goto("about:blank")
    page.context.clear_cookies()
    page.unroute("**/products/P3/")
    # Another clerk's log-in on this phone does not send it as theirs.
    log_in(page, "jonas", count)
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    assert not StocktakeLine.objects.exists()
    page.context.clear_cookies()
    log_in(page, "maria", count)
    expect(page.get_by_test_id("line")).to_contain_text("Lamp 3", timeout=30_000)
    assert StocktakeLine.objects.get().counted_by.username == "maria"


def test_what_the_site_refuses_is_told_at_the_form(
    center: Store, live_server, phones: list[Visitor]
) -> None:
    page = phones[0].page
    count = start_count(page, live_server.url)
    page.goto(f"{count}products/P3/")
    page.locator(".quantity-input").fill("9")
    page.locator("[data-count-form]").evaluate("form => form.elements.quantity.value = 5000000")
    page.locator("[data-count-form]").evaluate("form => form.noValidate = true")
    page.get_by_test_id("save").click()
    expect(page.locator("[data-form-problem]")).to_contain_text("less than or equal")
    page.locator(".quantity-input").fill("5")
    page.get_by_test_id("save").click()
    page.wait_for_url(SAVED)
    assert StocktakeLine.objects.get().counted == 5


def test_two_people_count_at_once(center: Store, live_server, phones: list[Visitor]) -> None:
    maria, jonas = (visitor.page for visitor in phones)
    count = start_count(maria, live_server.url)
    log_in(jonas, "jonas", count)
    jonas.goto(f"{count}products/P4/")
    jonas.locator(".quantity-input").fill("4")
    jonas.get_by_test_id("save").click()
    jonas.wait_for_url(SAVED)
    # Within ten seconds the other phone shows it by itself.
    expect(maria.get_by_test_id("line")).to_contain_text("Jonas", timeout=30_000)
    maria.goto(f"{count}products/P4/")
    expect(maria.get_by_test_id("before")).to_contain_text("Jonas")
    maria.locator(".quantity-input").fill("5")
    maria.get_by_test_id("save").click()
    maria.wait_for_url(SAVED)
    expect(maria.get_by_test_id("figures")).to_contain_text("2 people")
    maria.get_by_test_id("review").click()
    expect(maria.get_by_test_id("difference")).to_contain_text("Jonas")
    # What changes after somebody looked is not approved unseen.
    maria.get_by_test_id("approve").click()
    jonas.goto(f"{count}products/P1/")
    jonas.locator(".quantity-input").fill("1")
    jonas.get_by_test_id("save").click()
    jonas.wait_for_url(SAVED)
    maria.get_by_test_id("approve-now").click()
    expect(maria.get_by_test_id("problem")).to_contain_text("Something changed")
    maria.get_by_test_id("approve-now").click()
    maria.wait_for_url("**/report/")
    levels = StockLevel.objects.filter(product__sku__in=["P1", "P4"])
    assert sorted(levels.values_list("quantity", flat=True)) == [1, 9]


def test_a_photo_without_a_connection_says_so(
    center: Store, live_server, phones: list[Visitor], tmp_path: Path
) -> None:
    page = phones[0].page
    start_count(page, live_server.url)
    page.context.set_offline(True)
    photo = tmp_path / "1.jpg"
    photo.write_bytes(phone_photo(1))
    page.get_by_test_id("photo-input").set_input_files(photo)
    expect(page.locator("[data-photo-problem]")).to_contain_text("No connection")
    page.context.set_offline(False)
    shoot(page, tmp_path, 1)


def test_without_javascript_all_of_it_works(
    center: Store, live_server, plain_visitor: Visitor, tmp_path: Path
) -> None:
    page = plain_visitor.page
    start_count(page, live_server.url)
    photo = tmp_path / "5.jpg"
    photo.write_bytes(phone_photo(5))
    page.get_by_test_id("photo-input").set_input_files(photo)
    page.get_by_test_id("photo-submit").click()
    page.get_by_test_id("choice").first.click()
    page.locator(".quantity-input").fill("3")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("line")).to_contain_text("Lamp 5")
    page.goto(f"{live_server.url}/stock/center/products/P2/")
    page.get_by_test_id("book-sell").locator("summary").click()
    page.get_by_test_id("book-sell").locator(".quantity-input").fill("4")
    page.get_by_role("button", name="Book the sale").click()
    expect(page.get_by_test_id("level")).to_have_text("6")
    assert not plain_visitor.is_wider_than_its_window()
