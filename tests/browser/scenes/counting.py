"""A stocktake, from its start to its report."""

import re

from playwright.sync_api import expect

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


@scene(audience="clerk")
def count_start(stage: Stage) -> None:
    stage.in_store("counts/new/")


@scene(audience="clerk")
def count(stage: Stage) -> None:
    stage.in_count()


@scene(audience="clerk")
def count_words(stage: Stage) -> None:
    stage.in_count("?q=no")


@scene(audience="clerk")
def count_seen(stage: Stage) -> None:
    stage.in_count()
    stage.shoot(stage.world.goods.main.asked)


@scene(audience="clerk")
def count_seen_surely(stage: Stage) -> None:
    stage.while_(stage.world.judging("match"))
    stage.in_count()
    stage.shoot(stage.world.goods.main.asked)


@scene(audience="clerk")
def count_enter(stage: Stage) -> None:
    stage.in_count(f"products/{stage.world.long.sku}/")


@scene(audience="clerk")
def count_enter_again(stage: Stage) -> None:
    stage.in_count(f"products/{stage.world.main.sku}/")


@scene(audience="clerk", plain=False)
def count_kept_offline(stage: Stage) -> None:
    stage.in_count(f"products/{stage.world.long.sku}/")
    stage.page.locator(".quantity-input").fill("9")
    stage.page.context.set_offline(True)
    stage.page.get_by_test_id("save").click()
    expect(stage.page.get_by_test_id("unsent")).to_be_visible()


@scene(audience="clerk")
def count_by_code(stage: Stage) -> None:
    stage.in_count("by-code/")


@scene(audience="clerk")
def count_review(stage: Stage) -> None:
    stage.in_count("review/")


@scene(audience="clerk")
def count_approve(stage: Stage) -> None:
    stage.in_count("approve/?uncounted=leave")


@scene(audience="clerk")
def count_review_of_nothing(stage: Stage) -> None:
    stage.in_store(f"counts/{stage.world.begun.pk}/review/")


@scene(audience="clerk")
def count_approve_nothing(stage: Stage) -> None:
    stage.in_store(f"counts/{stage.world.begun.pk}/approve/?uncounted=leave")


@scene(audience="clerk")
def count_cancel(stage: Stage) -> None:
    stage.in_count("cancel/")


@scene(audience="clerk")
def count_report(stage: Stage) -> None:
    stage.in_store(f"counts/{stage.world.approved.pk}/report/")


@scene(audience="clerk")
def count_photo_refused(stage: Stage) -> None:
    stage.in_count()
    stage.page.get_by_test_id("photo-input").set_input_files(
        {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    )
    if stage.javascript:
        expect(stage.page.locator("[data-photo-problem]")).to_be_visible()
    else:
        stage.page.get_by_test_id("photo-submit").click()
        stage.page.wait_for_url(re.compile("photo/"))
