"""Pages of products, categories and stores, and the page of an answer."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


@scene()
def product_full(stage: Stage) -> None:
    stage.open(stage.world.main.get_absolute_url())


@scene()
def product_bare(stage: Stage) -> None:
    stage.open(stage.world.bare.get_absolute_url())


@scene()
def product_long_name_sold_out(stage: Stage) -> None:
    stage.open(stage.world.long.get_absolute_url())


def _enlarged(stage: Stage) -> None:
    stage.open(stage.world.main.get_absolute_url())
    stage.page.get_by_test_id("enlarge").first.click()
    expect(stage.page.get_by_test_id("zoom")).to_be_visible()


@scene(plain=False)
def product_full_screen(stage: Stage) -> None:
    _enlarged(stage)


@scene(plain=False)
def product_zoomed_in(stage: Stage) -> None:
    _enlarged(stage)
    stage.page.get_by_test_id("zoom-in").click()
    expect(stage.page.get_by_test_id("zoom-level")).to_have_text("200%")


@scene()
def answer(stage: Stage) -> None:
    stage.open(reverse("recognition:answer", args=[stage.world.answer]))
