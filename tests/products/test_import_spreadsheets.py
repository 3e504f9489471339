"""XLSX files: what a cell holds is read as the sheet shows it."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from products.imports.outcomes import RowError
from products.imports.tables import open_table
from products.imports.xlsx_table import escaped, unescaped
from products.models import Product
from tests.products.importing import Folder

HEADER = ["sku", "name", "category", "price", "barcode", "is_active"]


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    def make(*rows: list[Any], change: Callable[[Any], None] | None = None) -> Path:
        book = Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        if change:
            change(book)
        path = tmp_path / "catalogue.xlsx"
        book.save(path)
        return path

    return make


def cells(path: Path) -> list[tuple[int, list[Any]]]:
    return [(line, list(row.values())) for line, row in open_table(path).rows()]


def rewritten(path: Path, member: str, change: Callable[[str], str]) -> Path:
    """The same file with one part of it changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[member] = change(parts[member].decode()).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4006381333931, "4006381333931"),
        (4006381333931.0, "4006381333931"),
        (12345.0, "12345"),
        (3.49, "3.49"),
        (0.1 + 0.2, "0.3"),
        (-5, "-5"),
        (True, "true"),
        (False, "false"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.datetime(2026, 3, 1, 12, 30), "2026-03-01 12:30:00"),  # noqa: DTZ001 - sheets know no zone
        ("  text ", "  text "),
        ("Äpfel 苹果", "Äpfel 苹果"),
        ("'=1+1", "=1+1"),
    ],
)
def test_types_become_text(sheet: Callable[..., Path], value: Any, text: str) -> None:
    assert cells(sheet(["sku"], [value])) == [(2, [text])]


def test_the_zeros_that_a_format_shows_are_kept(sheet: Callable[..., Path]) -> None:
    def change(book: Any) -> None:
        book.worksheets[0]["A2"].number_format = "000000"

    assert cells(sheet(["sku"], [123], change=change)) == [(2, ["000123"])]


@pytest.mark.django_db
def test_a_sheet_becomes_products(sheet: Callable[..., Path]) -> None:
    path = sheet(
        HEADER,
        ["A-1", "Apple", "Fruit", 3.49, 4006381333931.0, True],
        [1002, "Pear", "Fruit", 2, 36000291452, False],  # a UPC without its leading zero
    )
    call_command("import_catalogue", str(path))
    assert list(Product.objects.order_by("name").values_list("sku", "price", "barcode", "is_active")) == [
        ("A-1", Decimal("3.49"), "4006381333931", True),
        ("1002", Decimal("2.00"), "036000291452", False),
    ]  # fmt: skip


@pytest.mark.django_db
def test_lines_are_those_of_the_sheet(sheet: Callable[..., Path]) -> None:
    path = sheet(
        HEADER, ["A-1", "Apple", "Fruit", "x"], [], ["A-2", "Apple", "Fruit"], [None, None],
        ["A-3", "Apple", "Fruit", "x"],
    )  # fmt: skip
    folder = Folder(path.parent)
    found = folder.run_file(path)
    assert [row["line"] for row in found["failed"]] == [2, 6]
    assert found["created"] == 1


def test_the_names_of_columns_may_stand_below_empty_lines(sheet: Callable[..., Path]) -> None:
    table = open_table(sheet([], [], ["sku", "name"], ["A-1", "Apple"]))
    assert table.columns == ["sku", "name"]
    assert [line for line, _ in table.rows()] == [4]


def test_columns_that_were_once_used_are_none(sheet: Callable[..., Path]) -> None:
    path = sheet(["sku", "name", None, ""], ["A-1", "Apple", None, None])
    assert open_table(path).columns == ["sku", "name"]
    assert cells(path) == [(2, ["A-1", "Apple"])]


def test_the_first_visible_sheet_is_read(sheet: Callable[..., Path]) -> None:
    def change(book: Any) -> None:
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("second").append(["name"])

    assert open_table(sheet(["sku"], ["A-1"], change=change)).columns == ["name"]


