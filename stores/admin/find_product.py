"""Products for the booking pages, while somebody types."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse

from products.ids import row_id
from products.models import Product
from products.thumbnails import thumbnail_url
from stores.actions import Action
from stores.admin.scope import require_somewhere, store_ids
from stores.models import StockLevel
from stores.product_codes import products_by_code

_MOST = 8
_LONGEST = 200


def find_product(request: HttpRequest) -> JsonResponse:
    """`?q=WORDS&store=ID` → `{"products": [{code, name, photo, there}]}`, best first.

    `there` is what the store holds; null where the person may not see it.
    """
    require_somewhere(request, Action.BOOK, Action.ADJUST)
    words = request.GET.get("q", "").strip().replace("\0", "")[:_LONGEST]
    store = request.GET.get("store", "")
    products = _found(words) if words else []
    there = _levels(request, store, products)
    return JsonResponse(
        {
            "products": [
                {
                    "code": product.sku,
                    "name": product.name,
                    "photo": thumbnail_url(product.face.file, "small") if product.face else "",
                    "there": there.get(product.pk, 0) if there is not None else None,
                }
                for product in products
            ]
        }
    )


def _found(words: str) -> list[Product]:
    exact = products_by_code([words]).get(words)
    products: QuerySet[Product, Any] = (
        Product.objects.filter(merged_into=None)
        .matching(words)
        .defer("text", "description", "attributes")
    )
    ids = [exact.pk] if exact else []
    found = list(products.exclude(pk__in=ids).prefetch_related("images")[: _MOST - len(ids)])
    return [exact, *found] if exact else found


def _levels(request: HttpRequest, store: str, products: list[Product]) -> dict[int, int] | None:
    pk = row_id(store)
    if pk is None or pk not in store_ids(request, Action.VIEW):
        return None
    levels = StockLevel.objects.filter(store=pk, product__in=products)
    return dict(levels.values_list("product", "quantity"))
