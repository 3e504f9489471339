"""How the pages show photos, prices and categories."""

from decimal import Decimal
from typing import Any

from babel.numbers import UnknownCurrencyError, format_currency
from django import template
from django.conf import settings
from django.utils.translation import get_language

from products.attribute_words import attribute_rows
from products.barcode_pictures import barcode_picture
from products.models import ProductImage
from products.thumbnails import thumbnail_url

register = template.Library()


@register.filter
def price(amount: Decimal | None) -> str:
    """An amount in the site's currency as the reader's language writes it; "" for none."""
    if amount is None:
        return ""
    try:
        return format_currency(amount, settings.CURRENCY, locale=get_language() or "en")
    except UnknownCurrencyError:
        return f"{amount} {settings.CURRENCY}"


@register.filter
def thumbnail(image: ProductImage | None, alias: str) -> str:
    """The address of a thumbnail, or "" where there is no photo or none can be made."""
    return thumbnail_url(image.file, alias) if image is not None else ""


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")


register.filter(attribute_rows)
register.filter(barcode_picture)
