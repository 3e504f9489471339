"""Counting over HTTP."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.once import idempotency_key
from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.views import asked, valid
from products.models.category import full_names
from stores import stocktaking
from stores.actions import Action
from stores.api import examples
from stores.api.frame import StoresApiView, reads, status_of, writes
from stores.api.queries import StocktakeQuery
from stores.models import Stocktake, StocktakeLine
from stores.policy import require_one_of, stores_with_stocktakes
from stores.serializers import (
    ApprovalInput,
    BookingOutput,
    CountInput,
    StocktakeDetailOutput,
    StocktakeInput,
    StocktakeLineOutput,
    StocktakeOutput,
)

Method = StocktakeLine.Method


def readable_stocktakes(user: Any) -> QuerySet[Stocktake]:
    return Stocktake.objects.filter(store__in=stores_with_stocktakes(user)).select_related(
        "store", "category", "opened_by", "closed_by"
    )


def category_names(stocktakes: Any) -> dict[int, str]:
    return full_names({each.category for each in stocktakes if each.category is not None})


def brief(stocktake: Stocktake, status: int) -> Response:
    context = {"category_names": category_names([stocktake])}
    return Response(StocktakeOutput(stocktake, context=context).data, status=status)


class StocktakesView(StoresApiView):
    pagination_class = NewestFirst
    keeps_own_keys = False

    @reads("stocktakes", StocktakeOutput(many=True), StocktakeQuery, orders())
    def get(self, request: Request) -> Response:
        """Stocktakes of the stores that you see, newest first."""
        stores = stores_with_stocktakes(request.user)
        query = asked(StocktakeQuery, request, stores=stores)
        stocktakes = readable_stocktakes(request.user)
        if "store" in query:
            stocktakes = stocktakes.filter(store=query["store"])
        if "state" in query:
            stocktakes = stocktakes.filter(state=query["state"])
        names: dict[int, str] = {}
        return self.page(
            ordered(self, stocktakes),
            StocktakeOutput,
            context={"category_names": names},
            loads=lambda shown: names.update(category_names(shown)),
        )

    @writes(
        "open_stocktake", StocktakeInput, StocktakeOutput, examples=examples.STOCKTAKE, made=True
    )
    def post(self, request: Request) -> Response:
        """Begins the count of a store, whole or one category."""
        require_one_of(request.user, Action.COUNT)
        given = valid(StocktakeInput, request.data)
        stocktake = stocktaking.open_stocktake(
            actor=request.user, store=given["store"], category=given.get("category")
        )
        return brief(stocktake, 201)


class StocktakeView(StoresApiView):
    @reads("stocktake", StocktakeDetailOutput)
    def get(self, request: Request, stocktake: int) -> Response:
        """A stocktake with its lines and, while it is open, what approving it would do."""
        lines = StocktakeLine.objects.select_related("product", "counted_by").order_by("id")
        stocktakes = readable_stocktakes(request.user).prefetch_related(
            Prefetch("lines", lines.defer("product__text"))
        )
        found: Any = get_object_or_404(stocktakes, pk=stocktake)
        draft = found.state == Stocktake.State.DRAFT
        found.review = stocktaking.review(found) if draft else None
        context = {"category_names": category_names([found])}
        return self.one(found, StocktakeDetailOutput, context)


class CountView(StoresApiView):
    @writes(
        "count_product",
        CountInput,
        StocktakeLineOutput,
        examples=examples.COUNT,
        made=True,
        keyed=True,
    )
    def post(self, request: Request, stocktake: int) -> Response:
        """Enters how many of a product were counted in one place."""
        require_one_of(request.user, Action.COUNT)
        found = get_object_or_404(readable_stocktakes(request.user), pk=stocktake)
        key = idempotency_key(request)
        given = valid(CountInput, request.data)
        line = stocktaking.count_product(
            actor=request.user,
            stocktake=found,
            product=given["product"],
            counted=given["counted"],
            replace=given["replace"],
            method=Method.BARCODE if "barcode" in given else Method.HAND,
            idempotency_key=key,
        )
        return Response(StocktakeLineOutput(line).data, status=status_of(repeated=line.repeated))


class ApprovalView(StoresApiView):
    keeps_own_keys = False

    @writes("approve_stocktake", ApprovalInput, BookingOutput, examples=examples.APPROVAL)
    def post(self, request: Request, stocktake: int) -> Response:
        """Posts counted minus expected of every product, and closes the stocktake."""
        require_one_of(request.user, Action.APPROVE)
        found = get_object_or_404(readable_stocktakes(request.user), pk=stocktake)
        given = valid(ApprovalInput, request.data)
        booking = stocktaking.approve(
            actor=request.user,
            stocktake=found,
            uncounted_are_zero=given["uncounted_are_zero"],
        )
        return Response(BookingOutput(booking).data)


class CancellationView(StoresApiView):
    keeps_own_keys = False

    @writes("cancel_stocktake", None, StocktakeOutput)
    def post(self, request: Request, stocktake: int) -> Response:
        """Closes the stocktake without posting anything; its lines stay to be read."""
        require_one_of(request.user, Action.APPROVE)
        stocktakes = readable_stocktakes(request.user)
        found = get_object_or_404(stocktakes, pk=stocktake)
        stocktaking.cancel(actor=request.user, stocktake=found)
        return brief(stocktakes.get(pk=stocktake), 200)
