"""Examples of the API's document."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_photo: dict[str, Any] = {
    "id": 4711,
    "url": "https://shop.example/media/products/5e/d1c77a7abc75d111d3706b86a07699.jpg",
    "thumbnail": "https://shop.example/api/v1/photos/4711/thumbnail/",
    "width": 900,
    "height": 900,
    "position": 0,
    "state": "ready",
    "reason": "",
}
_new: dict[str, Any] = {
    "sku": "CRT-0005",
    "name": "Orchard Juice Blood Orange 1 L",
    "category": "Drinks/Cartons",
    "brand": "Willow & Linen",
    "barcode": "2002600000440",
    "price": "2.99",
    "attributes": {"size": "1 L", "colour": "orange"},
}
_product: dict[str, Any] = {
    **_new,
    "description": "Shake before pouring.",
    "currency": "EUR",
    "is_active": True,
    "merged_into": None,
    "url": "https://shop.example/products/CRT-0005/",
    "photos": [_photo],
    "created_at": "2026-03-02T09:14:05Z",
    "updated_at": "2026-03-02T09:14:05Z",
}
_category: dict[str, Any] = {
    "id": 12,
    "path": "Drinks/Cartons",
    "name": "Cartons",
    "depth": 2,
    "parent": "Drinks",
    "products": 31,
    "products_with_below": 40,
}


def _answer(name: str, value: Any, *statuses: str) -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value, response_only=True, status_codes=list(statuses))]


def _sent(name: str, value: Any, media_type: str = "application/json") -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value, request_only=True, media_type=media_type)]


PRODUCT = _answer("A product", _product, "200", "201")
# Taken as it is by the demo shop, which has the category and not the SKU.
NEW_PRODUCT = _sent(
    "A new product",
    {
        "sku": "ACME-0001",
        "name": "Orchard Juice Pear 1 L",
        "category": "Drinks/Cartons",
        "price": "2.99",
        "attributes": {"size": "1 L"},
    },
)
CHANGED_PRODUCT = _sent("Another price", {"price": "3.19"})
PHOTO = _answer("A photo", _photo, "200")
PHOTOS = _answer("The photos", {"photos": [_photo]}, "200")
ADDED_PHOTOS = _answer(
    "A new photo", {"photos": [{**_photo, "state": "pending", "created": True}]}, "200", "201"
)
ORDER = _sent("The second first", {"ids": [4712, 4711]})
CATEGORY = _answer("A category", _category, "200", "201")
NEW_CATEGORY = _sent("A branch", {"path": "Drinks/Cartons"})
CHANGED_CATEGORY = _sent("Another name", {"name": "Cartons and bags"})
