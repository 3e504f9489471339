"""Feedback below an answer, and the review by keys, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from recognition.models import Encoder, Sighting
from tests.browser.conftest import PHONE, Visitor
from tests.browser.shoppers import asking
from tests.factories import StaffFactory
from tests.pictures import phone_photo
from tests.recognition.recorded import asked
from tests.recognition.test_verdicts import calibrated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.jpg"
    path.write_bytes(phone_photo(5))
    return path


def test_a_customer_says_which_one_it_was(shop, live_server, visitor: Visitor, query) -> None:
    page = asking(visitor, live_server.url, query)
    yes = "Yes, the first" if page.viewport_size == PHONE else "Yes, Lamp 5"
    expect(page.get_by_test_id("feedback-yes")).to_have_text(yes, use_inner_text=True)
    cards = page.get_by_test_id("result-card")
    second = cards.nth(1).get_attribute("data-sku")
    cards.nth(1).get_by_test_id("this-one").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Noted: it is Lamp")
    assert Sighting.objects.get().reviewed_product.sku == second
    # The answer is still there, and it was no search.
    expect(cards).to_have_count(8)
    expect(page.locator("#status")).to_contain_text("Noted")
    page.get_by_test_id("feedback-none").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("none of these")
    cards.first.get_by_test_id("this-one").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Lamp 5")
    assert Sighting.objects.get().review == "confirmed"
    assert not visitor.is_wider_than_its_window()


def test_the_question_waits_for_who_reads_and_what_is_said_moves_nothing(
    shop, live_server, visitor: Visitor, query
) -> None:
    page = asking(visitor, live_server.url, query)
    bar = page.get_by_test_id("feedback")
    expect(bar).to_be_attached()
    expect(page.locator("#results:not([aria-busy])")).to_be_attached()
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    expect(bar).not_to_be_in_viewport()
    half = page.evaluate("document.documentElement.scrollHeight - innerHeight - 200")
    page.evaluate("to => scrollTo({top: to, behavior: 'instant'})", half)
    expect(bar).to_be_in_viewport(ratio=1)
    before = page.evaluate("scrollY")
    page.get_by_test_id("feedback-none").dispatch_event("click")  # a click of ours would scroll
    expect(page.get_by_test_id("feedback-says")).to_contain_text("none of these")
    assert page.evaluate("scrollY") == before


def test_a_match_that_was_denied_is_no_longer_claimed(
    shop, live_server, visitor: Visitor, query
) -> None:
    calibrated(Encoder.objects.active(), **{"": {"outcome": "own", "threshold": 0.000001}})
    page = asking(visitor, live_server.url, query)
    claim, error = (
        page.get_by_role("heading", name="This is Lamp 5"),
        page.get_by_text("wrong at most"),
    )
    expect(claim).to_be_visible()
    expect(error).to_be_visible()
    page.get_by_test_id("feedback-none").click()
    expect(page.get_by_text("You said: this is not Lamp 5.")).to_be_visible()
    expect(claim).to_be_hidden()
    expect(error).to_be_hidden()
    with page.expect_file_chooser():
        page.locator(".hero").get_by_role("button", name="Another photo").click()
    page.locator(".hero").get_by_role("link", name="Search by words").click()
    expect(page.get_by_test_id("words-input")).to_be_focused()
    expect(page.get_by_test_id("words-input")).to_be_in_viewport()
    # Going back finds it as it was left, and it is not read out as if nothing had been said.
    asked = Sighting.objects.count()
    page.get_by_test_id("results").get_by_role("link").first.click()
    page.wait_for_url("**/products/*/")
    page.go_back()
    expect(page.get_by_text("You said: this is not Lamp 5.")).to_be_visible()
    assert Sighting.objects.count() == asked
    assert "This is" not in page.get_by_test_id("results-heading").inner_text()
    # Another one says the same of it, and it may be said to be right after all.
    page.get_by_test_id("results").get_by_test_id("this-one").first.click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Noted: it is Lamp")
    expect(claim).to_be_hidden()
    page.locator(".hero").get_by_test_id("this-one").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Noted: it is Lamp 5")
    expect(claim).to_be_visible()
    assert not visitor.is_wider_than_its_window()


def test_back_from_a_product_the_answer_stands_as_it_was(
    shop, live_server, visitor: Visitor, query
) -> None:
    page = asking(visitor, live_server.url, query)
    expect(page.get_by_test_id("feedback-yes")).to_be_visible()
    corner = page.locator(".crop-handle").first
    corner.focus()
    with page.expect_response("**/"):
        for _ in range(3):
            corner.press("ArrowRight")
    page.wait_for_timeout(1000)  # the last press searches, too, once no other follows it
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    page.get_by_test_id("result-card").nth(1).get_by_test_id("this-one").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Noted: it is Lamp")
    said = page.get_by_test_id("feedback-says").inner_text()
    box, order, asked = (
        page.locator("#id_box").input_value(),
        visitor.skus(),
        Sighting.objects.count(),
    )
    assert box
    page.get_by_test_id("result-card").first.get_by_role("link").first.click()
    page.wait_for_url("**/products/*/")
    page.go_back()
    expect(page.get_by_test_id("feedback-says")).to_have_text(said, use_inner_text=True)
    assert page.locator("#id_box").input_value() == box
    assert visitor.skus() == order
    expect(page.locator("#preview-photo")).to_be_visible()
    assert Sighting.objects.count() == asked
    # It goes on from there.
    page.get_by_test_id("feedback-none").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("none of these")
    corner = page.locator(".crop-handle").first
    corner.focus()
    with page.expect_response("**/"):
        corner.press("ArrowRight")
    expect(page.get_by_test_id("feedback-yes")).to_be_visible()
    assert Sighting.objects.count() == asked + 1


def test_the_same_without_javascript(shop, live_server, plain_visitor: Visitor, query) -> None:
    page = plain_visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    page.get_by_test_id("search-submit").click()
    page.get_by_test_id("feedback-yes").click()
    expect(page.get_by_test_id("feedback-says")).to_contain_text("Noted: it is Lamp 5")
    assert "/answers/" in page.url
    page.get_by_test_id("this-one").nth(2).click()
    expect(page.get_by_test_id("feedback-says")).not_to_contain_text("Lamp 5")


def test_staff_judge_by_keys(shop, live_server, visitor: Visitor) -> None:
    StaffFactory(username="boss")
    encoder = Encoder.objects.get()
    for _ in range(3):
        asked(encoder, shop, drawn_for_audit=True)
    page = visitor.page
    page.goto(f"{live_server.url}/admin/login/?next=/admin/recognition/sighting/review/audit/")
    page.fill("#id_username", "boss")
    page.fill("#id_password", "secret")
    page.keyboard.press("Enter")
    progress = page.get_by_test_id("progress")
    expect(progress).to_contain_text("1 of 3")
    photo = page.locator(".review-query img")
    expect(photo).not_to_have_js_property("naturalWidth", 0)
    page.keyboard.press("2")
    expect(progress).to_contain_text("2 of 3")
    page.keyboard.press("u")
    expect(progress).to_contain_text("1 of 3")
    page.keyboard.press("n")
    expect(progress).to_contain_text("2 of 3")
    page.keyboard.press("/")
    page.keyboard.type("P7")  # its digits are no keys here
    page.keyboard.press("Enter")
    page.get_by_test_id("found").get_by_test_id("choice").click()
    expect(progress).to_contain_text("3 of 3")
    page.keyboard.press("s")
    expect(page.get_by_test_id("nothing-left")).to_contain_text("skipped by you")
    said = Sighting.objects.exclude(review="").values_list("review", "reviewed_product__sku")
    assert set(said) == {("rejected", None), ("corrected", "P7")}
    assert not visitor.is_wider_than_its_window()
