from django.urls import path

from products.views import product_page

app_name = "products"
urlpatterns = [path("products/<str:sku>/", product_page, name="product")]
