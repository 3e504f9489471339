"""A part of the photo is proposed, and the page shows why a product was found."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.clerks import log_in
from tests.browser.conftest import Visitor
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.jpg"
    path.write_bytes(phone_photo(5))
    return path


def choose(visitor: Visitor, address: str, photo: Path) -> None:
    visitor.page.goto(address)
    visitor.page.get_by_test_id("photo-input").set_input_files(photo)
    expect(visitor.page.get_by_test_id("result-card").first).to_be_visible()


def test_a_proposed_part_is_searched_with_when_it_is_taken(
    shop, live_server, visitor: Visitor, query: Path
) -> None:
    page = visitor.page
    proposed = '{"box": "0.2000,0.1000,0.5000,0.6000", "encoder": "x", "reason": null}'
    page.route(
        "**/api/v1/search/box/",
        lambda route: route.fulfill(body=proposed, content_type="application/json"),
    )
    choose(visitor, live_server.url, query)
    accept = page.get_by_test_id("proposal-accept")
    expect(accept).to_be_visible()
    mark, photo = page.locator("#proposal").bounding_box(), page.locator("#preview").bounding_box()
    assert mark["width"] / photo["width"] == pytest.approx(0.5, abs=0.02)
    assert page.locator("#id_box").input_value() == ""  # not taken unasked
    with page.expect_request(lambda sent: sent.method == "POST" and "api" not in sent.url) as sent:
        accept.press("Enter")
    assert "0.2000,0.1000,0.5000,0.6000" in (sent.value.post_data_buffer or b"").decode("latin-1")
    expect(accept).to_be_hidden()
    expect(page.get_by_test_id("result-card").first).to_be_visible()
    # Another photo begins anew.
    page.unroute("**/api/v1/search/box/")
    other = query.with_name("IMG_2042.jpg")
    other.write_bytes(phone_photo(3))
    page.get_by_test_id("photo-input").set_input_files(other)
    expect(page.locator("#id_box")).to_have_value("")


def test_why_shows_both_photos(shop, live_server, visitor: Visitor, query: Path) -> None:
    page = visitor.page
    choose(visitor, live_server.url, query)
    expect(page.get_by_test_id("why")).to_have_count(3)
    page.get_by_test_id("why").first.click()
    dialog = page.get_by_test_id("why-dialog")
    expect(page.get_by_test_id("why-match")).to_be_visible()
    expect(dialog).to_contain_text("Lamp 5")
    expect(page.get_by_test_id("why-waiting")).to_be_hidden()
    for canvas in ("why-query", "why-match"):
        shades = page.get_by_test_id(canvas).evaluate(
            """canvas => {
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return new Set(pixels.data).size;
            }"""
        )
        assert shades > 20
    assert not visitor.is_wider_than_its_window()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_who_has_logged_in_is_answered_too(
    center, live_server, visitor: Visitor, query: Path
) -> None:
    """The API asks a session for the token against forged requests."""
    page = visitor.page
    log_in(page, "maria", f"{live_server.url}/stock/center/")
    with page.expect_response("**/api/v1/search/box/") as proposed:
        choose(visitor, live_server.url, query)
    assert proposed.value.status == 200
    with page.expect_response("**/api/v1/search/why/") as why:
        page.get_by_test_id("why").first.click()
    assert why.value.status == 200
    expect(page.get_by_test_id("why-match")).to_be_visible()


def test_why_says_when_it_cannot(shop, live_server, visitor: Visitor, query: Path) -> None:
    page = visitor.page
    choose(visitor, live_server.url, query)
    page.route("**/api/v1/search/why/", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_test_id("why").first.click()
    expect(page.locator("#why-problem")).to_contain_text("Try again")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_test_id("why-dialog")).to_be_hidden()


def test_without_javascript_there_is_no_button(
    shop, live_server, plain_visitor: Visitor, query: Path
) -> None:
    page = plain_visitor.page
    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    page.get_by_test_id("search-submit").click()
    expect(page.get_by_test_id("result-card").first).to_be_visible()
    expect(page.get_by_test_id("why").first).to_be_hidden()
