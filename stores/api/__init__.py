"""Stock over HTTP: thin views over the use cases of this app. Who may what is `stores.policy`'s."""

from django.urls import path

from stores.api.movements import MovementsView, OperationView, ReversalView
from stores.api.stock import StockView, StoresView, StoreView
from stores.api.stocktakes import (
    ApprovalView,
    CancellationView,
    CountView,
    StocktakesView,
    StocktakeView,
)
from stores.api.transfers import ArrivalView, ReturnView, TransfersView, TransferView

urlpatterns = [
    path("stores/", StoresView.as_view(), name="stores"),
    path("stores/<str:code>/", StoreView.as_view(), name="store"),
    path("stock/", StockView.as_view(), name="stock"),
    path("movements/", MovementsView.as_view(), name="movements"),
    path("movements/<int:operation>/reverse/", ReversalView.as_view(), name="movement-reverse"),
    path("operations/<int:operation>/", OperationView.as_view(), name="operation"),
    path("transfers/", TransfersView.as_view(), name="transfers"),
    path("transfers/<int:transfer>/", TransferView.as_view(), name="transfer"),
    path("transfers/<int:transfer>/receive/", ArrivalView.as_view(), name="transfer-receive"),
    path("transfers/<int:transfer>/return/", ReturnView.as_view(), name="transfer-return"),
    path("stocktakes/", StocktakesView.as_view(), name="stocktakes"),
    path("stocktakes/<int:stocktake>/", StocktakeView.as_view(), name="stocktake"),
    path("stocktakes/<int:stocktake>/lines/", CountView.as_view(), name="stocktake-lines"),
    path("stocktakes/<int:stocktake>/approve/", ApprovalView.as_view(), name="stocktake-approve"),
    path("stocktakes/<int:stocktake>/cancel/", CancellationView.as_view(), name="stocktake-cancel"),
]
