"""The words of tiles stay clear of their borders, in the language that has the longest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.accessibility.layout import words_at_a_border
from tests.browser.scenes import SCENES, Scene, World, open_stage
from tests.browser.scenes.stage import Look, context_of

pytestmark = pytest.mark.browser

TILES = ".shortcut, .totals > div, .pill span, .fact"
# Every scene that has some; a form that is open shows its choices.
SHOWN = (
    "stock-overview", "stock-store", "stock-adjust", "stock-by-code", "count-by-code",
    "count-enter-again", "count-review", "count-approve",
)  # fmt: skip
WITH_TILES = [scene for scene in SCENES if scene.name in SHOWN]
WIDTHS = (320, 360, 390)


@pytest.fixture(scope="module")
def russian(browser: Browser, world: World) -> Iterator[BrowserContext]:
    context = context_of(browser, world, Look(language="ru"))
    yield context
    context.close()


@pytest.mark.parametrize("scene", WITH_TILES, ids=str)
def test_words_keep_away_from_the_border(
    scene: Scene, russian: BrowserContext, world: World
) -> None:
    found = []
    with open_stage(russian, scene, world) as stage:
        assert stage.page.locator(TILES).count()
        for width in WIDTHS:
            stage.page.set_viewport_size({"width": width, "height": 844})
            found += [f"{width}: {each}" for each in words_at_a_border(stage.page, TILES, 5)]
    assert found == []


def test_all_scenes_are_there() -> None:
    assert len(WITH_TILES) == len(SHOWN)
