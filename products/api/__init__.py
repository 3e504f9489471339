"""The catalogue over HTTP: thin views over the use cases of this app. Who may what is
`products.policy`'s.
"""

from django.urls import path

from products.api.categories import CategoriesView, CategoryView
from products.api.photos import PhotoOrderView, PhotosView, PhotoView, ThumbnailView
from products.api.products import ProductsView, ProductView

urlpatterns = [
    path("categories/", CategoriesView.as_view(), name="categories"),
    path("categories/<int:category>/", CategoryView.as_view(), name="category"),
    path("products/", ProductsView.as_view(), name="products"),
    path("products/<str:sku>/", ProductView.as_view(), name="product"),
    path("products/<str:sku>/photos/", PhotosView.as_view(), name="photos"),
    path("products/<str:sku>/photos/order/", PhotoOrderView.as_view(), name="photo-order"),
    path("products/<str:sku>/photos/<int:photo>/", PhotoView.as_view(), name="photo"),
    path("photos/<int:photo>/thumbnail/", ThumbnailView.as_view(), name="photo-thumbnail"),
]
