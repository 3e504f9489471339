"""Stores, and what they hold."""

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.ordering import ordered, orders
from api.paging import ById
from api.views import asked
from stores.api.frame import StoresApiView, reads
from stores.api.queries import StockQuery, StoresQuery
from stores.models import StockLevel
from stores.policy import stores_with_stock
from stores.serializers import StockOutput, StoreDetailOutput, StoreOutput

# Names of stores may be the same twice, codes not.
_ORDERS = ("id", "-id", "code", "-code")


class StoresView(StoresApiView):
    pagination_class = ById

    @reads("stores", StoreOutput(many=True), StoresQuery, orders(*_ORDERS))
    def get(self, request: Request) -> Response:
        """The stores whose stock you may see."""
        stores = stores_with_stock(request.user)
        query = asked(StoresQuery, request)
        if query["is_active"] is not None:
            stores = stores.filter(is_active=query["is_active"])
        return self.page(ordered(self, stores, *_ORDERS), StoreOutput)


class StoreView(StoresApiView):
    @reads("store", StoreDetailOutput)
    def get(self, request: Request, code: str) -> Response:
        """A store, with its opening hours also for programs."""
        store = get_object_or_404(stores_with_stock(request.user), code=code)
        return self.one(store, StoreDetailOutput)


class StockView(StoresApiView):
    pagination_class = ById

    @reads("stock", StockOutput(many=True), StockQuery, orders())
    def get(self, request: Request) -> Response:
        """How many of each product each store holds. What never was in a store has no row."""
        stores = stores_with_stock(request.user)
        query = asked(StockQuery, request, stores=stores)
        levels = StockLevel.objects.filter(store__in=stores)
        if query["low"]:
            levels = levels.low()
        if "store" in query:
            levels = levels.filter(store=query["store"])
        if "sku" in query:
            levels = levels.filter(product__in=query["sku"])
        if "category" in query:
            levels = levels.filter(product__category__path__startswith=query["category"].path)
        if query["in_stock"] is not None:
            levels = (
                levels.filter(quantity__gt=0) if query["in_stock"] else levels.filter(quantity=0)
            )
        levels = levels.select_related("store", "product").defer(
            "product__text", "product__description", "product__attributes"
        )
        return self.page(ordered(self, levels), StockOutput)
