"""Export in the product list."""

import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from openpyxl import load_workbook

from products.models import Product
from tests.factories import ProductFactory, UserFactory, with_photo

pytestmark = pytest.mark.django_db

URL = "/admin/products/product/export/"
CSV, XLSX, ZIP = "0", "1", "2"


@pytest.fixture(autouse=True)
def products() -> list[Product]:
    return [ProductFactory(sku=f"P-{n}", name=f"Lamp {n}", is_active=n != 0) for n in range(5)]


def content(answer: Any) -> bytes:
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content)


def skus(answer: Any) -> set[str]:
    lines = content(answer).decode("utf-8-sig").splitlines()[1:]
    return {line.split(",")[0] for line in lines}


def test_all(admin_client: Client) -> None:
    page = admin_client.get(URL).content.decode()
    assert "All products: 5." in page
    answer = admin_client.post(URL, {"format": CSV, "resource": "0"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="products-2')
    assert skus(answer) == {f"P-{n}" for n in range(5)}


def test_what_the_search_shows(admin_client: Client) -> None:
    assert "1 products" in admin_client.get(URL, {"q": "P-3"}).content.decode()
    assert skus(admin_client.post(f"{URL}?q=P-3", {"format": CSV})) == {"P-3"}


def test_the_chosen_ones(admin_client: Client, products: list[Product]) -> None:
    data = {"action": "export_chosen", "_selected_action": [products[1].pk, products[2].pk]}
    answer = admin_client.post("/admin/products/product/", data)
    assert answer["Location"].startswith(f"{URL}?chosen=")
    assert "The 2 chosen products." in admin_client.get(answer["Location"]).content.decode()
    assert skus(admin_client.post(answer["Location"], {"format": CSV})) == {"P-1", "P-2"}


def test_all_that_the_filter_shows_may_be_chosen(
    admin_client: Client, products: list[Product]
) -> None:
    data = {
        "action": "export_chosen", "_selected_action": [products[1].pk], "select_across": "1",
    }  # fmt: skip
    answer = admin_client.post("/admin/products/product/?q=lamp", data)
    assert answer["Location"] == f"{URL}?q=lamp"


def test_hostile_choices_are_none(admin_client: Client) -> None:
    assert skus(admin_client.post(f"{URL}?chosen=x,-1,²,' OR 1", {"format": CSV})) == set()


def test_xlsx_and_zip(admin_client: Client, products: list[Product]) -> None:
    with_photo(1, products[0])
    answer = admin_client.post(URL, {"format": XLSX})
    assert "spreadsheetml" in answer["Content-Type"]
    sheet = load_workbook(io.BytesIO(content(answer))).worksheets[0]
    assert sheet["A2"].value == "P-0"
    answer = admin_client.post(URL, {"format": ZIP})
    assert answer["Content-Type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(content(answer))).namelist()
    assert names[0] == "catalogue.csv"
    assert [name.split("/")[0] for name in names[1:]] == ["images"]


@pytest.mark.parametrize("data", [{}, {"format": "9"}, {"format": ""}])
def test_without_a_format_the_form_says_so(admin_client: Client, data: dict[str, str]) -> None:
    answer = admin_client.post(URL, data)
    assert answer.status_code == 200
    assert not answer.streaming


def test_a_text_that_no_cell_can_hold_is_said(admin_client: Client) -> None:
    ProductFactory(sku="L", attributes={"long": "x" * 40_000})
    answer = admin_client.post(URL, {"format": XLSX})
    assert "Product L has a text that no cell of a spreadsheet can hold" in answer.content.decode()


def test_who_may_look_may_export_and_nobody_else(client: Client) -> None:
    assert client.get(URL).status_code == 302
    user = UserFactory(is_staff=True)
    client.force_login(user)
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"format": CSV}).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    assert len(skus(client.post(URL, {"format": CSV}))) == 5


def test_the_list_leads_to_import_and_export(admin_client: Client) -> None:
    page = admin_client.get("/admin/products/product/", {"q": "lamp"}).content.decode()
    assert "/admin/products/importrun/add/?kind=products" in page
    assert f"{URL}?q=lamp" in page
