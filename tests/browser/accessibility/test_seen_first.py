"""What stands in the window once a photo was answered: the verdict, whatever it is."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.scenes import SCENES, Scene, World, open_stage
from tests.browser.scenes.stage import DESKTOP, PHONE, Look, context_of

pytestmark = pytest.mark.browser

ANSWERS = [
    each for each in SCENES if each.name in {"search-match", "search-lookalike", "search-unknown"}
]


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=lambda look: look.name)
@pytest.mark.parametrize("scene", ANSWERS, ids=str)
def test_the_verdict_is_in_view(browser: Browser, world: World, scene: Scene, look: Look) -> None:
    context = context_of(browser, world, look)
    with open_stage(context, scene, world) as stage:
        verdict = stage.page.get_by_test_id("verdict")
        expect(verdict).to_be_in_viewport()
        says = verdict.locator("h2, .verdict-says").first.bounding_box()
        assert says
        assert 0 <= says["y"] < look.height - says["height"]
    context.close()
