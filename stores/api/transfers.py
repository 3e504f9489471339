"""Goods on their way from one store to another."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
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
from stores.api.queries import TransferQuery
from stores.models import Transfer, TransferLine
from stores.policy import require_one_of, stores_with_ledger
from stores.serializers import (
    ArrivalInput,
    ReasonInput,
    TransferDetailOutput,
    TransferInput,
    TransferOutput,
)


def readable_transfers(user: Any) -> QuerySet[Transfer]:
    """Those from and to the stores whose ledger somebody may read."""
    stores = stores_with_ledger(user)
    return Transfer.objects.filter(Q(source__in=stores) | Q(destination__in=stores)).select_related(
        "source", "destination"
    )


def whole(pk: int) -> Transfer:
    """With its lines."""
    lines = TransferLine.objects.select_related("product").defer("product__text")
    transfers = Transfer.objects.select_related("source", "destination")
    return transfers.prefetch_related(Prefetch("lines", lines)).get(pk=pk)


def detail(pk: int, *, repeated: bool) -> Response:
    return Response(TransferDetailOutput(whole(pk)).data, status=status_of(repeated=repeated))


class TransfersView(StoresApiView):
    pagination_class = NewestFirst

    @reads("transfers", TransferOutput(many=True), TransferQuery, orders())
    def get(self, request: Request) -> Response:
        """Transfers from and to the stores whose ledger you may read, newest first."""
        stores = stores_with_ledger(request.user)
        query = asked(TransferQuery, request, stores=stores)
        transfers = readable_transfers(request.user)
        if "store" in query:
            store = query["store"]
            transfers = transfers.filter(Q(source=store) | Q(destination=store))
        if "state" in query:
            transfers = transfers.filter(state=query["state"])
        return self.page(ordered(self, transfers), TransferOutput)

    @writes(
        "dispatch_transfer",
        TransferInput,
        TransferDetailOutput,
        examples=examples.TRANSFER,
        made=True,
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """Sends goods to another store. They are in neither store until they are received."""
        require_one_of(request.user, Action.BOOK)
        key = idempotency_key(request)
        given = valid(TransferInput, request.data)
        transfer = ledger.dispatch_transfer(
            actor=request.user,
            source=given["source"],
            destination=given["destination"],
            lines=given["lines"],
            reference=given.get("reference", ""),
            idempotency_key=key,
        )
        return detail(transfer.pk, repeated=transfer.repeated)


class TransferView(StoresApiView):
    @reads("transfer", TransferDetailOutput)
    def get(self, request: Request, transfer: int) -> Response:
        """A transfer with its lines."""
        found = get_object_or_404(readable_transfers(request.user), pk=transfer)
        return self.one(whole(found.pk), TransferDetailOutput)


class ArrivalView(StoresApiView):
    @writes(
        "receive_transfer",
        ArrivalInput,
        TransferDetailOutput,
        examples=examples.ARRIVAL,
        made=True,
        keyed=True,
    )
    def post(self, request: Request, transfer: int) -> Response:
        """Books what arrived, all or some. With `close`, what is missing will not come."""
        require_one_of(request.user, Action.BOOK)
        found = get_object_or_404(readable_transfers(request.user), pk=transfer)
        key = idempotency_key(request)
        given = valid(ArrivalInput, request.data)
        booking = ledger.receive_transfer(
            actor=request.user,
            transfer=found,
            lines=given.get("lines", []),
            close=given["close"],
            reference=given.get("reference", ""),
            idempotency_key=key,
        )
        return detail(found.pk, repeated=booking.repeated)


class ReturnView(StoresApiView):
    @writes(
        "return_transfer",
        ReasonInput,
        TransferDetailOutput,
        examples=examples.RETURN,
        made=True,
        keyed=True,
    )
    def post(self, request: Request, transfer: int) -> Response:
        """What has not arrived goes back to the store that sent it."""
        require_one_of(request.user, Action.BOOK)
        found = get_object_or_404(readable_transfers(request.user), pk=transfer)
        key = idempotency_key(request)
        given = valid(ReasonInput, request.data)
        booking = ledger.return_transfer(
            actor=request.user, transfer=found, reason=given["reason"], idempotency_key=key
        )
        return detail(found.pk, repeated=booking.repeated)
