"""What a page loads before its photos, and how far it moves while they come."""

import gzip

import pytest
from playwright.sync_api import Browser, Error, Page, Response, expect

from tests.browser.conftest import PHONE
from tests.browser.weighing import OBSERVE, SKIM, layout_shift, shifts
from tests.factories import StoreFactory, person, with_stock
from tests.pictures import phone_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# As issue and `benchmarks/pages.py` have it, whose figures are those of a slow line.
MOST_BYTES, MOST_SHIFT = 200_000, 0.05


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.add_init_script(OBSERVE)
    yield context.new_page()
    context.close()


class Weight:
    """Of everything but photos, as gzip sends it."""

    def __init__(self, page: Page) -> None:
        page.on("response", self.answered)
        self.waiting: list[Response] = []

    def answered(self, response: Response) -> None:
        if response.url.startswith("http") and "/media/" not in response.url:
            self.waiting.append(response)

    def all(self) -> int:
        return sum(len(gzip.compress(_body(each))) for each in self.waiting if each.ok)


def _body(response: Response) -> bytes:
    try:
        return response.body()
    except Error:  # a busy browser keeps not every answer
        assert response.request.method == "GET"
        return response.frame.page.request.get(response.url).body()


@pytest.fixture
def store(shop: list):
    store = StoreFactory(code="center", name="Centre", latitude=53.5, longitude=9.9)
    for product in shop:
        with_stock(store, product, 10)
    person("Store clerk", store, username="maria", is_staff=False)
    return store


PATHS = [
    "/", "/?q=lamp", "/categories/", "/products/P5/", "/stores/", "/stores/center/",
    "/accounts/login/",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_light_and_stand_still(store, live_server, page: Page, path: str) -> None:
    weight = Weight(page)
    page.goto(live_server.url + path, wait_until="networkidle")
    page.evaluate(SKIM)
    assert weight.all() < MOST_BYTES
    assert layout_shift(page) < MOST_SHIFT, shifts(page)


def test_an_answer_to_a_photo_comes_without_moving_what_was_there(
    store, live_server, page: Page
) -> None:
    weight = Weight(page)
    page.goto(live_server.url, wait_until="networkidle")
    photo = {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": phone_photo(5, side=640)}
    page.get_by_test_id("photo-input").set_input_files(photo)
    expect(page.get_by_test_id("result-card").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.evaluate(SKIM)
    assert weight.all() < MOST_BYTES
    assert layout_shift(page) < MOST_SHIFT, shifts(page)


def test_pages_of_clerks(store, live_server, page: Page) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next=/stock/center/")
    page.fill("#id_username", "maria")
    page.fill("#id_password", "secret")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/stock/center/")
    for path in ("/stock/center/", "/stock/center/products/P5/"):
        weight = Weight(page)
        page.goto(live_server.url + path, wait_until="networkidle")
        page.evaluate(SKIM)
        assert weight.all() < MOST_BYTES
        assert layout_shift(page) < MOST_SHIFT, shifts(page)
