"""A real Chromium on a real server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from products.models import Product
from recognition.embedding import embed_pending
from recognition.versions import settle_encoder
from tests.factories import ProductFactory, with_photo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


# Of a module, not of the session: Playwright keeps an event loop running in this thread for as
# long as it lives, in which no other test could run one of its own.
@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """A page that keeps what went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._heard)
        page.on("request", lambda request: self.requests.append(request.url))

    def _heard(self, message: object) -> None:
        # An answer of 4xx or 5xx is the subject of some tests; everything else is a defect.
        if message.type in {"error", "warning"} and "the server responded" not in message.text:  # type: ignore[attr-defined]
            self.troubles.append(message.text)  # type: ignore[attr-defined]

    def skus(self) -> list[str]:
        cards = self.page.get_by_test_id("result-card")
        return [str(card.get_attribute("data-sku")) for card in cards.all()]

    def is_wider_than_its_window(self) -> bool:
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    context = browser.new_context(viewport=request.param)
    visitor = Visitor(context.new_page())
    yield visitor
    context.close()
    assert visitor.troubles == []


@pytest.fixture
def plain_visitor(browser: Browser) -> Iterator[Visitor]:
    """Without JavaScript."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield Visitor(context.new_page())
    context.close()


@pytest.fixture
def shop(transactional_db: None, settings: object, tmp_path: Path) -> list[Product]:
    """Eight products with a photo each, embedded."""
    encoder = settle_encoder()
    products = [
        ProductFactory(sku=f"P{n}", name=f"Lamp {n}", price="3.50", brand="Nord", barcode="")
        for n in range(8)
    ]
    for n, product in enumerate(products):
        with_photo(n, product)
    embed_pending(encoder)
    return products
