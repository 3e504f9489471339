"""A page of a visitor, and what visitors do with it."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.test import override_settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
)

from tests.browser.scenes.catalogue import Scene
from tests.browser.scenes.world import UNHURRIED, World

# Answers that are errors are what some scenes show, and no scene keeps a service worker.
_EXPECTED = (
    "Failed to load resource",
    "htmx:sendError",
    "htmx:afterRequest",
    "Service Worker registration blocked",
)
# Whatever the search was answered with stands here; nothing is on its way any more.
ANSWERED = "#results:not([aria-busy]) [data-answer]"


@dataclass
class Stage:
    """`during` holds what is true while a scene is looked at, such as a setting; `troubles` what a
    script stumbled over, what the content security policy refused, and requests to other sites.
    """

    page: Page
    world: World
    javascript: bool
    folder: Path
    during: ExitStack
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.world.address + path)

    def while_(self, state: AbstractContextManager[Any]) -> None:
        self.during.enter_context(state)

    def at(self, latitude: float, longitude: float) -> None:
        """The browser says that it is there."""
        self.page.context.grant_permissions(["geolocation"], origin=self.world.address)
        self.page.context.set_geolocation({"latitude": latitude, "longitude": longitude})

    def ask_with(self, photo: bytes | Path, *, wait: bool = True) -> None:
        """On the search page: chooses a photo, and waits for whatever comes of it."""
        self.choose(photo)
        if not self.javascript:
            self.page.get_by_test_id("search-submit").click()
        elif wait:
            expect(self.page.locator(ANSWERED).first).to_be_visible()

    def ask_for(self, words: str) -> None:
        self.page.get_by_test_id("words-input").fill(words)
        self.page.get_by_test_id("words-input").press("Enter")
        expect(self.page.locator(ANSWERED).first).to_be_visible()

    def in_store(self, path: str = "") -> None:
        """A page of the clerk's store."""
        self.open(f"/stock/{self.world.store.code}/{path}")

    def in_count(self, path: str = "") -> None:
        self.in_store(f"counts/{self.world.count.pk}/{path}")

    def shoot(self, photo: bytes) -> None:
        """On a page for clerks with a camera."""
        self.choose(photo)
        if not self.javascript:
            self.page.get_by_test_id("photo-submit").click()
        self.page.wait_for_url(re.compile("/seen/"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_EXPECTED):
            self.troubles.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.world.address, "blob:", "data:")):
            self.troubles.append(f"asks {request.url}")

    def choose(self, photo: bytes | Path) -> None:
        """Into the page's field for photos; what comes of it is not waited for."""
        if isinstance(photo, bytes):
            file = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": photo}
            self.page.get_by_test_id("photo-input").set_input_files(file)
        else:
            self.page.get_by_test_id("photo-input").set_input_files(photo)


@dataclass(frozen=True, slots=True)
class Look:
    """What a browser is: its window, whether it is touched, its language, and whether it runs scripts."""

    width: int = 390
    height: int = 844
    touch: bool = True
    language: str = "en"
    javascript: bool = True

    @property
    def name(self) -> str:
        window = "phone" if self.touch else "desktop"
        return f"{window}.{self.language}" + ("" if self.javascript else ".plain")


PHONE = Look()
DESKTOP = Look(width=1440, height=900, touch=False)


def context_of(browser: Browser, world: World, look: Look) -> BrowserContext:
    """A browser of somebody who has chosen a language and wants no movement; nobody is logged in."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        has_touch=look.touch,
        java_script_enabled=look.javascript,
        locale="ru-RU" if look.language == "ru" else "en-GB",
        reduced_motion="reduce",
        service_workers="block",  # what it keeps of one scene would be in the next
    )
    if look.language != "en":
        _set_cookie(context, world, settings.LANGUAGE_COOKIE_NAME, look.language)
    context.set_default_timeout(10_000)
    return context


def _set_cookie(context: BrowserContext, world: World, name: str, value: str) -> None:
    context.add_cookies([{"name": name, "value": value, "url": world.address}])


@contextmanager
def open_stage(
    context: BrowserContext, scene: Scene, world: World, *, javascript: bool = True
) -> Iterator[Stage]:
    """A fresh page in the state of a scene. What the scene changed is as before afterwards."""
    context.set_offline(False)
    context.clear_permissions()
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    user = {"clerk": world.clerk, "nobody": world.nobody}.get(scene.audience)
    if user is not None:
        _set_cookie(context, world, settings.SESSION_COOKIE_NAME, world.cookie_of(user))
    page = context.new_page()
    with TemporaryDirectory() as folder, ExitStack() as during:
        stage = Stage(page, world, javascript, Path(folder), during)
        page.on("pageerror", lambda error: stage.troubles.append(str(error)))
        page.on("console", stage._heard)
        page.on("request", stage._asked)
        stage.while_(override_settings(API_RATES=UNHURRIED))
        try:
            scene.show(stage)
            yield stage
        finally:
            if javascript and page.url.startswith(world.address):
                page.evaluate("try { localStorage.clear() } catch {}")
            page.close()
