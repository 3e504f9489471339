"""What pages tell machines of themselves in the words of schema.org, as JSON-LD data blocks.

A browser runs no such block, so the content security policy has nothing to say about it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString

from products.attribute_words import attribute_rows
from products.imaging import is_restricted
from products.models import Product
from products.models.category import PATH_SEPARATOR

# Names are the retailer's and may hold anything: inside a script element only these end it, or
# begin a comment that swallows the page.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def data_block(data: Mapping[str, Any]) -> SafeString:
    """The script element that holds some data; `@context` is added."""
    text = json.dumps(
        {"@context": "https://schema.org", **data}, cls=DjangoJSONEncoder, ensure_ascii=False
    ).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


def breadcrumb_list(crumbs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way to a page, of names with absolute addresses; the page itself may have none."""
    items = []
    for position, (name, address) in enumerate(crumbs, start=1):
        item = {"@type": "ListItem", "position": position, "name": str(name)}
        items.append({**item, "item": address} if address else item)
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _plain(value: Any, text: str) -> Any:
    """A number as it is: how a language writes it is for people."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def linked_product(
    product: Product, *, address: str, photos: Sequence[str], offer: Mapping[str, Any]
) -> dict[str, Any]:
    """A product; addresses are absolute. Without a price there is no offer, whoever holds it."""
    data: dict[str, Any] = {
        "@type": "Product",
        "@id": address,
        "url": address,
        "name": product.name,
        "sku": product.sku,
        "category": " > ".join(product.category.full_name.split(PATH_SEPARATOR)),
        "image": list(photos),
        "description": " ".join(product.description.split()),
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
        # Search engines refuse numbers that a shop gave itself.
        "gtin": "" if is_restricted(product.barcode) else product.barcode,
        "additionalProperty": [
            {
                "@type": "PropertyValue",
                "name": name,
                "value": _plain(product.attributes[name], text),
            }
            for name, text in attribute_rows(product.attributes)
        ],
    }
    if product.price is not None:
        data["offers"] = {
            "@type": "Offer",
            "url": address,
            "price": str(product.price),
            "priceCurrency": settings.CURRENCY,
            **offer,
        }
    return {name: value for name, value in data.items() if value}


def linked_site(home: str) -> dict[str, Any]:
    """The site; `home` is the address of its start page, which also answers searches."""
    return {
        "@type": "WebSite",
        "name": settings.SITE_NAME,
        "url": home,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{home}?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }
