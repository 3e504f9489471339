"""Files to begin with: the columns of a kind and one row as an example."""

import csv
import io

from openpyxl import Workbook

from products.imports.kinds import ImportKind

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template_file(kind: ImportKind, ending: str) -> tuple[bytes, str] | None:
    """(content, media type), or None for an ending that there is none for."""
    # Columns whose names are still to be chosen are explained, not given.
    columns = [column for column in kind.columns if not column.name.endswith(":NAME")]
    rows = [[column.name for column in columns], [column.example for column in columns]]
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return f"\ufeff{text.getvalue()}".encode(), "text/csv; charset=utf-8"
    if ending == "xlsx":
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = kind.key
        for row in rows:
            sheet.append(row)
        # As text, so that a spreadsheet leaves leading zeros and long numbers alone.
        for cells in sheet.iter_cols(max_row=1000, max_col=len(columns)):
            for cell in cells:
                cell.number_format = "@"
        sheet.freeze_panes = "A2"
        file = io.BytesIO()
        book.save(file)
        return file.getvalue(), _XLSX
    return None
