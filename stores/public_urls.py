"""Addresses of the stores for shoppers."""

from django.urls import path

from stores.views.public import store_list, store_page

app_name = "stores"
urlpatterns = [
    path("", store_list, name="list"),
    path("<str:code>/", store_page, name="store"),
]
