"""The customer's pages of the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from products.models import Product


def product_page(request: HttpRequest, sku: str) -> HttpResponse:
    """A product with its photos. A merged one leads to its heir; an inactive one is not found."""
    product = get_object_or_404(
        Product.objects.select_related("category", "merged_into").prefetch_related("images"),
        sku=sku,
        is_active=True,
    )
    if product.merged_into is not None:
        return redirect(product.merged_into, permanent=True)
    return render(
        request,
        "products/product.html",
        {"product": product, "images": list(product.images.all())},
    )
