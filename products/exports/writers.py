"""Products into CSV, XLSX and ZIP, a piece at a time: tablib, which would hold all of it, cannot."""

import csv
import io
import logging
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from products.catalogue_lookup import export_name
from products.exports.resource import PHOTO_FOLDER, ProductResource, attribute_names
from products.imports.formulas import neutral
from products.imports.xlsx_table import escaped
from products.models import Product

logger = logging.getLogger(__name__)

_AT_ONCE = 500
# What a cell of a spreadsheet can hold; openpyxl would cut the rest off without a word.
_LONGEST_CELL = 32_767
_CHUNK = 256 * 1024


class ExportRefused(ValueError):
    """The products cannot be written in this format; says why."""


class CatalogueExport:
    """Some products. Rows are read as they are written."""

    def __init__(self, ids: list[int]) -> None:
        self._ids = ids
        names: set[str] = set()
        for some in _batches(ids):
            names |= set(attribute_names(Product.objects.filter(pk__in=some)))
        self.resource = ProductResource(sorted(names))

    def header(self) -> list[str]:
        return [str(name) for name in self.resource.get_export_headers()]

    def products(self) -> Iterator[Product]:
        self.resource.read_paths()
        for some in _batches(self._ids):
            products = Product.objects.defer("text").filter(pk__in=some).prefetch_related("images")
            found = {product.pk: product for product in products.order_by()}
            yield from (found[pk] for pk in some if pk in found)

    def cells(self, product: Product) -> list[Any]:
        return list(self.resource.export_resource(product))


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def csv_lines(export: CatalogueExport) -> Iterator[str]:
    """CSV in UTF-8 with the mark by which spreadsheets know it."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow([neutral(name) for name in export.header()])
    yield "\ufeff"
    for product in export.products():
        writer.writerow([_csv_cell(cell) for cell in export.cells(product)])
        if line.tell() > _CHUNK:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def _csv_cell(cell: Any) -> str:
    return neutral(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def xlsx_file(export: CatalogueExport) -> IO[bytes]:
    """Texts as texts, prices as numbers. The caller closes the file.

    Raises:
        ExportRefused: a text is longer than a cell can hold, or there are too many columns.
    """
    header = export.header()
    if len(header) > settings.IMPORT_MAX_COLUMNS:
        raise ExportRefused(
            _("There are %(number)d columns; a file can have %(most)d. Choose fewer products.")
            % {"number": len(header), "most": settings.IMPORT_MAX_COLUMNS}
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("products")
    sheet.freeze_panes = "A2"
    try:
        sheet.append([_xlsx_cell(sheet, name, "") for name in header])
        for product in export.products():
            sheet.append([_xlsx_cell(sheet, cell, product.sku) for cell in export.cells(product)])
    except ExportRefused:
        sheet.close()
        raise
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _xlsx_cell(sheet: Any, value: Any, sku: str) -> Any:
    if not isinstance(value, str):
        return value
    text = escaped(neutral(value))
    if len(text) > _LONGEST_CELL:
        raise ExportRefused(
            _("Product %(sku)s has a text that no cell of a spreadsheet can hold. Choose CSV.")
            % {"sku": sku}
        )
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # or openpyxl would take "=…" for a formula
    return cell


class _Outlet(io.RawIOBase):
    """What a ZipFile writes, to be given on at once. It cannot be rewound, so it need not be kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zip_chunks(export: CatalogueExport) -> Iterator[bytes]:
    """`catalogue.csv` and the photos that it names below `images/`."""
    outlet = _Outlet()
    now = timezone.localtime().timetuple()[:6]
    with ZipFile(outlet, "w") as archive:
        info = ZipInfo("catalogue.csv", now)
        info.compress_type = ZIP_DEFLATED
        with archive.open(info, "w", force_zip64=True) as file:
            for text in csv_lines(export):
                file.write(text.encode())
                yield outlet.take()
        for product in export.products():
            for image in product.images.all():
                try:
                    with image.file.storage.open(str(image.file.name)) as photo:
                        data = photo.read()
                except OSError:
                    # The row stays in catalogue.csv; what is lost is said by the log.
                    logger.warning("Photo %s of %s cannot be read", image.file.name, product.sku)
                    continue
                name = f"{PHOTO_FOLDER}/{export_name(str(image.file.name))}"
                info = ZipInfo(name, now)
                info.compress_type = ZIP_STORED  # photos do not shrink
                archive.writestr(info, data)
                yield outlet.take()
    yield outlet.take()
