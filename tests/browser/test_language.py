"""Another language, on the page as it is by now."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor
from tests.factories import ProductFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lamps(transactional_db: None) -> None:
    for n in range(4):
        ProductFactory(name=f"Lamp {n}", brand="Nord" if n % 2 else "Süd")


def choose_russian(page: Page) -> None:
    page.locator("footer form.languages button[value=ru]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def test_the_language_changes_and_the_search_stays(
    lamps: None, live_server: Any, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto(live_server.url)
    page.locator("#id_q").fill("lamp")
    page.locator("#id_q").press("Enter")
    expect(page.get_by_test_id("result-card")).to_have_count(4)
    if page.viewport_size == PHONE:
        page.get_by_test_id("open-filters").click()
    page.get_by_role("checkbox", name=re.compile("^Nord")).check()
    expect(page).to_have_url(re.compile("q=lamp.*brand=Nord"))
    if page.viewport_size == PHONE:
        page.get_by_test_id("show-products").click()
    expect(page.get_by_test_id("result-card")).to_have_count(2)
    choose_russian(page)
    expect(page).to_have_url(re.compile(r"/\?q=lamp&brand=Nord$"))
    expect(page.get_by_test_id("result-card")).to_have_count(2)


def test_without_scripts_the_search_stays_too(
    lamps: None, live_server: Any, plain_visitor: Visitor
) -> None:
    page = plain_visitor.page
    page.goto(f"{live_server.url}/?q=lamp&brand=Nord")
    choose_russian(page)
    expect(page).to_have_url(f"{live_server.url}/?q=lamp&brand=Nord")
