"""Customers on the search page."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Visitor


def asking(visitor: Visitor, address: str, photo: Path) -> Page:
    """The search page, on which a photo was chosen just now."""
    visitor.page.goto(address)
    visitor.page.get_by_test_id("photo-input").set_input_files(photo)
    return visitor.page
