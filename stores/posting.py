"""How movements are written. Only use cases of this app call it.

Locks are taken in one order by everybody, so that no two bookings can wait for each other: a
stocktake, the key of the operation, a transfer or the movements that are taken back, products by
id, levels by store and product (first those that are not there yet are made, in that order too).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from products.models import Product
from stores.late import refuse_if_seen_since
from stores.models import (
    StockLevel,
    StockMovement,
    StockOperation,
    Stocktake,
    Store,
    Transfer,
)
from stores.refusals import KeyReused, NotEnough, Refusal

# What the quantity of one booking may be; more is a scanned barcode in the wrong field.
MOST_AT_ONCE = 1_000_000
MOST_LINES = 1_000
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A change that is wanted: so many more (or less) of a product in a store."""

    store: Store
    product: Product
    delta: int
    evidence: str = ""
    reverses: StockMovement | None = None

    def __post_init__(self) -> None:
        check_text(self.evidence)


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked. `repeated`: this very request had been booked before, and was not again."""

    operation: StockOperation
    movements: list[StockMovement]
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Who books, and what is written down with it."""

    actor: Any
    idempotency_key: str = ""
    reason: str = ""
    reference: str = ""
    transfer: Transfer | None = None
    stocktake: Stocktake | None = None
    # Of what waited for a connection. No part of what was asked: the first try does not say it.
    happened_at: datetime | None = None

    def __post_init__(self) -> None:
        check_text(self.idempotency_key)
        check_text(self.reference)


def begin(header: Header, asked: str) -> tuple[StockOperation, bool]:
    """The operation of a request and whether it is a new one. `asked` is its fingerprint.

    A second request with the same key waits here until the first has committed.

    Raises:
        KeyReused: the key belongs to another request.
    """
    values = {
        "fingerprint": asked,
        "reason": header.reason,
        "reference": header.reference,
        "transfer": header.transfer,
        "stocktake": header.stocktake,
        "happened_at": header.happened_at,
    }
    if not header.idempotency_key:
        return StockOperation.objects.create(actor=header.actor, **values), True
    operation, is_new = StockOperation.objects.get_or_create(
        actor=header.actor, idempotency_key=header.idempotency_key, defaults=values
    )
    if not is_new and operation.fingerprint != asked:
        raise KeyReused
    return operation, is_new


def repeated(operation: StockOperation) -> Booking:
    movements = operation.movements.select_related("store", "product").order_by("id")
    return Booking(operation, list(movements), repeated=True)


def post(
    operation: StockOperation, kind: StockMovement.Kind, entries: Sequence[Entry]
) -> list[StockMovement]:
    """Writes the movements of an operation and their levels. The caller holds the transaction.

    Raises:
        Refusal: a product was merged away; or it comes late, and a count saw it already.
        NotEnough: a level would fall below zero.
    """
    products = {entry.product.pk for entry in entries}
    if operation.happened_at is not None:
        # A count holds its product too, so none is entered between the question and the booking.
        lock_products(products, mode="UPDATE")
    # Before a count is: a merge puts the level right, too, and what is said of it is of more use.
    hold_products(products)
    if operation.happened_at is not None:
        refuse_if_seen_since({(e.store, e.product) for e in entries}, operation.happened_at)
    levels = lock_levels({(entry.store.pk, entry.product.pk) for entry in entries})
    movements = []
    for entry in entries:
        level = levels[entry.store.pk, entry.product.pk]
        if level.quantity + entry.delta < 0:
            raise NotEnough(
                store=entry.store,
                product=entry.product,
                there=level.quantity,
                asked=-entry.delta,
            )
        level.quantity += entry.delta
        movements.append(
            StockMovement(
                operation=operation,
                kind=kind,
                store=entry.store,
                product=entry.product,
                delta=entry.delta,
                level_after=level.quantity,
                evidence=entry.evidence,
                reverses=entry.reverses,
            )
        )
    _write_quantities(levels.values())
    return StockMovement.objects.bulk_create(movements)


