"""What stands around every page."""

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
