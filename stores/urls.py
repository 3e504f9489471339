from django.urls import path

from stores.views.booking import product_in_store
from stores.views.overview import low_stock, my_stores, store_page
from stores.views.transfers import send_transfer, transfer_page, transfers

app_name = "stock"
urlpatterns = [
    path("", my_stores, name="stores"),
    path("<str:code>/", store_page, name="store"),
    path("<str:code>/low/", low_stock, name="low"),
    path("<str:code>/products/<str:sku>/", product_in_store, name="product"),
    path("<str:code>/transfers/", transfers, name="transfers"),
    path("<str:code>/transfers/send/", send_transfer, name="send"),
    path("<str:code>/transfers/<int:pk>/", transfer_page, name="transfer"),
]
