"""What stands around every page."""

from django.test import override_settings

from tests.brands import MARK, WORDMARK, a_brand
from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


@scene(plain=False)
def menu(stage: Stage) -> None:
    stage.open("/stores/")
    stage.page.locator("[popovertarget=site-menu]").click()


@scene(audience="clerk", plain=False)
def menu_of_clerks(stage: Stage) -> None:
    stage.in_store()
    stage.page.locator("[popovertarget=site-menu]").click()


@scene()
def retailers_wordmark(stage: Stage) -> None:
    """In a colour that no text on white could have."""
    brand = a_brand(stage.folder, WORDMARK, MARK, "#ffd500")
    stage.while_(override_settings(BRAND=brand, SITE_NAME="Moorbrook"))
    stage.open("/?q=no")


@scene()
def retailers_mark(stage: Stage) -> None:
    """In a colour that no text on black could have."""
    brand = a_brand(stage.folder, MARK, color="#1a1080")
    stage.while_(override_settings(BRAND=brand, SITE_NAME="Moorbrook"))
    stage.open(stage.world.main.get_absolute_url())


@scene(audience="clerk")
def retailers_stock_pages(stage: Stage) -> None:
    stage.while_(override_settings(BRAND=a_brand(stage.folder, WORDMARK, color="#c8102e")))
    stage.in_store()
