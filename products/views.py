"""The customer's pages of the catalogue."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from products import slots
from products.models import Product


def product_page(request: HttpRequest, sku: str) -> HttpResponse:
    """A product with its photos. A merged one leads to its heir; an inactive one is not found."""
    product = get_object_or_404(
        Product.objects.select_related("category", "merged_into").prefetch_related("images"),
        sku=sku,
    )
    heir = product.heir()
    if heir is None or not heir.is_active:
        raise Http404
    if heir != product:
        return redirect(heir, permanent=True)
    return render(
        request,
        "products/product.html",
        {
            "product": product,
            "images": list(product.images.all()),
            "sections": [section(product) for section in slots.page_sections],
            "ends": [end(product) for end in slots.page_ends],
        },
    )
