"""What stands in the cells of the stores' lists and pages."""

from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.admin.pictures import picture
from products.models import Product
from stores import signs
from stores.models import StockLevel, StockOperation

_GREEN = "text-green-700 dark:text-green-400"
_RED = "text-red-700 dark:text-red-400"


def signed(delta: int) -> str:
    """A change with its sign, more in green and less in red."""
    colour = _GREEN if delta > 0 else _RED if delta < 0 else ""
    return format_html(
        '<span class="font-semibold tabular-nums whitespace-nowrap {}">{}</span>',
        colour,
        signs.signed(delta),
    )


def amount(number: int | None, *, low: bool = False) -> str:
    colour = _RED if low else ""
    text = "–" if number is None else intcomma(number)
    return format_html('<span class="font-semibold tabular-nums {}">{}</span>', colour, text)


def product_link(product: Product) -> str:
    """A product's name and SKU, leading to its page."""
    return format_html(
        '<a href="{}" class="text-link">{}</a><span class="block text-xs">{}</span>',
        reverse("admin:products_product_change", args=[product.pk]),
        product.name,
        product.sku,
    )


def face(product: Product, size: int = 40) -> str:
    return picture(product.face, size)


def operation_link(operation: StockOperation, text: Any) -> str:
    return format_html(
        '<a href="{}" class="text-link whitespace-nowrap">{}</a>',
        reverse("admin:stores_stockoperation_change", args=[operation.pk]),
        text,
    )


def evidence_cell(evidence: str, url: str) -> str:
    if not evidence:
        return "–"
    kind, _colon, _token = evidence.partition(":")
    if url:
        return format_html(
            '<a href="{}" class="text-link" title="{}">{}</a>', url, evidence, kind or evidence
        )
    return format_html('<span title="{}">{}</span>', evidence, evidence[:24])


def booked_text(pieces: int, products: int) -> str:
    """As in “12 pieces of 3 products”."""
    return _("%(pieces)s of %(products)s") % {
        "pieces": ngettext("%d piece", "%d pieces", pieces) % pieces,
        "products": ngettext("%d product", "%d products", products) % products,
    }


def optional_url(name: str, *args: Any) -> str:
    """The address of a page that may not be there in this installation."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def moment(time: datetime) -> str:
    return date_format(localtime(time), "SHORT_DATETIME_FORMAT")


def why(operation: StockOperation) -> str:
    """The reason and the reference of an operation, and where it belongs to."""
    parts = [operation.reason, operation.reference]
    return " · ".join(filter(None, parts)) or "–"


def level_link(level: StockLevel) -> str:
    """A store's name, leading to what it holds of one product."""
    return format_html(
        '<a href="{}" class="text-link">{}</a>',
        reverse("admin:stores_stocklevel_change", args=[level.pk]),
        level.store,
    )
