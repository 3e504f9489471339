"""What can be done with stock. Every change of a level comes from here.

Each use case is one transaction: either everything is booked or nothing. With an
`idempotency_key` the same request may be sent again (by the same actor): it is booked once.
`happened_at` is for what could not be sent at once: see `stores.late`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Product
from stores.actions import Action
from stores.fingerprints import fingerprint
from stores.models import (
    StockMovement,
    StockOperation,
    Stocktake,
    Store,
    Transfer,
    TransferLine,
)
from stores.policy import require
from stores.posting import (
    Booking,
    Entry,
    Header,
    begin,
    check_lines,
    post,
    repeated,
    whole_lines,
)
from stores.refusals import Refusal

Kind = StockMovement.Kind
Lines = Iterable[tuple[Product, int]]


def receive(
    *,
    actor: Any,
    store: Store,
    lines: Lines,
    reference: str = "",
    evidence: str = "",
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Booking:
    """Goods came in; quantities are above zero.

    Raises:
        Refusal: says what is in the way.
    """
    require(actor, Action.BOOK, store)
    lines = whole_lines(lines)
    return _book(
        Kind.RECEIVE,
        [Entry(store, product, quantity, evidence) for product, quantity in lines],
        Header(
            actor=actor,
            idempotency_key=idempotency_key,
            reference=reference,
            happened_at=happened_at,
        ),
    )


def sell(
    *,
    actor: Any,
    store: Store,
    lines: Lines,
    reference: str = "",
    evidence: str = "",
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Booking:
    """Goods went to a customer; quantities are above zero.

    Raises:
        NotEnough: the store does not hold so many.
        Refusal: says what is in the way.
    """
    require(actor, Action.BOOK, store)
    lines = whole_lines(lines)
    return _book(
        Kind.SELL,
        [Entry(store, product, -quantity, evidence) for product, quantity in lines],
        Header(
            actor=actor,
            idempotency_key=idempotency_key,
            reference=reference,
            happened_at=happened_at,
        ),
    )


def adjust(
    *,
    actor: Any,
    store: Store,
    lines: Lines,
    reason: str,
    reference: str = "",
    evidence: str = "",
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Booking:
    """The level was wrong, or goods broke or were found: changes by more or less, with a reason.

    Raises:
        NotEnough: the store does not hold so many.
        Refusal: says what is in the way.
    """
    require(actor, Action.ADJUST, store)
    changes: dict[Product, int] = {}
    for product, delta in lines:
        changes[product] = changes.get(product, 0) + delta
    check_lines(changes)
    if 0 in changes.values():
        raise Refusal(_("An adjustment changes something."), code="bad_quantity")
    return _book(
        Kind.ADJUST,
        [Entry(store, product, delta, evidence) for product, delta in changes.items()],
        Header(
            actor=actor,
            idempotency_key=idempotency_key,
            reason=_reason(reason),
            reference=reference,
            happened_at=happened_at,
        ),
    )


def reverse(
    *, actor: Any, operation: StockOperation, reason: str, idempotency_key: str = ""
) -> Booking:
    """Takes an operation back, whole, by movements the other way.

    Raises:
        NotEnough: what came in by it has gone out since.
        Refusal: it was taken back already, or is not of a kind that can be.
    """
    movements = list(operation.movements.select_related("store", "product").order_by("id"))
    for store in {movement.store for movement in movements}:
        require(actor, Action.ADJUST, store)
    if not movements:
        raise Refusal(_("This operation moved nothing."), code="nothing_to_book")
    if any(movement.kind in {Kind.TRANSFER, Kind.REVERSE} for movement in movements):
        raise Refusal(
            _(
                "A transfer is ended by receiving or returning it, and a reversal by booking anew;"
                " neither is reversed."
            ),
            code="not_reversible",
        )
    entries = [Entry(each.store, each.product, -each.delta, reverses=each) for each in movements]
    return _book(
        Kind.REVERSE,
        entries,
        Header(actor=actor, idempotency_key=idempotency_key, reason=_reason(reason)),
    )


def dispatch_transfer(
    *,
    actor: Any,
    source: Store,
    destination: Store,
    lines: Lines,
    reference: str = "",
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Transfer:
    """Goods leave one store for another. They are in neither until they are received.

    Raises:
        NotEnough: the store does not hold so many.
        Refusal: says what is in the way.
    """
    require(actor, Action.BOOK, source)
    if source == destination:
        raise Refusal(_("Choose another store to send the goods to."), code="same_store")
    header = Header(
        actor=actor,
        idempotency_key=idempotency_key,
        reference=reference,
        happened_at=happened_at,
    )
    return _dispatch(source, destination, whole_lines(lines), header)


@retry_when_lost
@transaction.atomic
def _dispatch(
    source: Store, destination: Store, lines: list[tuple[Product, int]], header: Header
) -> Transfer:
    transfer = Transfer.objects.create(source=source, destination=destination)
    operation, is_new = begin(
        replace(header, transfer=transfer),
        fingerprint("dispatch", source, destination, lines, header.reference),
    )
    if not is_new:
        # The operation names its transfer from the first, so this one was made in vain.
        transfer.delete()
        if operation.transfer is None:
            raise AssertionError("A dispatch has a transfer.")
        operation.transfer.repeated = True
        return operation.transfer
    _require_open(destination)
    TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, product=product, dispatched=quantity)
        for product, quantity in lines
    )
    post(operation, Kind.TRANSFER, [Entry(source, product, -n) for product, n in lines])
    return transfer


def receive_transfer(
    *,
    actor: Any,
    transfer: Transfer,
    lines: Lines,
    close: bool = False,
    reference: str = "",
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Booking:
    """Goods of a transfer arrived, all or some; with `close`, what is missing will not come.

    A store that closed meanwhile takes them nevertheless: they stand at its door.

    Raises:
        Refusal: more arrived than were sent, or the transfer is over.
    """
    require(actor, Action.BOOK, transfer.destination)
    arrived = whole_lines(lines) if (lines := list(lines)) or not close else []
    header = Header(
        actor=actor,
        idempotency_key=idempotency_key,
        reference=reference,
        transfer=transfer,
        happened_at=happened_at,
    )
    return _arrive(transfer, arrived, close, header)


@retry_when_lost
@transaction.atomic
def _arrive(
    transfer: Transfer, arrived: list[tuple[Product, int]], close: bool, header: Header
) -> Booking:
    asked = fingerprint("arrive", transfer, arrived, close, header.reference)
    operation, is_new = begin(header, asked)
    if not is_new:
        return repeated(operation)
    transfer = _locked_open(transfer)
    sent = {line.product_id: line for line in transfer.lines.select_related("product")}
    for product, quantity in arrived:
        line = sent.get(product.pk)
        if line is None or quantity > line.missing:
            raise Refusal(
                _(
                    "Only %(missing)d of %(product)s are on the way. Book what is too much as an"
                    " adjustment."
                )
                % {"missing": line.missing if line else 0, "product": product},
                code="more_than_sent",
            )
        line.received += quantity
    TransferLine.objects.bulk_update(sent.values(), ["received"])
    movements = post(
        operation,
        Kind.TRANSFER,
        [Entry(transfer.destination, product, quantity) for product, quantity in arrived],
    )
    if not any(line.missing for line in sent.values()):
        _close(transfer, Transfer.State.RECEIVED)
    elif close:
        _close(transfer, Transfer.State.SHORT)
    return Booking(operation, movements)


@retry_when_lost
@transaction.atomic
def return_transfer(
    *,
    actor: Any,
    transfer: Transfer,
    reason: str,
    idempotency_key: str = "",
    happened_at: datetime | None = None,
) -> Booking:
    """What has not arrived goes back to the store that sent it.

    Raises:
        Refusal: the transfer is over.
    """
    require(actor, Action.BOOK, transfer.source)
    header = Header(
        actor=actor,
        idempotency_key=idempotency_key,
        reason=_reason(reason),
        transfer=transfer,
        happened_at=happened_at,
    )
    operation, is_new = begin(header, fingerprint("return", transfer, header.reason))
    if not is_new:
        return repeated(operation)
    transfer = _locked_open(transfer)
    lines = [line for line in transfer.lines.select_related("product") if line.missing]
    entries = [Entry(transfer.source, line.product, line.missing) for line in lines]
    for line in lines:
        line.returned += line.missing
    TransferLine.objects.bulk_update(lines, ["returned"])
    movements = post(operation, Kind.TRANSFER, entries)
    _close(transfer, Transfer.State.RETURNED)
    return Booking(operation, movements)


def post_count(
    *, actor: Any, stocktake: Stocktake, differences: Sequence[tuple[Product, int, str]]
) -> Booking:
    """The differences of a stocktake (product, counted minus expected, evidence).

    Called by `stores.stocktaking.approve`, in its transaction, which has checked who may.

    Raises:
        NotEnough: more went out since the count than was counted.
    """
    entries = [
        Entry(stocktake.store, product, delta, evidence) for product, delta, evidence in differences
    ]
    header = Header(actor=actor, stocktake=stocktake)
    operation, _is_new = begin(header, fingerprint("count", stocktake))
    return Booking(operation, post(operation, Kind.COUNT, entries) if entries else [])


@retry_when_lost
@transaction.atomic
def _book(kind: StockMovement.Kind, entries: Sequence[Entry], header: Header) -> Booking:
    asked = fingerprint(
        kind,
        [(e.store, e.product, e.delta, e.evidence, e.reverses) for e in entries],
        header.reason,
        header.reference,
    )
    operation, is_new = begin(header, asked)
    if not is_new:
        return repeated(operation)
    if kind is Kind.RECEIVE:
        _require_open(*{entry.store for entry in entries})
    if kind is Kind.REVERSE:
        _refuse_second_reversal(entries)
    return Booking(operation, post(operation, kind, entries))


def _refuse_second_reversal(entries: Sequence[Entry]) -> None:
    taken_back = [entry.reverses for entry in entries if entry.reverses is not None]
    # Locked, so that two who press the button at once are not both told that it was done.
    locked = StockMovement.objects.filter(pk__in=[each.pk for each in taken_back])
    list(locked.order_by("pk").select_for_update(of=("self",)))
    if StockMovement.objects.filter(reverses__in=taken_back).exists():
        raise Refusal(_("This was taken back already."), code="reversed_already")


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refusal(_("Say why; the reason is kept with the booking."), code="reason_missing")
    if len(text) > 500:
        raise Refusal(_("A reason has at most 500 characters."), code="reason_too_long")
    return text


def _require_open(*stores: Store) -> None:
    # Asked of the database: the caller may have loaded the store before it was closed. And after
    # the key: what was booked before it closed stays booked when it is sent again.
    for store in Store.objects.filter(pk__in=[each.pk for each in stores], is_active=False):
        raise Refusal(
            _("%(store)s is closed and takes no goods.") % {"store": store}, code="store_closed"
        )


def _locked_open(transfer: Transfer) -> Transfer:
    locked = Transfer.objects.select_for_update(of=("self",)).select_related(
        "source", "destination"
    )
    transfer = locked.get(pk=transfer.pk)
    if transfer.state != Transfer.State.DISPATCHED:
        raise Refusal(
            _("Transfer %(transfer)s is over: %(state)s.")
            % {"transfer": transfer, "state": transfer.get_state_display()},
            code="transfer_over",
        )
    return transfer


def _close(transfer: Transfer, state: Transfer.State) -> None:
    transfer.state = state
    transfer.closed_at = timezone.now()
    transfer.save(update_fields=["state", "closed_at"])
