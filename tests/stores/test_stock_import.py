"""Files of stock levels: what a line says is what the level is afterwards, through the ledger."""

import csv
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import close_old_connections
from openpyxl import Workbook

from products.imports.batches import run_batches
from products.imports.outcomes import RowError
from products.imports.runs import start_import
from products.imports.tables import open_table
from products.imports.work import work_on
from products.merging import merge_product
from products.models import ImportRun
from stores import ledger
from stores.actions import Action
from stores.models import StockLevel, StockMovement, StockOperation
from stores.setting_levels import set_level
from stores.stock_import import StockImporter, StockKind, check_header, import_stock
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    clerk_of,
    with_stock,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory(code="MAIN")


@pytest.fixture
def clerk(store):
    return clerk_of(store)


def write(
    path: Path, *rows: list[object], header: str = "store,sku,quantity,reorder_point"
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


def run(path: Path, actor: Any, *, dry_run: bool = False) -> Any:
    table = open_table(path)
    check_header(table.columns)
    *_before, report = import_stock(table.rows(), actor=actor, file_name=path.name, dry_run=dry_run)
    return report


def levels() -> list[tuple[str, int, int | None]]:
    found = StockLevel.objects.order_by("product__sku")
    return list(found.values_list("product__sku", "quantity", "reorder_point"))


def test_levels_become_what_the_file_says_by_adjustments(store, clerk, tmp_path) -> None:
    apple, pear = ProductFactory(sku="A-1"), ProductFactory(sku="P-1")
    with_stock(store, apple, 5)
    with_stock(store, pear, 2)
    ProductFactory(sku="X-1")
    path = write(
        tmp_path / "stock.csv",
        ["MAIN", "A-1", 3, 4],
        ["MAIN", "P-1", "", 1],
        ["MAIN", "X-1", 7, ""],
    )
    report = run(path, clerk)
    assert (report.created, report.updated, report.unchanged, report.failed) == (1, 2, 0, [])
    assert levels() == [("A-1", 3, 4), ("P-1", 2, 1), ("X-1", 7, None)]
    moved = StockMovement.objects.filter(kind="adjust").order_by("id")
    assert list(moved.values_list("delta", "operation__reason", "operation__reference")) == [
        (-2, "Import stock.csv line 2", "stock.csv"),
        (7, "Import stock.csv line 4", "stock.csv"),
    ]
    assert {each.operation.actor for each in moved} == {clerk}
    call_command("stock_audit")


def test_a_second_run_changes_nothing(store, clerk, tmp_path) -> None:
    ProductFactory(sku="A-1")
    path = write(tmp_path / "stock.csv", ["MAIN", "A-1", 3, 4])
    run(path, clerk)
    report = run(path, clerk)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert StockOperation.objects.count() == 1


def test_a_dry_run_says_the_same_and_writes_nothing(store, clerk, tmp_path) -> None:
    ProductFactory(sku="A-1")
    path = write(tmp_path / "stock.csv", ["MAIN", "A-1", 3, 4], ["NONE", "A-1", 3, 4])
    report = run(path, clerk, dry_run=True)
    assert (report.created, len(report.failed)) == (1, 1)
    assert not StockLevel.objects.exists()
    assert not StockOperation.objects.exists()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["", "A-1", 1, ""], "Name the store by its code."),
        (["NONE", "A-1", 1, ""], "There is no store with the code “NONE”."),
        (["MAIN", "", 1, ""], "Name the product by its SKU or its barcode."),
        (["MAIN", "NONE", 1, ""], "No product has the SKU or barcode “NONE”."),
        (["MAIN", "A-1", -1, ""], "“-1” is not a whole number from 0 to 1000000."),
        (["MAIN", "A-1", "1.5", ""], "“1.5” is not a whole number"),
        (["MAIN", "A-1", "9" * 30, ""], "is not a whole number"),
        (["MAIN", "A-1", 1, "x"], "Column reorder_point: “x”"),
        (["MAIN", "OLD", 1, ""], "was merged into"),
        (["OTHER", "A-1", 1, ""], "You may not do this in Other."),
        (["OTHER", "A-1", "", 1], "You may not do this in Other."),
        (["MAIN", "B-1", 1, ""], "is on line 2 already."),
        (["MAIN", "A-1", 1, "", "more"], "more cells than there are columns"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_good_ones_are_kept(
    store, clerk, tmp_path, row, message
) -> None:
    StoreFactory(code="OTHER", name="Other")
    product = ProductFactory(sku="A-1")
    ProductFactory(sku="B-1")
    merge_product(product=ProductFactory(sku="OLD"), into=product, actor=StaffFactory())
    path = write(tmp_path / "stock.csv", ["MAIN", "B-1", 3, ""], row)
    report = run(path, clerk)
    assert [each["line"] for each in report.failed] == [3]
    assert message in report.failed[0]["error"]
    assert levels() == [("B-1", 3, None)]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("sku,quantity", "needs a column store, and sku or barcode"),
        ("store,quantity", "needs a column store, and sku or barcode"),
        ("store,sku", "needs a column quantity or reorder_point"),
        ("store,sku,quantity,price", "Column “price” is not known."),
        ("store,sku,sku,quantity", "Column sku is there twice."),
    ],
)
def test_a_bad_header_is_refused_as_a_whole(header, message) -> None:
    with pytest.raises(RowError, match=message.replace("(", "\\(")):
        check_header(header.split(","))


