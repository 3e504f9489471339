"""Pages of a store: its stock, bookings and transfers."""

from playwright.sync_api import expect

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage


@scene(audience="clerk")
def stock_overview(stage: Stage) -> None:
    stage.open("/stock/")


@scene(audience="clerk")
def stock_store(stage: Stage) -> None:
    stage.in_store()


@scene(audience="clerk")
def stock_low(stage: Stage) -> None:
    stage.in_store("low/")


@scene(audience="clerk")
def stock_find_words(stage: Stage) -> None:
    stage.in_store("find/?q=no")


@scene(audience="clerk")
def stock_find_nothing(stage: Stage) -> None:
    stage.in_store("find/?q=zeppelin")


@scene(audience="clerk")
def stock_find_meant(stage: Stage) -> None:
    stage.in_store("find/?q=црщдуьуфд")
    expect(stage.page.get_by_test_id("meant")).to_be_visible()


@scene(audience="clerk")
def stock_find_photo(stage: Stage) -> None:
    stage.in_store()
    stage.shoot(stage.world.goods.main.asked)


@scene(audience="clerk", plain=False)
def stock_find_refused_photo(stage: Stage) -> None:
    stage.in_store()
    stage.choose(b"no photo")
    expect(stage.page.locator("[data-photo-problem]")).to_be_visible()


@scene(audience="clerk", plain=False)
def stock_find_photo_not_sent(stage: Stage) -> None:
    stage.in_store()
    stage.page.context.set_offline(True)
    stage.choose(stage.world.goods.main.asked)
    expect(stage.page.get_by_test_id("photo-again")).to_be_visible()


@scene(audience="clerk")
def stock_product(stage: Stage) -> None:
    stage.in_store(f"products/{stage.world.main.sku}/")


@scene(audience="clerk")
def stock_product_bare(stage: Stage) -> None:
    stage.in_store(f"products/{stage.world.bare.sku}/")


def _form(stage: Stage, kind: str) -> None:
    stage.in_store(f"products/{stage.world.main.sku}/")
    stage.page.get_by_test_id(f"book-{kind}").locator("summary").click()


@scene(audience="clerk")
def stock_sell(stage: Stage) -> None:
    _form(stage, "sell")


@scene(audience="clerk")
def stock_receive(stage: Stage) -> None:
    _form(stage, "receive")


@scene(audience="clerk")
def stock_adjust(stage: Stage) -> None:
    _form(stage, "adjust")


@scene(audience="clerk")
def stock_refused(stage: Stage) -> None:
    _form(stage, "sell")
    form = stage.page.get_by_test_id("book-sell")
    form.locator(".quantity-input").fill("99999")
    form.locator("button[type=submit]").click()
    if stage.javascript:
        expect(form.get_by_test_id("form-problem")).to_be_visible()
    else:
        expect(stage.page.get_by_test_id("problem").first).to_be_visible()


@scene(audience="clerk")
def stock_by_code(stage: Stage) -> None:
    stage.in_store("by-code/")


@scene(audience="clerk")
def stock_by_code_refused(stage: Stage) -> None:
    stage.in_store("by-code/")
    form = stage.page.get_by_test_id("by-code-form")
    form.locator("[name=code]").fill("nothing-like-it")
    form.locator(".quantity-input").fill("2")
    stage.page.get_by_test_id("book").click()
    problem = "form-problem" if stage.javascript else "problem"
    expect(stage.page.get_by_test_id(problem).first).to_be_visible()


@scene(audience="clerk")
def stock_delivery(stage: Stage) -> None:
    stage.in_store("delivery/")


@scene(audience="clerk")
def stock_operation(stage: Stage) -> None:
    operation = stage.world.clerk.stock_operations.order_by("pk").first()
    stage.in_store(f"operations/{operation.pk}/")


@scene(audience="clerk", plain=False)
def stock_sale_kept_offline(stage: Stage) -> None:
    _form(stage, "sell")
    stage.page.context.set_offline(True)
    form = stage.page.get_by_test_id("book-sell")
    form.locator(".quantity-input").fill("1")
    form.locator("button[type=submit]").click()
    expect(stage.page.get_by_test_id("unsent")).to_be_visible()


@scene(audience="clerk", plain=False)
def stock_log_out_with_something_unsent(stage: Stage) -> None:
    stock_sale_kept_offline(stage)
    stage.page.locator("[data-log-out] [type=submit]").first.click()
    expect(stage.page.locator("#log-out")).to_be_visible()


@scene(audience="clerk", plain=False)
def stock_offline(stage: Stage) -> None:
    stage.in_store()
    stage.open("/stock/-/offline/")


@scene(audience="clerk")
def transfers(stage: Stage) -> None:
    stage.in_store("transfers/")


@scene(audience="clerk")
def transfer_arriving(stage: Stage) -> None:
    stage.in_store(f"transfers/{stage.world.arriving.pk}/")


@scene(audience="clerk")
def transfer_sent(stage: Stage) -> None:
    stage.in_store(f"transfers/{stage.world.sent.pk}/")


@scene(audience="clerk")
def transfer_over(stage: Stage) -> None:
    stage.in_store(f"transfers/{stage.world.over.pk}/")


@scene(audience="clerk")
def transfer_send(stage: Stage) -> None:
    stage.in_store(f"transfers/send/?code={stage.world.main.sku}")


@scene(audience="clerk")
def transfer_send_refused(stage: Stage) -> None:
    stage.in_store("transfers/send/")
    page = stage.page
    page.locator("[name=destination]").select_option(str(stage.world.other.pk))
    if stage.javascript:
        page.get_by_test_id("scan").fill("nothing-like-it")
        page.get_by_test_id("scan").press("Enter")
        expect(page.locator("[data-line-name].is-unknown")).to_be_visible()
    else:
        page.locator("[name=code_0]").fill("nothing-like-it")
        page.locator("[name=quantity_0]").fill("3")
    page.get_by_test_id("send").click()
    expect(page.locator(".line-problem, main [role=alert]").first).to_be_visible()
