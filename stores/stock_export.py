"""Levels as a file in the columns of the import, so that an export imported again changes nothing."""

import csv
import io
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from products.imports.formulas import neutral
from products.imports.xlsx_table import escaped
from stores.models import StockLevel

COLUMNS = ("store", "sku", "barcode", "quantity", "reorder_point")
_CHUNK = 256 * 1024


def _rows(levels: QuerySet[StockLevel]) -> Iterator[tuple[Any, ...]]:
    # What a merged product once held is nothing, and could not be imported.
    found = (
        levels.filter(product__merged_into=None)
        .order_by("store__code", "product__sku")
        .values_list("store__code", "product__sku", "product__barcode", "quantity", "reorder_point")
    )
    return iter(found.iterator(chunk_size=2000))


def csv_lines(levels: QuerySet[StockLevel]) -> Iterator[str]:
    """CSV in UTF-8 with the mark by which spreadsheets know it."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield "\ufeff"
    for row in _rows(levels):
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
        if line.tell() > _CHUNK:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def xlsx_file(levels: QuerySet[StockLevel]) -> IO[bytes]:
    """Codes as texts, quantities as numbers. The caller closes the file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("stock")
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    for row in _rows(levels):
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, escaped(neutral(value)))
    cell.data_type = "s"  # or openpyxl would take "=…" for a formula
    return cell
