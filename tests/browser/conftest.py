"""A real Chromium on a real server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from products.models import Product
from recognition.embedding import embed_pending
from recognition.versions import settle_encoder
from stores.models import Store
from tests.browser.wire import Wire, wire_to
from tests.factories import ProductFactory, StoreFactory, person, with_photo, with_stock

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# As long as a machine that has other work may take.
expect.set_options(timeout=15_000)
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
        connections.close_all()  # those made beside the loop, which are seen beside it only
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

    def real_troubles(self) -> list[str]:
        """Without a connection the browser itself notes every attempt."""
        of_tests = ("net::ERR_", "registration blocked by Playwright")
        return [each for each in self.troubles if not any(text in each for text in of_tests)]

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


@pytest.fixture
def center(shop: list[Product]) -> Store:
    """A store with ten of each, and two clerks."""
    store = StoreFactory(code="center", name="Centre")
    for product in shop:
        with_stock(store, product, 10)
    for name in ("maria", "jonas"):
        person("Store clerk", store, username=name, first_name=name.title(), is_staff=False)
    return store


@pytest.fixture
def phones(browser: Browser) -> Iterator[list[Visitor]]:
    """Two of them."""
    contexts = [
        browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
        for _ in range(2)
    ]
    visitors = [Visitor(context.new_page()) for context in contexts]
    yield visitors
    for context in contexts:
        context.close()
    for visitor in visitors:
        assert visitor.real_troubles() == []


@pytest.fixture
def wire(live_server: Any) -> Iterator[Wire]:
    """The site behind a connection that can be cut."""
    with wire_to(live_server.url) as wire:
        yield wire
