"""A customer's photo finds its product in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.shoppers import asking
from tests.pictures import phone_photo, product_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.jpg"
    path.write_bytes(phone_photo(5))
    return path


def test_choosing_a_photo_shows_its_product_first(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = asking(visitor, live_server.url, query)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")
    assert len(visitor.skus()) == 8
    card = page.get_by_test_id("result-card").first
    expect(card).to_contain_text("Lamp 5")
    expect(card).to_contain_text("€3.50")
    expect(card.get_by_test_id("alike")).to_be_visible()
    expect(card.get_by_test_id("distance")).to_have_count(0)  # the number is for staff
    expect(card.locator("img").first).not_to_have_js_property("naturalWidth", 0)
    expect(page.get_by_test_id("ranking-note")).to_be_visible()
    assert not visitor.is_wider_than_its_window()
    assert all(url.startswith((live_server.url, "blob:", "data:")) for url in visitor.requests)


def test_without_javascript_the_same_photo_finds_the_same(
    shop, live_server, plain_visitor: Visitor, query: Path
) -> None:
    page = asking(plain_visitor, live_server.url, query)
    page.get_by_test_id("search-submit").click()
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")


def test_words_narrow_down_and_have_an_address(shop, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("words-input").fill("lamp 3")
    page.get_by_test_id("words-input").press("Enter")
    expect(page.get_by_test_id("result-card")).to_have_count(1)
    assert visitor.skus() == ["P3"]
    assert "q=lamp" in page.url
    expect(page.get_by_test_id("words-notice")).to_be_visible()
    page.reload()
    assert visitor.skus() == ["P3"]


def test_a_refused_photo_says_why_and_the_next_one_works(
    shop, live_server, visitor: Visitor, query: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "notes.jpg"
    bad.write_text("these are notes, whatever the file is called")
    page = visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(bad)
    expect(page.get_by_test_id("problem").first).to_contain_text("JPEG")
    page.get_by_test_id("photo-input").set_input_files(query)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")


def test_a_photo_can_be_pasted(shop, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.evaluate(
        """(bytes) => {
            const file = new File([new Uint8Array(bytes)], "clip.jpg", {type: "image/jpeg"});
            const data = new DataTransfer();
            data.items.add(file);
            document.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
            );
        }""",
        list(phone_photo(2)),
    )
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P2")


def test_removing_the_photo_takes_its_results_away(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = asking(visitor, live_server.url, query)
    expect(page.get_by_test_id("result-card")).to_have_count(8)
    page.get_by_test_id("words-input").fill("lamp 2")
    page.locator("#remove").click()
    expect(page.get_by_test_id("result-card")).to_have_count(1)
    assert visitor.skus() == ["P2"]


def test_a_photo_can_be_dropped(shop, live_server, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(live_server.url)
    data = page.evaluate_handle(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "d.jpg", {type: "image/jpeg"}));
            return data;
        }""",
        list(phone_photo(4)),
    )
    page.get_by_test_id("drop-zone").dispatch_event("drop", {"dataTransfer": data})
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P4")


def test_a_large_photo_is_shrunk_before_it_is_sent_and_still_finds(
    shop, live_server, visitor: Visitor, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(product_photo(6, side=3000))
    page = visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(large)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P6")
    # What the field holds is what was sent.
    sent = page.get_by_test_id("photo-input").evaluate("field => field.files[0].size")
    assert 0 < sent < large.stat().st_size / 2


def test_a_card_leads_to_its_product(shop, live_server, visitor: Visitor, query: Path) -> None:
    page = asking(visitor, live_server.url, query)
    page.get_by_test_id("result-card").first.get_by_role("link").first.click()
    page.wait_for_url("**/products/P5/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lamp 5")
    assert not visitor.is_wider_than_its_window()


def test_what_did_not_go_through_is_asked_again_by_a_button(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.context.set_offline(True)
    page.get_by_test_id("photo-input").set_input_files(query)
    expect(page.get_by_test_id("problem")).to_contain_text("You are offline")
    page.context.set_offline(False)
    page.get_by_test_id("again").click()
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")
    visitor.troubles = [each for each in visitor.real_troubles() if "htmx:" not in each]


def test_the_logo_begins_anew(shop, live_server, visitor: Visitor, query: Path) -> None:
    page = asking(visitor, live_server.url, query)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")
    page.locator(".brand").click()
    expect(page.get_by_test_id("drop-zone")).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("result-card")).to_have_count(0)
    assert page.evaluate("document.getElementById('id_photo').files.length") == 0


def test_the_logo_begins_anew_from_elsewhere_and_back_does_not(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = asking(visitor, live_server.url, query)
    card = page.get_by_test_id("result-card")
    expect(card.first).to_have_attribute("data-sku", "P5")
    card.first.locator("a").first.click()
    page.wait_for_url("**/products/P5/")
    page.locator(".brand").click()
    page.wait_for_url(f"{live_server.url}/")
    page.wait_for_timeout(500)
    expect(card).to_have_count(0)
    page.go_back()
    page.wait_for_url("**/products/P5/")
    page.go_back()
    expect(card.first).to_have_attribute("data-sku", "P5")


# As Safari leaves a page in the middle of a search, keeps it, and comes back to it.
LEAVE = "() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
COME_BACK = "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


def test_who_left_during_a_search_comes_back_to_its_answer(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.route("**/", lambda route: route.abort(), times=1)
    page.evaluate(f"addEventListener('htmx:sendError', () => setTimeout({LEAVE}))")
    page.get_by_test_id("photo-input").set_input_files(query)
    expect(page.get_by_test_id("problem")).to_be_visible()
    page.evaluate(COME_BACK)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")
    visitor.troubles = [each for each in visitor.real_troubles() if "htmx:" not in each]


def test_the_logo_in_a_tab_of_its_own_forgets_nothing(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = asking(visitor, live_server.url, query)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "P5")
    page.wait_for_function("sessionStorage.getItem('photo-searched-with')")
    with page.context.expect_page() as opened:
        page.locator(".brand").click(modifiers=["ControlOrMeta"])
    opened.value.close()
    assert page.evaluate(
        "Boolean(history.state.kept && sessionStorage.getItem('photo-searched-with'))"
    )
