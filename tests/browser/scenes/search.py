"""The search page."""

import re

from django.conf import settings
from django.test import override_settings
from playwright.sync_api import expect

from api.models import SpentRate
from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.goods import GTIN, UNKNOWN_GTIN
from tests.browser.scenes.stage import ANSWERED, Stage
from tests.browser.scenes.world import UNHURRIED


@scene()
def search_empty(stage: Stage) -> None:
    stage.open("/")


@scene(plain=False)
def search_typing(stage: Stage) -> None:
    stage.open("/")
    stage.page.get_by_test_id("words-input").press_sequentially("apple ju")


@scene()
def search_words(stage: Stage) -> None:
    stage.open("/?q=no")


@scene()
def search_filtered(stage: Stage) -> None:
    stage.open("/?q=no&brand=Nord&brand=Moorbrook&in_stock=1&price_max=9&sort=price")


@scene(plain=False)
def search_filters_open(stage: Stage) -> None:
    stage.open("/?q=no&brand=Nord")
    stage.page.get_by_test_id("open-filters").click()
    expect(stage.page.get_by_test_id("filter-sheet")).to_be_visible()


@scene(plain=False)
def search_more_shown(stage: Stage) -> None:
    stage.open("/?q=no")
    cards = stage.page.get_by_test_id("result-card")
    before = cards.count()
    stage.page.get_by_test_id("more").click()
    expect(cards.nth(before)).to_be_visible()


@scene()
def search_nothing_found(stage: Stage) -> None:
    stage.open("/?q=zeppelin")


@scene()
def search_misspelt(stage: Stage) -> None:
    stage.open("/?q=wholemael")
    expect(stage.page.get_by_test_id("meant")).to_be_visible()


@scene()
def search_nothing_in_category(stage: Stage) -> None:
    category = stage.world.twin.category.full_name
    stage.open(f"/?q=zeppelin&category={category}")


@scene()
def search_barcode_known(stage: Stage) -> None:
    stage.open(f"/?q={GTIN}")


@scene()
def search_barcode_unknown(stage: Stage) -> None:
    stage.open(f"/?q={UNKNOWN_GTIN}")


@scene(plain=False)
def search_loading(stage: Stage) -> None:
    stage.open("/")
    stage.page.route(re.compile(r"/$"), lambda _route: None)  # never answered
    stage.ask_with(stage.world.goods.main.asked, wait=False)
    expect(stage.page.locator("#results")).to_have_attribute("aria-busy", "true")


@scene()
def search_uncalibrated(stage: Stage) -> None:
    stage.open("/")
    stage.ask_with(stage.world.goods.main.asked)


def judged(stage: Stage, kind: str, photo: bytes) -> None:
    stage.while_(stage.world.judging(kind))
    stage.open("/")
    stage.ask_with(photo)
    expect(stage.page.get_by_test_id("verdict")).to_have_attribute("data-kind", kind)


@scene()
def search_match(stage: Stage) -> None:
    judged(stage, "match", stage.world.goods.main.asked)


@scene(plain=False)
def search_match_how_sure(stage: Stage) -> None:
    judged(stage, "match", stage.world.goods.main.asked)
    stage.page.get_by_test_id("verdict-basis").locator("summary").click()


@scene(plain=False)
def search_match_left_out_by_filters(stage: Stage) -> None:
    stage.while_(stage.world.judging("match"))
    stage.open(f"/?brand={stage.world.goods.long.fields['brand']}")
    stage.ask_with(stage.world.goods.main.asked)
    expect(stage.page.get_by_test_id("hidden-by-filters")).to_be_visible()


@scene()
def search_lookalike(stage: Stage) -> None:
    judged(stage, "lookalike", stage.world.goods.main.asked)


@scene()
def search_unknown(stage: Stage) -> None:
    judged(stage, "unknown", stage.world.goods.stranger)


@scene()
def search_barcode_in_photo(stage: Stage) -> None:
    stage.open("/")
    stage.ask_with(stage.world.goods.code)


@scene(plain=False)
def search_feedback_given(stage: Stage) -> None:
    judged(stage, "match", stage.world.goods.main.asked)
    stage.page.get_by_test_id("feedback-none").click()
    expect(stage.page.get_by_test_id("feedback-says").locator(".icon")).to_be_visible()


@scene(plain=False)
def search_why(stage: Stage) -> None:
    judged(stage, "lookalike", stage.world.goods.main.asked)
    stage.page.get_by_test_id("why").first.click()
    expect(stage.page.get_by_test_id("why-match")).to_be_visible()


@scene(plain=False)
def search_cropped(stage: Stage) -> None:
    judged(stage, "lookalike", stage.world.goods.main.asked)
    # Once: of several presses, slow ones are several searches.
    with stage.page.expect_response(f"{stage.world.address}/"):
        stage.page.locator(".crop-handle").first.press("ArrowRight")
    expect(stage.page.locator(ANSWERED).first).to_be_visible()


@scene(plain=False)
def search_proposal(stage: Stage) -> None:
    box = '{"box": "0.2000,0.1000,0.5000,0.6000", "encoder": "x", "reason": null}'
    stage.page.route(
        "**/api/v1/search/box/",
        lambda route: route.fulfill(body=box, content_type="application/json"),
    )
    stage.open("/")
    stage.ask_with(stage.world.goods.main.asked)
    expect(stage.page.get_by_test_id("proposal-accept")).to_be_visible()


@scene()
def search_fallback(stage: Stage) -> None:
    stage.while_(stage.world.with_fallback())
    stage.open("/")
    stage.ask_with(stage.world.goods.main.asked)


@scene()
def search_refused_photo(stage: Stage) -> None:
    stage.open("/")
    stage.ask_with(b"these are notes, whatever the file is called")


@scene()
def search_too_large(stage: Stage) -> None:
    stage.open("/")
    large = stage.folder / "IMG_2041.HEIC"
    with large.open("wb") as file:
        file.truncate(settings.REQUEST_MAX_BYTES + 1)
    stage.ask_with(large)


@scene()
def search_busy(stage: Stage) -> None:
    stage.while_(stage.world.busy())
    stage.open("/")
    stage.ask_with(stage.world.goods.main.asked)


@scene()
def search_too_fast(stage: Stage) -> None:
    stage.open("/")
    stage.during.callback(SpentRate.objects.all().delete)
    stage.while_(override_settings(API_RATES=UNHURRIED | {"search": "1/h"}))
    for _ in range(2):
        stage.open("/?q=apple")


@scene(plain=False)
def search_offline(stage: Stage) -> None:
    stage.open("/")
    stage.page.context.set_offline(True)
    stage.ask_with(stage.world.goods.main.asked)


@scene(plain=False)
def search_site_failed(stage: Stage) -> None:
    stage.open("/")
    stage.page.route(re.compile(r"/$"), lambda route: route.fulfill(status=502, body="gateway"))
    stage.ask_with(stage.world.goods.main.asked)