def test_products_are_named_by_barcode_too_and_a_merged_ones_leads_to_its_heir(
    store, clerk, tmp_path
) -> None:
    heir = ProductFactory(sku="A-1")
    old = ProductFactory(sku="OLD", barcode="036000291452")
    merge_product(product=old, into=heir, actor=StaffFactory())
    path = write(tmp_path / "s.csv", ["MAIN", "0036000291452", 4], header="store,barcode,quantity")
    assert run(path, clerk).created == 1
    assert levels() == [("A-1", 4, None)]


def test_never_takes_a_reorder_point_away_and_an_empty_cell_does_not(
    store, clerk, tmp_path
) -> None:
    for sku in ("A-1", "B-1"):
        ProductFactory(sku=sku)
    run(write(tmp_path / "1.csv", ["MAIN", "A-1", 1, 5], ["MAIN", "B-1", 1, 5]), clerk)
    run(write(tmp_path / "2.csv", ["MAIN", "A-1", "", "never"], ["MAIN", "B-1", 2, ""]), clerk)
    assert levels() == [("A-1", 1, None), ("B-1", 2, 5)]


def test_who_may_not_set_reorder_points_sets_quantities_alone(store, tmp_path) -> None:
    user = clerk_of(store, permissions=[Action.VIEW, Action.ADJUST])
    for sku in ("A-1", "B-1"):
        ProductFactory(sku=sku)
    report = run(write(tmp_path / "s.csv", ["MAIN", "A-1", 1, ""], ["MAIN", "B-1", 1, 5]), user)
    assert [each["line"] for each in report.failed] == [3]
    assert levels() == [("A-1", 1, None)]


def test_numbers_of_a_spreadsheet_are_read(store, clerk, tmp_path) -> None:
    ProductFactory(sku="1001")
    book = Workbook()
    book.active.append(["store", "sku", "quantity", "reorder_point", "reason"])
    book.active.append(["MAIN", 1001, 3.0, 2, "counted by hand"])
    book.save(tmp_path / "s.xlsx")
    assert run(tmp_path / "s.xlsx", clerk).created == 1
    assert levels() == [("1001", 3, 2)]
    assert StockOperation.objects.get().reason == "Import s.xlsx line 2: counted by hand"


def test_setting_a_level_twice_books_once(store, clerk) -> None:
    product = ProductFactory()
    with_stock(store, product, 5)
    for _n in range(2):
        set_level(actor=clerk, store=store, product=product, quantity=8, reason="counted")
    assert list(StockMovement.objects.values_list("delta", flat=True)) == [3, 5]


