"""Logging in, and what stands where nothing else can."""

import re

from django.test import override_settings

from tests.browser.scenes.catalogue import scene
from tests.browser.scenes.stage import Stage

_FAILING = "tests.retailvision.failing_urls"


@scene()
def log_in(stage: Stage) -> None:
    stage.open("/accounts/login/")


@scene()
def log_in_refused(stage: Stage) -> None:
    stage.open("/accounts/login/")
    stage.page.fill("#id_username", "maria")
    stage.page.fill("#id_password", "wrong")
    stage.page.locator("main button[type=submit]").click()
    stage.page.wait_for_selector("[role=alert]")


@scene()
def error_404(stage: Stage) -> None:
    stage.open("/nothing/here/")


@scene()
def error_400(stage: Stage) -> None:
    stage.open("/?q=%00")


@scene(audience="nobody")
def error_403(stage: Stage) -> None:
    stage.open("/stock/")


@scene()
def error_500(stage: Stage) -> None:
    stage.while_(override_settings(ROOT_URLCONF=_FAILING))
    stage.open("/fail/500/")


@scene(plain=False)
def error_csrf(stage: Stage) -> None:
    stage.open("/accounts/login/")
    stage.page.fill("#id_username", "maria")
    stage.page.fill("#id_password", "secret")
    stage.page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').remove()")
    with stage.page.expect_response(re.compile("/login/")):
        stage.page.locator("main button[type=submit]").click()
    stage.page.wait_for_selector("main h1")
