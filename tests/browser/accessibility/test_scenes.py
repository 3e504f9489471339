"""Every page in every state: axe-core, narrow windows, large text, focus, calm, and nobody else asked."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.accessibility.axe import (
    violations,
    violations_of_colour,
    violations_of_words,
    with_scripts_again,
)
from tests.browser.accessibility.focus import lost_focus
from tests.browser.accessibility.layout import moving, smaller_than, too_wide, with_large_text
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.scenes import SCENES, Scene, World, open_stage
from tests.browser.scenes.stage import Look, context_of

pytestmark = pytest.mark.browser

REFLOW = {"width": 320, "height": 640}
OTHERS = [Look(language=code) for code, _name in settings.LANGUAGES if code != "en"]
PLAIN = Look(javascript=False)
# What failed to load has rules that nobody may read.
_HAS_ITS_STYLE = """() => [...document.querySelectorAll("link[rel=stylesheet]")].every(({sheet}) => {
    try { return sheet.cssRules.length > 0; } catch { return false; }
})"""
Contexts = dict[Look, BrowserContext]


@pytest.fixture(scope="module")
def contexts(browser: Browser, world: World) -> Iterator[Contexts]:
    """A browser of each kind."""
    looks = [Look(), PLAIN, *OTHERS]
    contexts = {look: context_of(browser, world, look) for look in looks}
    yield contexts
    for context in contexts.values():
        context.close()


def report(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def look_at(page: Page, size: dict[str, int]) -> list[str]:
    """By axe-core, light and dark."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = [f"{size['width']} light: {each}" for each in violations(page)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return found + [f"{size['width']} dark: {each}" for each in violations_of_colour(page)]


def width_with_large_text(page: Page, size: dict[str, int], factor: float) -> list[str]:
    page.set_viewport_size(size)
    with_large_text(page, factor)
    found = [f"{size['width']}, text x {factor}: {each}" for each in too_wide(page)]
    with_large_text(page, 1)
    return found


def width_when_narrow(page: Page) -> list[str]:
    page.set_viewport_size(REFLOW)
    return [f"320: {each}" for each in too_wide(page)]


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_in_english(scene: Scene, contexts: Contexts, world: World) -> None:
    with open_stage(contexts[Look()], scene, world) as stage:
        page = stage.page
        found = [f"moves: {each}" for each in moving(page)]
        found += look_at(page, PHONE) + look_at(page, DESKTOP)
        found += width_with_large_text(page, DESKTOP, 2) + width_with_large_text(page, PHONE, 1.5)
        found += width_when_narrow(page)
        page.set_viewport_size(PHONE)
        if scene.audience == "clerk":
            found += [f"small: {each}" for each in smaller_than(page, 44)]
        found += lost_focus(page) + stage.troubles
    report(found)


@pytest.mark.parametrize("look", OTHERS, ids=lambda look: look.language)
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_in_other_languages(scene: Scene, look: Look, contexts: Contexts, world: World) -> None:
    """Words are longer there, and names of things may be missing."""
    with open_stage(contexts[look], scene, world) as stage:
        found = [str(each) for each in violations_of_words(stage.page)]
        found += width_when_narrow(stage.page) + stage.troubles
    report(found)


@pytest.mark.parametrize("scene", [each for each in SCENES if each.plain], ids=str)
def test_without_scripts(scene: Scene, contexts: Contexts, world: World) -> None:
    with open_stage(contexts[PLAIN], scene, world, javascript=False) as stage:
        found = width_when_narrow(stage.page) + stage.troubles
        stage.page.set_viewport_size(PHONE)
        with_scripts_again(stage.page)
        assert stage.page.evaluate(_HAS_ITS_STYLE)
        found += [str(each) for each in violations(stage.page)]
    report(found)
