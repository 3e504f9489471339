"""Quantities are read whole and hit with a glove, with the buttons of the script and without them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.accessibility.layout import cut_off, smaller_than, too_wide
from tests.browser.scenes import SCENES, Scene, World, open_stage
from tests.browser.scenes.stage import Look, context_of

pytestmark = pytest.mark.browser

FORMS = ("stock-delivery", "transfer-arriving", "transfer-send", "stock-by-code", "stock-sell")
WITH_QUANTITIES = [scene for scene in SCENES if scene.name in FORMS]
# Five digits, and what a shelf's barcode has.
MOST, BARCODE = "99999", "4006381333931"


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "plain"])
def phone(
    request: pytest.FixtureRequest, browser: Browser, world: World
) -> Iterator[tuple[Look, BrowserContext]]:
    look = Look(javascript=request.param)
    context = context_of(browser, world, look)
    yield look, context
    context.close()


@pytest.mark.parametrize("scene", WITH_QUANTITIES, ids=str)
def test_five_digits_and_a_barcode_are_read_whole(
    scene: Scene, phone: tuple[Look, BrowserContext], world: World
) -> None:
    look, context = phone
    found = []
    with open_stage(context, scene, world, javascript=look.javascript) as stage:
        page = stage.page
        if page.get_by_test_id("scan").is_visible():
            # Lines are for what was scanned.
            page.get_by_test_id("scan").fill(BARCODE)
            page.get_by_test_id("scan").press("Enter")
        page.locator(".quantity-input:visible").first.wait_for()
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            found += [f"{width}: {each}" for each in cut_off(page, ".quantity-input", MOST)]
            found += [f"{width}: {each}" for each in cut_off(page, "[data-scan]", BARCODE)]
            found += [f"{width}: {each}" for each in smaller_than(page, 44) + too_wide(page)]
    assert found == []
