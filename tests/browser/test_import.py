"""Staff import a file with photos: upload, preview, agreement, report; and export what is there."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from products.imports.work import work_on
from products.models import ImportRun, Product
from recognition.models import Encoder
from recognition.versions import settle_encoder
from tests.browser.conftest import Visitor
from tests.factories import ProductFactory, StaffFactory
from tests.pictures import product_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = """\
sku,name,category,price,images,attribute:colour
A-1,Apple,Fruit/Apple,3.49,a.jpg;b.jpg,red
B-1,-5 °C pack,Home,2.00,,
C-1,Bad,Home,cheap,,
"""


@pytest.fixture
def files(tmp_path: Path, settings: object) -> tuple[Path, Path]:
    settings.IMPORT_DIR = tmp_path / "imports"  # type: ignore[attr-defined]
    table, photos = tmp_path / "catalogue.csv", tmp_path / "photos.zip"
    table.write_text(ROWS, encoding="utf-8")
    with zipfile.ZipFile(photos, "w") as archive:
        archive.writestr("a.jpg", product_photo(1))
        archive.writestr("b.jpg", product_photo(2))
    return table, photos


@pytest.fixture
def ready(transactional_db: None) -> Encoder:
    StaffFactory(username="anna")
    return settle_encoder()


def log_in(page: Page, url: str) -> None:
    page.goto(url + "/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", "secret")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")


def count(page: Page, name: str) -> object:
    return page.locator(f"[data-count={name}]")


def test_from_upload_to_report_and_back(
    live_server, visitor: Visitor, ready: Encoder, files: tuple[Path, Path]
) -> None:
    ProductFactory(sku="B-1", name="Old name", category_path="Home", price="2.00")
    page = visitor.page
    log_in(page, live_server.url)
    page.goto(live_server.url + "/admin/products/product/")
    more = page.get_by_text("more_horiz", exact=True)
    if more.is_visible():  # on a phone the actions are folded away
        more.click()
    page.locator("a[href*='importrun/add']").last.click()
    page.set_input_files("input[name=file]", files[0])
    page.set_input_files("input[name=photos]", files[1])
    assert not visitor.is_wider_than_its_window()
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url("**/change/")
    run = page.get_by_test_id("run")
    expect(run).to_have_attribute("data-state", "checking")

    work_on(ImportRun.objects.get().pk)
    # The page asks by itself.
    expect(run).to_have_attribute("data-state", "checked")
    expect(count(page, "created")).to_have_text("1")
    expect(count(page, "updated")).to_have_text("1")
    expect(count(page, "failed")).to_have_text("1")
    expect(count(page, "photos")).to_have_text("2")
    expect(page.get_by_test_id("errors")).to_contain_text("Price “cheap” is not a number")
    expect(page.get_by_test_id("changes")).to_contain_text("Old name")
    expect(page.get_by_test_id("changes")).to_contain_text("-5 °C pack")
    assert not visitor.is_wider_than_its_window()
    assert Product.objects.count() == 1

    page.get_by_role("button", name="Import the 2 good rows").click()
    expect(run).to_have_attribute("data-state", "importing")
    work_on(ImportRun.objects.get().pk)
    expect(run).to_have_attribute("data-state", "done")
    assert Product.objects.get(sku="A-1").images.count() == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    assert "cheap" in Path(download.value.path()).read_text(encoding="utf-8")

    page.goto(live_server.url + "/admin/products/product/export/")
    page.select_option("select[name=format]", label="ZIP (CSV and photos)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 3
    assert not visitor.is_wider_than_its_window()


def test_where_the_page_cannot_ask_by_itself_it_is_loaded_again(
    live_server, visitor: Visitor, ready: Encoder, files: tuple[Path, Path]
) -> None:
    page = visitor.page
    page.route("**/htmx.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    log_in(page, live_server.url)
    page.goto(live_server.url + "/admin/products/importrun/add/")
    page.set_input_files("input[name=file]", files[0])
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url("**/change/")
    work_on(ImportRun.objects.get().pk)
    page.get_by_role("link", name="Load this page again").click()
    expect(page.get_by_test_id("run")).to_have_attribute("data-state", "checked")
    page.get_by_role("button", name="Import the good row").click()
    work_on(ImportRun.objects.get().pk)
    page.get_by_role("link", name="Load this page again").click()
    expect(page.get_by_test_id("run")).to_have_attribute("data-state", "done")
    assert Product.objects.get().sku == "B-1"
