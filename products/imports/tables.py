"""Table files, read line by line: what is in them is never in memory at once."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from products.imports.formulas import restored
from products.imports.outcomes import Row, RowError


class Table(ABC):
    """A file with names of columns in its first line. May be read any number of times."""

    columns: list[str]

    def __init__(self, path: Path) -> None:
        """Raises:
        RowError: the file cannot be read; says why.
        """
        self.path = path
        self.columns = []
        for _line, cells in self._lines():
            self.columns = [restored(str(cell or "").strip()) for cell in cells]
            break
        while self.columns and not self.columns[-1] and self.drops_empty_columns:
            self.columns.pop()
        if len(self.columns) > settings.IMPORT_MAX_COLUMNS:
            raise RowError(
                _("The file has %(number)d columns; the limit is %(most)d.")
                % {"number": len(self.columns), "most": settings.IMPORT_MAX_COLUMNS}
            )

    # Spreadsheets remember columns that were once used.
    drops_empty_columns = False
    # Whether a line may end before the last column.
    fills_up = False

    @abstractmethod
    def _lines(self) -> Iterator[tuple[int, list[Any]]]:
        """Cells by the number of the line on which they begin, that of the columns included."""

    def rows(self) -> Iterator[Row]:
        """Rows of the file; those of empty cells, which spreadsheets leave at the end, are none.

        Raises:
            RowError: the file cannot be read from there on. Use `check` to know before.
        """
        width = len(self.columns)
        lines = self._lines()
        next(lines, None)
        for line, found in lines:
            cells = [restored(cell) if type(cell) is str else cell for cell in found]
            if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
                continue
            if self.fills_up:
                while len(cells) > width and cells[-1] in {None, ""}:
                    cells.pop()
                cells += [""] * (width - len(cells))
                cells = ["" if cell is None else cell for cell in cells]
            row: dict[str | None, Any] = dict.fromkeys(self.columns)
            row.update(zip(self.columns, cells, strict=False))
            if len(cells) > width:
                row[None] = cells[width:]
            yield line, row

    def check(self) -> int:
        """Reads the file to its end; the number of its rows.

        Raises:
            RowError: it cannot be read as a whole, or has too many rows.
        """
        most = settings.IMPORT_MAX_ROWS
        number = 0
        for number, _row in enumerate(self.rows(), start=1):
            if number > most:
                raise RowError(
                    _("The file has more than %(most)d rows; cut it into several.") % {"most": most}
                )
        return number


def open_table(path: Path, *, name: str = "") -> Table:
    """The table in a file, by the ending of its name.

    Raises:
        RowError: it is none that can be read; says why.
        OSError: there is no such file.
    """
    from products.imports.csv_table import CsvTable  # noqa: PLC0415 - they build on this module
    from products.imports.xlsx_table import XlsxTable  # noqa: PLC0415

    ending = Path(name or path.name).suffix.lower()
    if ending in {".xlsx", ".xlsm"}:
        return XlsxTable(path)
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\3\4"):
        raise RowError(_("This is not CSV text. A spreadsheet's file ends in .xlsx."))
    if start.startswith(b"\xd0\xcf\x11\xe0") or ending in {".xls", ".ods"}:
        raise RowError(_("Files of this kind cannot be read. Save the sheet as .xlsx or as CSV."))
    return CsvTable(path)
