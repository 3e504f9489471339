"""The ledger: read, book, take back."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.once import idempotency_key
from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.views import asked, valid
from stores import ledger
from stores.actions import Action
from stores.api import examples
from stores.api.frame import StoresApiView, reads, status_of, writes
from stores.api.queries import MovementQuery
from stores.models import StockMovement, StockOperation
from stores.policy import require_one_of, stores_with_ledger
from stores.posting import Booking
from stores.serializers import (
    BookingOutput,
    MovementInput,
    MovementOutput,
    OperationOutput,
    ReasonInput,
)

Kind = StockMovement.Kind
_BOOK = {Kind.RECEIVE: ledger.receive, Kind.SELL: ledger.sell, Kind.ADJUST: ledger.adjust}


def readable_movements(user: Any) -> QuerySet[StockMovement]:
    """Those in the stores whose ledger somebody may read, with what a row of a list shows."""
    movements = StockMovement.objects.filter(store__in=stores_with_ledger(user))
    return movements.select_related("store", "product", "operation__actor").defer(
        "product__text", "product__description", "product__attributes"
    )


def readable_operations(user: Any) -> QuerySet[StockOperation]:
    readable = StockMovement.objects.filter(store__in=stores_with_ledger(user))
    return StockOperation.objects.filter(pk__in=readable.values("operation"))


class MovementsView(StoresApiView):
    pagination_class = NewestFirst

    @reads("movements", MovementOutput(many=True), MovementQuery, orders())
    def get(self, request: Request) -> Response:
        """Every change of the stock of the stores whose ledger you may read, newest first."""
        stores = stores_with_ledger(request.user)
        query = asked(MovementQuery, request, stores=stores)
        movements = readable_movements(request.user)
        if "store" in query:
            movements = movements.filter(store=query["store"])
        if "sku" in query:
            movements = movements.filter(product__in=query["sku"])
        if "kind" in query:
            movements = movements.filter(kind=query["kind"])
        if "operation" in query:
            movements = movements.filter(operation=query["operation"])
        if "after" in query:
            movements = movements.filter(operation__created_at__gte=query["after"])
        if "before" in query:
            movements = movements.filter(operation__created_at__lt=query["before"])
        return self.page(ordered(self, movements), MovementOutput)

    @writes("book", MovementInput, BookingOutput, examples=examples.BOOKINGS, made=True, keyed=True)
    def post(self, request: Request) -> Response:
        """Receives, sells or adjusts products of one store, all of them or none."""
        require_one_of(request.user, Action.BOOK, Action.ADJUST)
        key = idempotency_key(request)
        given = valid(MovementInput, request.data)
        book: Any = _BOOK[Kind(given["kind"])]
        reason = {"reason": given.get("reason", "")} if given["kind"] == Kind.ADJUST else {}
        booking = book(
            actor=request.user,
            store=given["store"],
            lines=given["lines"],
            reference=given.get("reference", ""),
            idempotency_key=key,
            **reason,
        )
        return booked(booking)


class OperationView(StoresApiView):
    @reads("operation", OperationOutput)
    def get(self, request: Request, operation: int) -> Response:
        """What was booked together, with its movements in the stores whose ledger you may read."""
        operations = readable_operations(request.user).select_related("actor")
        movements = readable_movements(request.user).order_by("id")
        found = get_object_or_404(
            operations.prefetch_related(Prefetch("movements", movements, to_attr="readable")),
            pk=operation,
        )
        return self.one(found, OperationOutput)


class ReversalView(StoresApiView):
    @writes(
        "reverse", ReasonInput, BookingOutput, examples=examples.REVERSAL, made=True, keyed=True
    )
    def post(self, request: Request, operation: int) -> Response:
        """Takes back what was booked together, whole, by movements the other way."""
        require_one_of(request.user, Action.ADJUST)
        found = get_object_or_404(readable_operations(request.user), pk=operation)
        key = idempotency_key(request)
        given = valid(ReasonInput, request.data)
        return booked(
            ledger.reverse(
                actor=request.user, operation=found, reason=given["reason"], idempotency_key=key
            )
        )


def booked(booking: Booking) -> Response:
    return Response(BookingOutput(booking).data, status=status_of(repeated=booking.repeated))
