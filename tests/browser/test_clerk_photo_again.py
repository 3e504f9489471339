"""A photo that did not arrive is sent again by one press; nobody takes it a second time."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from recognition.models import Sighting
from stores.models import Store
from tests.browser.clerks import start_count
from tests.browser.conftest import Visitor
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(center: Store, live_server: Any, phones: list[Visitor]) -> Page:
    page = phones[0].page
    start_count(page, live_server.url)
    return page


def shoot(page: Page, data: bytes) -> None:
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": data}
    page.get_by_test_id("photo-input").set_input_files(photo)


def test_what_had_no_connection(page: Page) -> None:
    page.context.set_offline(True)
    shoot(page, phone_photo(5))
    again = page.get_by_test_id("photo-again")
    expect(again).to_be_visible()
    assert again.bounding_box()["height"] >= 44
    # Still away: the same is said once more, and the button keeps the focus.
    page.get_by_test_id("photo-input").focus()
    page.keyboard.press("Tab")
    expect(again).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-photo-problem]")).to_contain_text("No connection")
    expect(again).to_be_focused()
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    page.wait_for_url("**/seen/**")
    expect(page.get_by_test_id("choice").first).to_have_attribute("data-sku", "P5")
    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, '{"problem": "Many photos are being looked at."}', "Many photos"),
        (502, "<h1>Bad gateway</h1>", "did not answer as it should"),
    ],
)
def test_what_the_site_could_not_take(page: Page, status: int, body: str, said: str) -> None:
    asked = []

    def busy_at_first(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) > 1:
            return route.continue_()
        return route.fulfill(status=status, body=body, content_type="application/json")

    page.route("**/photo/", busy_at_first)
    shoot(page, phone_photo(5))
    expect(page.locator("[data-photo-problem]")).to_contain_text(said)
    page.get_by_test_id("photo-again").click()
    page.wait_for_url("**/seen/**")
    assert asked == ["POST", "POST"]


def test_what_is_no_photo_is_taken_anew_instead(page: Page) -> None:
    shoot(page, b"no photo")
    expect(page.locator("[data-photo-problem]")).to_contain_text("Send a JPEG")
    expect(page.get_by_test_id("photo-again")).to_be_hidden()
    shoot(page, phone_photo(5))
    page.wait_for_url("**/seen/**")