@pytest.mark.django_db(transaction=True)
def test_a_sale_beside_an_import_is_lost_in_no_order(tmp_path) -> None:
    """The level is what the file says, less what is sold after; the ledger adds up."""
    store = StoreFactory(code="MAIN")
    clerk, seller = clerk_of(store), clerk_of(store)
    products = [ProductFactory(sku=f"N-{n}") for n in range(20)]
    for product in products:
        with_stock(store, product, 50)
    path = write(tmp_path / "s.csv", *[["MAIN", each.sku, 40, ""] for each in products])
    go = threading.Barrier(2)

    def sell() -> None:
        try:
            go.wait()
            for product in reversed(products):
                ledger.sell(actor=seller, store=store, lines=[(product, 1)])
        finally:
            close_old_connections()

    thread = threading.Thread(target=sell)
    thread.start()
    go.wait()
    report = run(path, clerk)
    thread.join()
    assert report.updated == 20
    assert set(StockLevel.objects.values_list("quantity", flat=True)) <= {39, 40}
    assert StockMovement.objects.filter(kind="sell").count() == 20
    call_command("stock_audit")


def test_an_import_that_goes_on_knows_the_lines_before(store, clerk, tmp_path) -> None:
    for sku in ("A-1", "B-1"):
        ProductFactory(sku=sku)
    path = write(
        tmp_path / "s.csv", ["MAIN", "A-1", 1, ""], ["MAIN", "B-1", 1, ""], ["MAIN", "A-1", 2, ""]
    )
    importer = StockImporter(actor=clerk, file_name="s.csv")
    batches = run_batches(open_table(path).rows(), importer, dry_run=False, skip=1)
    outcomes = [each for batch in batches for each in batch]
    assert [each.state for each in outcomes] == ["created", "failed"]
    assert "is on line 2 already." in outcomes[1].error


def test_a_batch_costs_as_many_queries_whatever_did_not_change(
    store, clerk, tmp_path, django_assert_max_num_queries
) -> None:
    rows = [["MAIN", ProductFactory().sku, 3, ""] for _ in range(150)]
    path = write(tmp_path / "s.csv", *rows)
    run(path, clerk)
    with django_assert_max_num_queries(20):
        assert run(path, clerk).unchanged == 150


def test_the_command_reports_and_ends_in_the_same_state(store, clerk, tmp_path, capsys) -> None:
    ProductFactory(sku="A-1")
    path = write(tmp_path / "s.csv", ["MAIN", "A-1", 3, ""], ["MAIN", "B-1", 3, ""])
    out = tmp_path / "out.json"
    options = {"user": clerk.username, "json": out}
    call_command("import_stock", path, dry_run=True, **options)
    assert not StockLevel.objects.exists()
    call_command("import_stock", path, **options)
    figures = json.loads(out.read_text())
    assert (figures["created"], [each["line"] for each in figures["failed"]]) == (1, [3])
    printed = capsys.readouterr()
    assert "levels: 1 created, 0 updated, 0 unchanged, 1 rows with errors" in printed.out
    assert "line 3: No product has the SKU" in printed.err
    call_command("import_stock", path, **options)
    assert json.loads(out.read_text())["unchanged"] == 1


def test_the_command_says_what_it_needs(store, tmp_path) -> None:
    path = write(tmp_path / "s.csv")
    reader = clerk_of(store, permissions=[Action.VIEW])
    for user in ("nobody", reader.username):
        with pytest.raises(CommandError, match="nobody who may adjust stock"):
            call_command("import_stock", path, user=user)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_stock", tmp_path / "none.csv", user=clerk_of(store).username)
    with pytest.raises(CommandError, match="not a folder"):
        call_command(
            "import_stock", path, user=clerk_of(store).username, json=tmp_path / "x/out.json"
        )


def test_the_admin_imports_by_the_same_code(store, clerk, settings, tmp_path) -> None:
    from django.core.files.base import ContentFile

    settings.DATA_DIR = tmp_path
    ProductFactory(sku="A-1")
    assert StockKind().allows(clerk)
    imported = ImportRun(kind="stock", created_by=clerk, file_name="shelf.csv")
    imported.file.save("shelf.csv", ContentFile(b"store,sku,quantity\nMAIN,A-1,3\n"), save=False)
    imported.save()
    work_on(imported.pk)
    imported.refresh_from_db()
    assert imported.state == ImportRun.State.CHECKED
    assert "A quantity is what the level will be after the import." in imported.notes[0]
    assert not StockLevel.objects.exists()
    assert start_import(run_id=imported.pk, user=clerk)
    work_on(imported.pk)
    assert levels() == [("A-1", 3, None)]
    assert StockOperation.objects.get().reason == "Import shelf.csv line 2"
