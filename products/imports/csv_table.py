"""CSV as spreadsheets write it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from products.imports.outcomes import RowError
from products.imports.tables import Table

_SEPARATORS = ",;\t"
# A description may be long; a cell beyond this is a missing quotation mark.
_MAX_CELL = 200_000
# As far as the end of the first line is looked for.
_MAX_HEADER = 1_000_000


class CsvTable(Table):
    """Lines count as an editor shows them, the columns' names standing on line 1."""

    def _lines(self) -> Iterator[tuple[int, list[Any]]]:
        csv.field_size_limit(_MAX_CELL)
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            try:
                header = file.readline(_MAX_HEADER)
                file.seek(0)
                reader = csv.reader(
                    _bounded(file), delimiter=max(_SEPARATORS, key=header.count), strict=True
                )
                begin = 1
                for cells in reader:
                    yield begin, cells
                    begin = reader.line_num + 1
            except UnicodeDecodeError as error:
                raise RowError(
                    _("Line %(line)d is not UTF-8 text. Save the file as “CSV UTF-8”.")
                    % {"line": _first_bad_line(self.path)}
                ) from error
            except csv.Error as error:
                raise RowError(
                    _("Line %(line)d cannot be read: %(error)s.")
                    % {"line": reader.line_num, "error": error}
                ) from error


def _bounded(file: Any) -> Iterator[str]:
    """Lines, of which none is read whole that is far longer than any cell."""
    while line := file.readline(100 * _MAX_CELL):
        yield line


def _first_bad_line(path: Path) -> int:
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                return number
    return number
