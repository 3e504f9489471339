"""Levels as files: what an export says, an import brings about without a change."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from products.imports.tables import open_table
from stores.low_stock import set_reorder_point
from stores.models import StockOperation
from stores.stock_import import import_stock
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_stock
from tests.stores.admin_pages import analyst, logged_in, staff_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory(code="MAIN")


def export(user: Any, ending: str, **query: Any) -> bytes:
    url = reverse("admin:stores_stocklevel_export", args=[ending])
    answer = logged_in(user).get(url, query)
    assert answer.status_code == 200
    assert f".{ending}" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(store, ending, tmp_path: Path) -> None:
    clerk = staff_of(store)
    for n, sku in enumerate(["0042", "=1+1", "-A", "plain", "'quoted"]):
        product = ProductFactory(sku=sku)
        with_stock(store, product, n + 1)
    set_reorder_point(actor=clerk, store=store, product=product, reorder_point=3)
    path = tmp_path / f"stock.{ending}"
    path.write_bytes(export(clerk, ending))
    before = StockOperation.objects.count()
    *_rest, report = import_stock(open_table(path).rows(), actor=clerk, file_name=path.name)
    assert (report.unchanged, report.updated, report.created, report.failed) == (5, 0, 0, [])
    assert StockOperation.objects.count() == before


def test_nothing_in_a_file_is_a_formula(store) -> None:
    with_stock(store, ProductFactory(sku="=cmd|calc"), 1)
    assert b"'=cmd|calc" in export(staff_of(store), "csv")
    sheet = load_workbook(io.BytesIO(export(staff_of(store), "xlsx"))).active
    assert sheet["B2"].value == "'=cmd|calc"
    assert sheet["B2"].data_type == "s"
    assert sheet["D2"].value == 1


def test_a_file_holds_the_stores_that_one_sees_and_the_filters_of_the_list(store) -> None:
    other = StoreFactory(code="OTHER")
    with_stock(store, ProductFactory(sku="A-1", name="Apple"), 1)
    with_stock(other, ProductFactory(sku="B-1", name="Bread"), 1)
    own = export(staff_of(store), "csv").decode("utf-8-sig")
    assert own.splitlines()[0] == "store,sku,barcode,quantity,reorder_point"
    assert "A-1" in own
    assert "B-1" not in own
    assert "B-1" not in export(staff_of(store), "csv", store=other.pk).decode()
    everything = export(analyst(), "csv").decode()
    assert "A-1" in everything
    assert "B-1" in everything
    assert "B-1" not in export(analyst(), "csv", q="apple").decode()


def test_an_unknown_ending_is_not_there(store) -> None:
    url = reverse("admin:stores_stocklevel_export", args=["exe"])
    assert logged_in(StaffFactory()).get(url).status_code == 404


def test_somebody_who_may_not_look_gets_nothing(store) -> None:
    user = staff_of(store, permissions=[])
    url = reverse("admin:stores_stocklevel_export", args=["csv"])
    assert logged_in(user).get(url).status_code == 403
