"""Pages of categories."""

from playwright.sync_api import expect

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


def _main(stage: Stage) -> str:
    return stage.world.main.category.above()[0].get_absolute_url()


@scene()
def categories(stage: Stage) -> None:
    stage.open("/categories/")


@scene()
def category_main(stage: Stage) -> None:
    stage.open(_main(stage))


@scene()
def category_small(stage: Stage) -> None:
    stage.open(stage.world.main.category.get_absolute_url())


@scene()
def category_filtered(stage: Stage) -> None:
    address = _main(stage)
    stage.open(f"{address}?brand={stage.world.main.brand}&in_stock=1")


@scene(plain=False)
def category_filters_open(stage: Stage) -> None:
    stage.open(_main(stage))
    stage.page.get_by_test_id("open-filters").click()
    expect(stage.page.get_by_test_id("filter-sheet")).to_be_visible()


@scene()
def category_nothing_left(stage: Stage) -> None:
    address = _main(stage)
    stage.open(f"{address}?price_min=9000")
