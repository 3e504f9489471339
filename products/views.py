"""The customer's pages of the catalogue."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from products import slots
from products.linked_data import linked_product
from products.models import Product
from products.page_head import PageHead
from products.templatetags.catalogue import price
from products.thumbnails import thumbnail_url


# Stock changes by the minute, and the header knows who is logged in.
@cache_control(private=True, no_cache=True)
@require_safe
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
    images = list(product.images.all())
    crumbs = _crumbs(product)
    parts = [part(request, product) for part in slots.page_parts]
    head = _head(request, product)
    photos = [thumbnail_url(image.file, "large") for image in images]
    linked = linked_product(
        product,
        address=head.address,
        photos=[request.build_absolute_uri(photo) for photo in photos if photo],
        offer={name: value for part in parts for name, value in part.offer.items()},
    )
    return render(
        request,
        "products/product.html",
        {
            "head": head,
            "linked": linked,
            "crumbs": crumbs,
            "product": product,
            "images": images,
            "parts": parts,
            "ends": [end(product) for end in slots.page_ends],
        },
    )


def _head(request: HttpRequest, product: Product) -> PageHead:
    facts = [price(product.price), product.brand, product.description]
    return PageHead.of(
        request,
        title=product.name,
        description=" · ".join(filter(None, facts)),
        address=product.get_absolute_url(),
        photo=product.face,
        kind="product",
    )


def _crumbs(product: Product) -> list[tuple[str, str]]:
    """All categories, those that the product lies in, and the product."""
    return [
        (_("Categories"), reverse("recognition:categories")),
        *((each.name, each.get_absolute_url()) for each in product.category.above()),
        (product.name, ""),
    ]
