"""Spreadsheets (Office Open XML), streamed by openpyxl, whose XML goes through defusedxml."""

import re
import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from products.imports.archives import check_archive
from products.imports.outcomes import NumberText, RowError, UnreadableCell
from products.imports.tables import Table

# What openpyxl and the XML parser raise for files that are not what they claim to be.
_BROKEN = (
    InvalidFileException, BadZipFile, ParseError, zlib.error, EOFError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, NotImplementedError, OverflowError, OSError,
)  # fmt: skip
# XML of a single row. Rows in use have some KB; one of millions of cells would fill the memory
# before its cells could be counted.
_MAX_ROW_BYTES = 4 * 1024 * 1024
_MAX_MEMBERS = 5_000
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_MIDNIGHT = time(0, 0)


def escaped(text: str) -> str:
    """Text with what XML cannot hold written as spreadsheets do (ECMA-376, ST_Xstring)."""
    return _CONTROL.sub(
        lambda m: f"_x{ord(m[0]):04X}_" if len(m[0]) == 1 else f"_x005F{m[0]}", text
    )


def unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # half a character is none


# What a spreadsheet may have at all, and what styles and names of an ordinary one take.
_MOST_ROWS = 1_048_576
_MOST_OF_A_PART = 2 * 2**20


def _largest(member: str) -> int:
    """Openpyxl holds all shared texts in memory, and whatever is no sheet as a whole tree, of up to a
    hundred times its size.
    """
    if member == "xl/sharedStrings.xml":
        return settings.IMPORT_MAX_XLSX_BYTES // 4
    if member.startswith(("xl/worksheets/", "xl/media/")):
        return settings.IMPORT_MAX_XLSX_BYTES
    return _MOST_OF_A_PART


class XlsxTable(Table):
    """The first visible sheet. Lines are those that the spreadsheet shows."""

    drops_empty_columns = True
    fills_up = True

    def __init__(self, path: Path) -> None:
        check_archive(
            path,
            members=_MAX_MEMBERS,
            total=settings.IMPORT_MAX_XLSX_BYTES,
            largest=_largest,
        )
        super().__init__(path)

    def _lines(self) -> Iterator[tuple[int, list[Any]]]:
        try:
            with warnings.catch_warnings():
                # Openpyxl tells of parts of the file that are of no use here.
                warnings.simplefilter("ignore")
                yield from self._read()
        except _BROKEN as error:
            if isinstance(error, RowError):
                raise
            raise RowError(
                _("The file is damaged or is no spreadsheet (%(error)s). Save it again as .xlsx.")
                % {"error": " ".join(str(error).split())[:200] or type(error).__name__}
            ) from error

    def _read(self) -> Iterator[tuple[int, list[Any]]]:
        book = load_workbook(self.path, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise RowError(_("The file has no sheet that is visible."))
            formats = _Formats(book)
            with sheets[0]._get_source() as stream:  # noqa: SLF001
                source = _RowSized(stream)
                parser = _Parser(
                    source,
                    sheets[0]._shared_strings,  # noqa: SLF001
                    data_only=True,
                    epoch=book.epoch,
                    date_formats=book._date_formats,  # noqa: SLF001
                    timedelta_formats=book._timedelta_formats,  # noqa: SLF001
                )
                for line, cells in parser.parse():
                    source.since_row = 0
                    if not 1 <= line <= _MOST_ROWS:
                        raise RowError(
                            _("The file numbers a row %(line)s. Save it again as .xlsx.")
                            % {"line": str(line)[:20]}
                        )
                    if found := _in_columns(cells, formats):
                        yield line, found
        finally:
            book.close()


class _RowSized:
    """A stream that ends with an error where a row takes too long to come."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.since_row = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.since_row += len(data)
        if self.since_row > _MAX_ROW_BYTES:
            raise RowError(_("The sheet has a row that is too long to be read."))
        return data


class _Parser(WorkSheetParser):
    """Tells a formula without a stored value from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = "formula"
        return cell


class _Formats:
    """How many digits a cell's number format fills up to: 5 for `00000`, else 0."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, int] = {}

    def digits(self, style: int) -> int:
        if style not in self._known:
            number = self._book._cell_styles[style].numFmtId  # noqa: SLF001
            own = self._book._number_formats  # noqa: SLF001
            code = BUILTIN_FORMATS.get(number) or (
                own[number - 164] if 0 <= number - 164 < len(own) else ""
            )
            self._known[style] = len(code) if re.fullmatch("0{2,}", code) else 0
        return self._known[style]


def _in_columns(cells: list[dict[str, Any]], formats: _Formats) -> list[Any]:
    row: list[Any] = []
    for cell in cells:
        value = _value(cell, formats)
        if value is None:
            continue
        column = cell["column"]
        if column > settings.IMPORT_MAX_COLUMNS:
            raise RowError(
                _("Line %(line)d has more than %(most)d columns.")
                % {"line": cell["row"], "most": settings.IMPORT_MAX_COLUMNS}
            )
        row += [None] * (column - len(row))
        row[column - 1] = value
    return row


def _value(cell: dict[str, Any], formats: _Formats) -> Any:
    """Text as the sheet shows it, UnreadableCell, or None for an empty cell."""
    value, kind = cell["value"], cell["data_type"]
    if kind == "formula":
        return UnreadableCell(
            _("The formula has no stored value. Open the file in a spreadsheet and save it.")
        )
    if value is None:
        return None
    if kind == "e":
        return UnreadableCell(_("The cell shows the error %(error)s.") % {"error": value})
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, formats.digits(int(cell["style_id"] or 0)))
    return _text(value)


def _number(value: Any, digits: int) -> NumberText:
    """Spreadsheets hold 15 digits; what stands behind them is the error of binary fractions."""
    if isinstance(value, float) and (not value.is_integer() or abs(value) >= 1e15):
        return NumberText(format(value, ".15g"))
    return NumberText(str(int(value)).zfill(digits))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(value.date() if value.time() == _MIDNIGHT else value)
    return value.isoformat() if isinstance(value, date | time) else str(value)
