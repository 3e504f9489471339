"""Stores, and what they hold."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.paging import ById
from api.views import asked
from stores.api.frame import StoresApiView, reads
from stores.models import StockLevel
from stores.policy import stores_with_stock
from stores.serializers import StockOutput, StockQuery, StoreOutput


class StoresView(StoresApiView):
    pagination_class = ById

    @reads("stores", StoreOutput(many=True))
    def get(self, request: Request) -> Response:
        """The stores whose stock you may see."""
        return self.page(stores_with_stock(request.user), StoreOutput)


class StockView(StoresApiView):
    pagination_class = ById

    @reads("stock", StockOutput(many=True), StockQuery)
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
            levels = levels.filter(product=query["sku"])
        levels = levels.select_related("store", "product").defer(
            "product__text", "product__description", "product__attributes"
        )
        return self.page(levels, StockOutput)
