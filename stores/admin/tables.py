"""Tables below the forms of the stores' admin, as the theme draws them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.models import Product
from stores.admin import cells
from stores.models import StockLevel, StockMovement, StockOperation, StocktakeLine, TransferLine
from stores.stocktaking import Difference, Review

# Of a store that nobody has begun to count, the page need not show ten thousand.
MOST_UNCOUNTED = 100


def table(title: Any, headers: Sequence[Any], rows: Iterable[Sequence[Any]], note: Any = "") -> Any:
    return {"title": title, "headers": list(headers), "rows": list(rows), "note": note}


def movements_table(movements: Iterable[Any]) -> Any:
    return table(
        _("Movements"),
        (_("product"), _("store"), _("kind"), _("change"), _("level after"), _("evidence")),
        [
            (
                cells.product_link(each.product), each.store, each.get_kind_display(),
                cells.signed(each.delta), cells.amount(each.level_after),
                cells.evidence_cell(each.evidence, each.evidence_url),
            )
            for each in movements
        ],
    )  # fmt: skip


def reversal_table(movements: Iterable[StockMovement]) -> Any:
    return table(
        _("What will be booked"),
        (_("product"), _("store"), _("change")),
        [(cells.product_link(m.product), m.store, cells.signed(-m.delta)) for m in movements],
    )


def transfer_lines_table(lines: Iterable[TransferLine], *, is_over: bool) -> Any:
    return table(
        _("Goods"),
        ("", _("product"), _("sent"), _("received"), _("returned"), _("missing") if is_over else _("on the way")),
        [
            (
                cells.face(each.product), cells.product_link(each.product),
                cells.amount(each.dispatched), cells.amount(each.received),
                cells.amount(each.returned), cells.amount(each.missing, low=is_over and each.missing > 0),
            )
            for each in lines
        ],
    )  # fmt: skip


def operations_table(operations: Iterable[StockOperation]) -> Any:
    return table(
        _("Who did what"),
        (_("booking"), _("when"), _("by"), _("reason, reference")),
        [
            (
                cells.operation_link(each, f"#{each.pk}"), cells.moment(each.created_at),
                each.actor, cells.why(each),
            )
            for each in operations
        ],
    )  # fmt: skip


def reorder_table(levels: Iterable[Any]) -> Any:
    return table(
        "",
        (
            "", _("product"), _("store"), _("quantity"), _("reorder point"), _("missing"),
            _("on the way"), _("sold in 28 days"),
        ),
        [
            (
                cells.face(level.product), cells.product_link(level.product), level.store,
                cells.amount(level.quantity, low=True), cells.amount(level.reorder_point),
                cells.amount(level.missing), cells.amount(level.on_the_way),
                cells.amount(level.sold_recently),
            )
            for level in levels
        ],
    )  # fmt: skip


def review_tables(review: Review) -> list[Any]:
    """The differences of a stocktake, and what nobody counted."""
    found = review.differences
    changed = sum(1 for each in found if each.delta)
    note = ngettext(
        "%(counted)d product counted, %(changed)d with a difference.",
        "%(counted)d products counted, %(changed)d with a difference.",
        len(found),
    ) % {"counted": len(found), "changed": changed}
    # Trouble first, each as the review has them: these want to be looked at.
    found = sorted(found, key=lambda each: not each.trouble)
    headers = (
        _("product"), _("counted"), _("expected"), _("difference"), _("booked since"), _("by"),
        _("evidence"), _("to do"),
    )  # fmt: skip
    tables = [table(_("Differences"), headers, [_difference_row(each) for each in found], note)]
    if review.uncounted:
        number = len(review.uncounted)
        shown = review.uncounted[:MOST_UNCOUNTED]
        note = (
            _("The first %(shown)d of %(number)d.") % {"shown": len(shown), "number": number}
            if number > len(shown)
            else ""
        )
        rows = [(cells.product_link(e.product), cells.amount(e.quantity)) for e in shown]
        tables.append(table(_("Not counted yet"), (_("product"), _("should be there")), rows, note))
    return tables


def _difference_row(each: Difference) -> Sequence[Any]:
    line = each.lines[-1]
    people = ", ".join(sorted({str(one.counted_by) for one in each.lines}))
    return (
        cells.product_link(each.product),
        cells.amount(each.counted),
        cells.amount(each.expected),
        cells.signed(each.delta),
        cells.signed(each.moved_since),
        f"{people}, {line.get_method_display()}",
        cells.evidence_cell(each.evidence, getattr(line, "evidence_url", "")),
        each.trouble or "–",
    )


def counted_table(lines: Iterable[StocktakeLine]) -> Any:
    return table(
        _("What was counted"),
        (_("product"), _("counted"), _("expected"), _("when"), _("by"), _("how"), ""),
        [
            (
                cells.product_link(each.product), cells.amount(each.counted),
                cells.amount(each.expected), cells.moment(each.counted_at), each.counted_by,
                each.get_method_display(), _("replaced") if each.is_replaced else "",
            )
            for each in lines
        ],
    )  # fmt: skip


def panel_tables(
    product: Product, levels: Iterable[StockLevel], movements: Iterable[StockMovement]
) -> list[Any]:
    """The box of a product's page: what each store holds, and what moved last."""
    rows = [
        (
            cells.level_link(level),
            cells.amount(level.quantity, low=_is_low(product, level)),
            cells.amount(level.reorder_point),
        )
        for level in levels
    ]
    moved = [
        (
            cells.operation_link(each.operation, cells.moment(each.operation.created_at)),
            each.store, each.get_kind_display(), cells.signed(each.delta),
            cells.amount(each.level_after), each.operation.actor, cells.why(each.operation),
        )
        for each in movements
    ]  # fmt: skip
    headers = (
        _("when"), _("store"), _("kind"), _("change"), _("level after"), _("by"),
        _("reason, reference"),
    )  # fmt: skip
    return [
        table("", (_("store"), _("quantity"), _("reorder point")), rows),
        *([table(_("Last movements"), headers, moved)] if moved else []),
    ]


def _is_low(product: Product, level: StockLevel) -> bool:
    return (
        level.reorder_point is not None
        and level.quantity <= level.reorder_point
        and product.is_active
        and product.merged_into_id is None
    )