@pytest.mark.django_db
def test_a_formula_without_a_value_and_an_error_are_errors_of_their_rows(
    sheet: Callable[..., Path],
) -> None:
    path = sheet(
        HEADER,
        ["A-1", "=UPPER(A1)", "Fruit"],
        ["A-2", "Pear", "Fruit"],
        ["A-3", "Plum", "Fruit", "#N/A"],
    )
    found = Folder(path.parent).run_file(path)
    assert found["created"] == 1
    assert found["failed"] == [
        {
            "line": 2,
            "error": "Column name: The formula has no stored value. Open the file in a spreadsheet and save it.",
        },
        {"line": 4, "error": "Column price: The cell shows the error #N/A."},
    ]


def test_a_formula_has_the_value_that_was_stored(sheet: Callable[..., Path]) -> None:
    path = sheet(["sku", "name"], ["A-1", "=1+1"])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v></v>", "<v>2</v>").replace("<v />", "<v>2</v>"))  # fmt: skip
    assert cells(path) == [(2, ["A-1", "2"])]


@pytest.mark.parametrize(
    "text", ["a\x0bb", "a\rb", "_x0041_", "plain", "_x005F_", "\x1f", "tab\tnew\n"]
)
def test_what_xml_cannot_hold_is_escaped_and_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_half_a_character_is_left_as_it_is() -> None:
    assert unescaped("_xD800_") == "_xD800_"


# --- hostile ----------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(RowError) as error:
        open_table(path).check()
    return str(error.value)


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"no spreadsheet", b"PK\5\6" + b"\0" * 18])
def test_what_is_no_spreadsheet_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_a_spreadsheet_called_csv_says_so(sheet: Callable[..., Path], tmp_path: Path) -> None:
    path = sheet(["sku"], ["A-1"]).rename(tmp_path / "a.csv")
    assert refused(path) == "This is not CSV text. A spreadsheet's file ends in .xlsx."


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.csv"])
def test_old_spreadsheets_are_told_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert "Save the sheet as .xlsx or as CSV" in refused(tmp_path / name)


def test_entities_are_not_expanded(sheet: Callable[..., Path]) -> None:
    path = sheet(["sku"], ["A-1"])
    bomb = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: bomb + xml.replace("A-1", "&b;"))
    assert "damaged" in refused(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    sheet: Callable[..., Path], settings: Any
) -> None:
    settings.IMPORT_MAX_XLSX_BYTES = 8 * 2**20
    path = sheet(["sku"], ["A-1"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"\0" * (9 * 2**20))
    assert path.stat().st_size < 100_000
    assert refused(path) == "Unpacked, the file would have more than 8 MB. Cut it into several."


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_part_that_would_fill_the_memory_as_a_tree_is_refused(
    sheet: Callable[..., Path], part: str
) -> None:
    path = rewritten(sheet(["sku"], ["A-1"]), part, lambda xml: xml + "<a/>" * 600_000)
    assert "more than 2 MB" in refused(path)


@pytest.mark.parametrize("line", ["99999999999999999999", "1048577"])
def test_a_row_that_no_sheet_has_is_refused(sheet: Callable[..., Path], line: str) -> None:
    path = rewritten(
        sheet(["sku"], ["A-1"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace('<row r="2"', f'<row r="{line}"'),
    )
    assert "numbers a row" in refused(path)


def test_a_row_of_a_million_cells_is_refused(sheet: Callable[..., Path]) -> None:
    path = sheet(["sku"], ["A-1"])
    row = "<row r='3'>" + "<c><v>1</v></c>" * 1_000_000 + "</row></sheetData>"
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("</sheetData>", row))
    assert refused(path) == "The sheet has a row that is too long to be read."


def test_too_many_rows_or_columns_are_refused(sheet: Callable[..., Path], settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 2
    assert "more than 2 rows" in refused(sheet(["sku"], [1], [2], [3]))
    settings.IMPORT_MAX_COLUMNS = 2
    assert "2 columns" in refused(sheet(["sku", "name"], [1, 2, 3]))
    assert "2 columns" in refused(sheet(["sku", "name", "brand"], [1]))


@pytest.mark.django_db
def test_the_command_refuses_it_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(io.BytesIO(b"PK").getvalue())
    with pytest.raises(CommandError, match="The ZIP file is damaged or is none"):
        call_command("import_catalogue", str(tmp_path / "a.xlsx"))
