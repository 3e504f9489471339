"""Stock as a kind of import: files with a line for each store and product."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.imports.batches import BatchImporter, refuse_unreadable, run_batches
from products.imports.kinds import Column, ImportContext, ImportKind
from products.imports.outcomes import ImportReport, Row, RowError, RowOutcome
from products.models import ImportRun, Product
from stores.actions import ACT_IN_ALL_STORES, Action
from stores.models import Store
from stores.posting import MOST_AT_ONCE
from stores.product_codes import products_by_code
from stores.setting_levels import LevelSet, Wanted, set_levels

# In the column reorder_point: take it away. An empty cell leaves it.
NEVER = "never"
_LONGEST_REASON = 300


class StockKind(ImportKind):
    key = "stock"
    label = gettext_lazy("Stock")
    help = gettext_lazy(
        "The quantity is what the level will be once its line is imported: the difference to what"
        " the books say at that moment is booked as an adjustment, with “Import FILE line N” as its"
        " reason. So export, change and import without selling in between, or leave quantities"
        " empty: an empty cell changes nothing."
    )
    permissions = (Action.ADJUST.value,)
    columns = [
        Column("store", gettext_lazy("the store's code"), True, "MAIN"),
        Column("sku", gettext_lazy("this or the barcode names the product"), False, "A-100"),
        Column("barcode", gettext_lazy("GTIN; not needed beside the SKU"), False, "4006381333931"),
        Column("quantity", gettext_lazy("the level after the import; empty: as it is"), False, "24"),
        Column(
            "reorder_point",
            gettext_lazy("from which level on to reorder; empty: as it is, “never”: none"),
            False,
            "6",
        ),
        Column("reason", gettext_lazy("why, beside the name of the file"), False, ""),
    ]  # fmt: skip

    def shows_others(self, user: Any) -> bool:
        """A file tells levels of whatever stores it is about."""
        return bool(user.has_perm(ACT_IN_ALL_STORES))

    def check_header(self, columns: list[str]) -> None:
        check_header(columns)

    def importer(self, context: ImportContext) -> BatchImporter:
        if context.user is None:
            raise RowError(_("An import of stock is booked by somebody: name the user."))
        run = ImportRun.objects.filter(pk=context.run_id).first() if context.run_id else None
        name = run.file_name if run is not None else Path(context.table.path).name
        return StockImporter(actor=context.user, file_name=name)

    def notes(self, importer: BatchImporter) -> list[str]:  # noqa: ARG002
        return [
            _(
                "A quantity is what the level will be after the import. What is sold until you"
                " start it is booked back by it: import when the file is still true."
            )
        ]


def check_header(columns: list[str]) -> None:
    """Raises:
    RowError: a column is missing, unknown or there twice.
    """
    known = [column.name for column in StockKind.columns]
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise RowError(_("Column %(name)s is there twice.") % {"name": ", ".join(twice)})
    if unknown := [name for name in columns if name not in known]:
        raise RowError(
            _("Column “%(name)s” is not known. Known are: %(known)s.")
            % {"name": unknown[0], "known": ", ".join(known)}
        )
    if "store" not in columns or not {"sku", "barcode"} & set(columns):
        raise RowError(_("The file needs a column store, and sku or barcode."))
    if not {"quantity", "reorder_point"} & set(columns):
        raise RowError(_("The file needs a column quantity or reorder_point."))


@dataclass(slots=True)
class _StockRow:
    line: int
    store: str
    code: str
    sku: str
    quantity: int | None
    reorder_point: int | None
    never: bool
    reason: str


class StockImporter(BatchImporter):
    """Writes the lines of one file, for one person."""

    def __init__(self, *, actor: Any, file_name: str) -> None:
        self._actor = actor
        self._file_name = file_name[-120:]
        self._stores = {store.code: store for store in Store.objects.all()}
        self._seen: dict[tuple[int, int], int] = {}
        self._skipped: list[Row] = []

    def skip(self, row: Row) -> None:
        self._skipped.append(row)

    def write(self, part: list[Any]) -> list[RowOutcome]:
        if self._skipped:  # a file that is gone on with: what it held before counts as seen
            for rows in _in_parts(self._skipped, len(part)):
                self._read(rows)
            self._skipped = []
        outcomes, wanted = self._read(part)
        results = set_levels(
            actor=self._actor,
            wanted=[each for _line, each in wanted],
            reference=self._file_name,
        )
        for (line, each), result in zip(wanted, results, strict=True):
            outcomes[line] = _outcome(line, each, result)
        return [outcomes[line] for line, _cells in part]

    def _read(self, part: list[Row]) -> tuple[dict[int, RowOutcome], list[tuple[int, Wanted]]]:
        """Errors by line, and what the other lines want."""
        outcomes: dict[int, RowOutcome] = {}
        rows: list[_StockRow] = []
        for line, cells in part:
            try:
                rows.append(_parse(line, cells))
            except RowError as error:
                outcomes[line] = RowOutcome(line, "failed", error=str(error))
        products = products_by_code({row.code for row in rows})
        wanted = []
        for row in rows:
            try:
                wanted.append((row.line, self._wanted(row, products)))
            except RowError as error:
                outcomes[row.line] = RowOutcome(row.line, "failed", row.code, str(error))
        return outcomes, wanted

    def _wanted(self, row: _StockRow, products: dict[str, Product]) -> Wanted:
        store = self._stores.get(row.store)
        if store is None:
            raise self._no_store(row.store)
        product = products.get(row.code)
        if product is None or (row.sku and product.sku != row.sku):
            raise RowError(_("No product has the SKU or barcode “%(code)s”.") % {"code": row.code})
        first = self._seen.setdefault((store.pk, product.pk), row.line)
        if first != row.line:
            raise RowError(
                _("%(product)s in %(store)s is on line %(line)d already.")
                % {"product": product, "store": store, "line": first}
            )
        reason = _("Import %(file)s line %(line)d") % {"file": self._file_name, "line": row.line}
        return Wanted(
            store,
            product,
            row.quantity,
            row.reorder_point,
            row.never,
            f"{reason}: {row.reason}" if row.reason else reason,
        )

    def _no_store(self, code: str) -> RowError:
        meant = next((known for known in self._stores if known.lower() == code.lower()), None)
        if meant is None:
            return RowError(_("There is no store with the code “%(code)s”.") % {"code": code})
        return RowError(
            _("There is no store with the code “%(code)s”. Write it as it is: “%(meant)s”.")
            % {"code": code, "meant": meant}
        )


def import_stock(
    rows: Iterable[Row], *, actor: Any, file_name: str, dry_run: bool = False
) -> Iterator[ImportReport]:
    """Brings levels to what the rows say; yields the report after each row."""
    report = ImportReport()
    importer = StockImporter(actor=actor, file_name=file_name)
    for outcomes in run_batches(rows, importer, dry_run=dry_run):
        for outcome in outcomes:
            report.add(outcome)
            yield report


def _in_parts(rows: list[Row], size: int) -> Iterator[list[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _parse(line: int, cells: dict[str | None, Any]) -> _StockRow:
    """Raises:
    RowError: a cell is not what its column holds.
    """
    refuse_unreadable(cells)
    if None in cells:
        raise RowError(_("The line has more cells than there are columns."))
    text = {name: str(value or "").strip() for name, value in cells.items() if name is not None}
    sku, barcode = text.get("sku", ""), text.get("barcode", "")
    if not (sku or barcode):
        raise RowError(_("Name the product by its SKU or its barcode."))
    if not text["store"]:
        raise RowError(_("Name the store by its code."))
    point = text.get("reorder_point", "")
    never = point.lower() == NEVER
    return _StockRow(
        line=line,
        store=text["store"],
        code=sku or barcode,
        sku=sku,
        quantity=_number("quantity", text.get("quantity", "")),
        reorder_point=None if never else _number("reorder_point", point),
        never=never,
        reason=" ".join(text.get("reason", "").split())[:_LONGEST_REASON],
    )


def _number(column: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= MOST_AT_ONCE):
        raise RowError(
            _("Column %(name)s: “%(text)s” is not a whole number from 0 to %(most)d.")
            % {"name": column, "text": text[:40], "most": MOST_AT_ONCE}
        )
    return int(text)


def _outcome(line: int, wanted: Wanted, result: LevelSet) -> RowOutcome:
    key = f"{wanted.store.code} {wanted.product.sku}"
    if result.refusal:
        return RowOutcome(line, "failed", key, result.refusal)
    changes = [
        (name, _text(was), _text(now))
        for name, was, now in (
            ("quantity", result.was, result.now),
            ("reorder_point", result.point_was, result.point_now),
        )
        if was != now
    ]
    state: Any = "created" if result.is_new else "updated" if changes else "unchanged"
    return RowOutcome(line, state, key, changes=changes)


def _text(number: int | None) -> str:
    return NEVER if number is None else str(number)
