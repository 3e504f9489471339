from django.urls import path

from stores.views.booked import operation_page
from stores.views.booking import product_in_store
from stores.views.by_code import by_code, delivery, what_is
from stores.views.offline import here, offline, worker
from stores.views.overview import low_stock, my_stores, store_page
from stores.views.transfers import send_transfer, transfer_page, transfers

app_name = "stock"
urlpatterns = [
    path("", my_stores, name="stores"),
    # No store's code begins with a hyphen.
    path("-/here/", here, name="here"),
    path("-/offline/", offline, name="offline"),
    path("worker.js", worker, name="worker"),
    path("<str:code>/", store_page, name="store"),
    path("<str:code>/low/", low_stock, name="low"),
    path("<str:code>/products/<str:sku>/", product_in_store, name="product"),
    path("<str:code>/by-code/", by_code, name="by-code"),
    path("<str:code>/delivery/", delivery, name="delivery"),
    path("<str:code>/what-is/", what_is, name="what-is"),
    path("<str:code>/operations/<int:pk>/", operation_page, name="operation"),
    path("<str:code>/transfers/", transfers, name="transfers"),
    path("<str:code>/transfers/send/", send_transfer, name="send"),
    path("<str:code>/transfers/<int:pk>/", transfer_page, name="transfer"),
]
