"""What the phone took stands beside what was found in it; the site keeps none."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stores.models import Store
from tests.browser.clerks import log_in, start_count
from tests.browser.conftest import Visitor
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(center: Store, phones: list[Visitor]) -> Page:
    return phones[0].page


def shoot(page: Page, name: str = "IMG_1.jpg") -> None:
    photo = {"name": name, "mimeType": "image/jpeg", "buffer": phone_photo(5)}
    page.get_by_test_id("photo-input").set_input_files(photo)
    page.wait_for_url("**/seen/**")


def own(page: Page) -> Any:
    return page.get_by_test_id("own-photo")


def test_in_a_count_and_when_finding(page: Page, live_server: Any) -> None:
    start_count(page, live_server.url)
    shoot(page)
    expect(own(page)).to_be_visible()
    expect(own(page)).to_have_text("Your photo")
    image = own(page).locator("img")
    expect(image).to_have_js_property("naturalWidth", 140)
    page.reload()
    expect(own(page)).to_be_visible()
    counted = page.url
    page.goto(f"{live_server.url}/stock/center/")
    shoot(page)
    expect(own(page)).to_be_visible()
    # One alone is kept: that of the page before shows another photo to nobody.
    page.goto(counted)
    expect(page.get_by_test_id("choice").first).to_be_visible()
    expect(own(page)).to_be_hidden()


def test_whoever_logs_out_takes_it_along(page: Page, live_server: Any) -> None:
    log_in(page, "maria", f"{live_server.url}/stock/center/")
    shoot(page)
    assert page.evaluate("Boolean(sessionStorage.getItem('retailvision.photo'))")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/**")
    assert not page.evaluate("Boolean(sessionStorage.getItem('retailvision.photo'))")


def test_who_logs_in_elsewhere_on_this_phone_does_not_see_it(page: Page, live_server: Any) -> None:
    """The tab of the photo is not told that its clerk has left."""
    log_in(page, "maria", f"{live_server.url}/stock/center/")
    shoot(page)
    other = page.context.new_page()
    other.goto(f"{live_server.url}/stock/center/")
    other.get_by_role("button", name="Log out").click()
    other.wait_for_url("**/accounts/login/**")
    log_in(other, "jonas", f"{live_server.url}/stock/center/")
    page.reload()
    expect(page.get_by_test_id("choice").first).to_be_visible()
    expect(own(page)).to_be_hidden()


def test_a_tab_without_room_goes_without(page: Page, live_server: Any) -> None:
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"
    )
    log_in(page, "maria", f"{live_server.url}/stock/center/")
    shoot(page)
    expect(page.get_by_test_id("choice").first).to_have_attribute("data-sku", "P5")
    expect(own(page)).to_be_hidden()
