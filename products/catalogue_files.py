"""Reading catalogue files: CSV as spreadsheets write it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from products.catalogue_rows import RowError, check_header

_SEPARATORS = ",;\t"
# A description may be long; a cell beyond this is a missing quotation mark.
_MAX_CELL = 200_000


def read_csv(data: bytes) -> list[tuple[int, dict[str | None, Any]]]:
    """Rows with the number of the line on which each begins, the header being line 1.

    Raises:
        RowError: the file as a whole cannot be read; says why.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RowError(
            _("Line %(line)d is not UTF-8 text. Save the file as “CSV UTF-8”.") % {"line": line}
        ) from error
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        check_header(columns)
        return list(_with_lines(reader, columns))
    except csv.Error as error:
        raise RowError(
            _("Line %(line)d cannot be read: %(error)s.")
            % {"line": reader.line_num, "error": error}
        ) from error


def _with_lines(reader: Any, columns: list[str]) -> Iterator[tuple[int, dict[str | None, Any]]]:
    """Rows as `csv.DictReader` gives them, which however does not tell where one after an empty
    line begins. Rows of empty cells, which spreadsheets leave at the end, are none.
    """
    begin = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row: dict[str | None, Any] = dict.fromkeys(columns)
            row.update(zip(columns, cells, strict=False))
            if len(cells) > len(columns):
                row[None] = cells[len(columns) :]
            yield begin, row
        begin = reader.line_num + 1
