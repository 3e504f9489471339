"""Pages of stores for shoppers."""

from playwright.sync_api import expect

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


@scene()
def store_list(stage: Stage) -> None:
    stage.open("/stores/")


@scene()
def store_list_no_such(stage: Stage) -> None:
    stage.open("/stores/?q=zeppelin")


@scene(plain=False)
def store_list_by_distance(stage: Stage) -> None:
    stage.at(53.55, 9.99)
    stage.open("/stores/")
    stage.page.get_by_test_id("nearby").click()
    expect(stage.page.get_by_test_id("nearby")).to_have_attribute("aria-pressed", "true")


@scene(plain=False)
def store_list_place_refused(stage: Stage) -> None:
    stage.open("/stores/")
    status = stage.page.locator("[data-nearby-tools] [role=status]")
    before = status.inner_text()
    stage.page.get_by_test_id("nearby").click()
    expect(status).not_to_have_text(before)


@scene()
def store(stage: Stage) -> None:
    stage.open(f"/stores/{stage.world.store.code}/")


@scene(plain=False)
def product_by_distance(stage: Stage) -> None:
    stage.at(53.55, 9.99)
    stage.open(stage.world.main.get_absolute_url())
    stage.page.get_by_test_id("nearby").click()
    expect(stage.page.get_by_test_id("nearby")).to_have_attribute("aria-pressed", "true")
