"""Clerks with their phones."""

import re
from typing import Any

from playwright.sync_api import Page

from stores.models import StockLevel

SAVED = re.compile(r"/counts/\d+/$")


def log_in(page: Page, name: str, url: str) -> None:
    page.goto(url)
    page.fill("#id_username", name)
    page.fill("#id_password", "secret")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(url)


def start_count(page: Page, site: str, name: str = "maria") -> str:
    """Starts the count of the whole store; its address."""
    log_in(page, name, f"{site}/stock/center/")
    page.get_by_role("link", name="Start a stocktake").click()
    page.get_by_role("button", name="Start counting").click()
    page.wait_for_url(SAVED)
    return page.url


def open_form(page: Page, kind: str) -> Any:
    """The form of a product's page that sells, receives or puts right."""
    details = page.get_by_test_id(f"book-{kind}")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details


def sell(page: Page, quantity: int) -> None:
    form = open_form(page, "sell")
    form.locator(".quantity-input").fill(str(quantity))
    form.get_by_role("button", name="Book the sale").click()


def receive(page: Page, quantity: int) -> None:
    form = open_form(page, "receive")
    form.locator(".quantity-input").fill(str(quantity))
    form.get_by_role("button", name="Book the arrival").click()


def levels() -> dict[str, int]:
    return dict(
        StockLevel.objects.filter(store__code="center").values_list("product__sku", "quantity")
    )
