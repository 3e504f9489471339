"""One row of a catalogue file, read strictly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from products.imaging import canonical_gtin
from products.imaging.gtin import LENGTHS
from products.imports.batches import refuse_unreadable
from products.imports.outcomes import NumberText, RowError

REQUIRED = ("sku", "name", "category")
OPTIONAL = ("description", "brand", "price", "barcode", "images", "is_active")
ATTRIBUTE_PREFIX = "attribute:"
IMAGE_SEPARATOR = ";"

# The column holds twelve digits, two of them behind the point.
_PRICE_END = Decimal("1e10")
_YES = {"1", "true", "yes", "y", "да"}
_NO = {"0", "false", "no", "n", "нет"}


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """What a row says. A column that the file does not have is not in `values`."""

    line: int
    sku: str
    category: str
    values: dict[str, Any]
    attributes: dict[str, str]
    images: list[str] | None  # None: the file has no such column


def check_header(columns: list[str]) -> None:
    """Raises:
    RowError: a column is missing, unknown or there twice.
    """
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise RowError(
            _("The file has no column %(missing)s; its first line must name: %(all)s.")
            % {"missing": ", ".join(missing), "all": ", ".join(REQUIRED + OPTIONAL)}
        )
    known = {*REQUIRED, *OPTIONAL}
    unknown = [
        name
        for name in columns
        if name not in known and not (name.startswith(ATTRIBUTE_PREFIX) and _attribute(name))
    ]
    if unknown:
        raise RowError(
            _("Unknown column %(unknown)s. Known: %(all)s, and attribute:NAME.")
            % {
                "unknown": ", ".join(repr(name) for name in unknown),
                "all": ", ".join(REQUIRED + OPTIONAL),
            }
        )
    if len({_attribute(name) if name not in known else (name,) for name in columns}) < len(columns):
        raise RowError(_("A column is named twice in the first line."))


def parse_row(line: int, cells: Mapping[str | None, Any]) -> CatalogueRow:
    """A row of the file by its column names.

    Raises:
        RowError: too many or too few cells, or one that cannot be what its column says.
    """
    if None in cells:
        raise RowError(
            _("More cells than columns. Put cells that hold a separator into quotation marks.")
        )
    if any(value is None for value in cells.values()):
        raise RowError(_("Fewer cells than columns."))
    refuse_unreadable(cells)
    text = {str(name): str(value).strip() for name, value in cells.items()}
    if any("\0" in value for value in text.values()):
        raise RowError(_("A cell holds a NUL character."))
    for name in REQUIRED:
        if not text[name]:
            raise RowError(_("Column %(name)s is empty.") % {"name": name})
    values: dict[str, Any] = {"name": text["name"]}
    values.update({name: text[name] for name in ("description", "brand") if name in text})
    if "price" in text:
        values["price"] = _price(text["price"])
    if "barcode" in text:
        values["barcode"] = _barcode(
            text["barcode"], is_number=isinstance(cells["barcode"], NumberText)
        )
    if text.get("is_active"):
        values["is_active"] = _flag(text["is_active"])
    return CatalogueRow(
        line=line,
        sku=text["sku"],
        category=text["category"],
        values=values,
        attributes={
            _attribute(name): value
            for name, value in text.items()
            if name.startswith(ATTRIBUTE_PREFIX)
        },
        images=_images(text["images"]) if "images" in text else None,
    )


def attribute_text(value: object) -> str:
    """An attribute as a cell says it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _attribute(column: str) -> str:
    return column.removeprefix(ATTRIBUTE_PREFIX).strip()


def _images(cell: str) -> list[str]:
    names = (name.strip() for name in cell.split(IMAGE_SEPARATOR))
    return list(dict.fromkeys(name for name in names if name))


def _price(cell: str) -> Decimal | None:
    if not cell:
        return None
    try:
        price = Decimal(cell)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise RowError(
            _("Price “%(price)s” is not a number like 3.49 (with a point, no currency sign).")
            % {"price": cell}
        )
    if price >= _PRICE_END or (cents := price.quantize(Decimal("0.01"))) != price:
        raise RowError(
            _("Price “%(price)s” is too large or has more than two decimals.") % {"price": cell}
        )
    return cents


def _barcode(cell: str, *, is_number: bool) -> str:
    if not cell:
        return ""
    if is_number:
        # A spreadsheet's number has lost its leading zeros; the check digit counts from the right.
        cell = cell.zfill(next((n for n in LENGTHS if n >= len(cell)), 0))
    gtin = canonical_gtin(cell)
    if gtin is None:
        raise RowError(
            _(
                "Barcode “%(barcode)s” is not a GTIN: 8, 12, 13 or 14 digits, the last a check digit."
            )
            % {"barcode": cell}
        )
    return gtin


def _flag(cell: str) -> bool:
    if cell.lower() in _YES:
        return True
    if cell.lower() in _NO:
        return False
    raise RowError(_("is_active “%(cell)s” is neither true nor false.") % {"cell": cell})