def hold_products(ids: Iterable[int]) -> None:
    """Keeps products from being merged away until the transaction ends.

    Raises:
        Refusal: one was merged already.
    """
    ids = sorted(ids)
    lock_products(ids, mode="KEY SHARE")
    _refuse_merged(ids)


def lock_products(ids: Iterable[int], *, mode: str) -> None:
    """Locks products by id. `KEY SHARE` lets others edit and book them, but not merge them away."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM products_product WHERE id = ANY(%s) ORDER BY id FOR {mode}",  # noqa: S608
            [sorted(ids)],
        )


def _refuse_merged(ids: Iterable[int]) -> None:
    for product in Product.objects.filter(pk__in=ids).exclude(merged_into=None):
        heir = product.heir()
        raise Refusal(
            _("%(product)s was merged into %(heir)s: book it there.")
            % {"product": product, "heir": heir},
            code="product_merged",
        )


def lock_levels(keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], StockLevel]:
    """The levels of (store, product), locked; those that are not there are made.

    Hold their products first.
    """
    keys = sorted(keys)
    stores, products = {key[0] for key in keys}, {key[1] for key in keys}
    wanted = StockLevel.objects.filter(store__in=stores, product__in=products)
    there = set(wanted.values_list("store_id", "product_id"))
    # Another booking may be adding the same level: then this waits for it, and both use one row.
    StockLevel.objects.bulk_create(
        [StockLevel(store_id=s, product_id=p) for s, p in keys if (s, p) not in there],
        ignore_conflicts=True,
    )
    locked = wanted.order_by("store_id", "product_id").select_for_update(of=("self",))
    wanted_keys = set(keys)
    return {
        (level.store_id, level.product_id): level
        for level in locked
        if (level.store_id, level.product_id) in wanted_keys
    }


def _write_quantities(levels: Collection[StockLevel]) -> None:
    # bulk_update writes a CASE with a branch for each row; a count of a whole store has thousands.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stores_stocklevel level SET quantity = new.quantity"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS new(id, quantity)"
            " WHERE level.id = new.id",
            [[level.pk for level in levels], [level.quantity for level in levels]],
        )


def check_text(text: str) -> None:
    """Raises:
    Refusal: the database cannot keep this as a key, a reference or an evidence.
    """
    if len(text) > _MOST_CHARACTERS:
        raise Refusal(
            _(
                "“%(text)s…” is too long: a key, a reference and an evidence have at most %(most)d characters."
            )
            % {"text": text[:20], "most": _MOST_CHARACTERS},
            code="text_too_long",
        )
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise Refusal(_("A text holds a character that cannot be stored."), code="bad_text")


def whole_lines(lines: Iterable[tuple[Product, int]]) -> list[tuple[Product, int]]:
    """Lines of products with quantities above zero; a product given twice is added up.

    Raises:
        Refusal: there are none, too many, or a quantity makes no sense.
    """
    total: dict[Product, int] = {}
    for product, quantity in lines:
        if quantity < 1:
            raise Refusal(
                _("A quantity is at least 1; %(product)s has %(quantity)d.")
                % {"product": product, "quantity": quantity},
                code="bad_quantity",
            )
        total[product] = total.get(product, 0) + quantity
    check_lines(total)
    return list(total.items())


def check_lines(total: dict[Product, int]) -> None:
    if not total:
        raise Refusal(_("Name at least one product and its quantity."), code="nothing_to_book")
    if len(total) > MOST_LINES:
        raise Refusal(
            _("%(lines)d products are too many for one booking; the most is %(most)d.")
            % {"lines": len(total), "most": MOST_LINES},
            code="too_many_lines",
        )
    for product, quantity in total.items():
        if abs(quantity) > MOST_AT_ONCE:
            raise Refusal(
                _("%(quantity)d of %(product)s cannot be right; the most at once is %(most)d.")
                % {"quantity": quantity, "product": product, "most": MOST_AT_ONCE},
                code="bad_quantity",
            )
