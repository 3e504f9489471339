"""How the pages write what was measured."""

from collections.abc import Iterable
from math import ceil, floor
from typing import NamedTuple

from babel.numbers import format_percent
from django import template
from django.utils.translation import get_language

from products.models import Product

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """0.047 as “4.7 %”, as the reader's language writes it; "–" for none.

    Below ten a digit more, and never rounded down to less than was measured.
    """
    if share is None:
        return "–"
    digits = 1 if share < 0.1 else 0
    step = 10 ** -(digits + 2)
    rounded = -(-share // step) * step if share % step > step * 1e-6 else share
    pattern = "#,##0.#\N{NO-BREAK SPACE}%" if digits else "#,##0\N{NO-BREAK SPACE}%"
    return format_percent(rounded, format=pattern, locale=get_language() or "en")


class Odds(NamedTuple):
    """“4 times in 100”, which more people read rightly than “4 %”."""

    times: int
    of: int


@register.filter
def at_most(share: float) -> Odds:
    """A share that is small, never said to be smaller than it is."""
    of = _enough_for(share)
    return Odds(ceil(share * of - 1e-9), of)


@register.filter
def at_least(share: float) -> Odds:
    """A share that is large, never said to be larger than it is."""
    of = _enough_for(1 - share)
    return Odds(floor(share * of + 1e-9), of)


def _enough_for(rare: float) -> int:
    """Of how many something happens about once, or oftener; a round number."""
    of = 100
    while rare * of < 0.5 - 1e-9 and of < 10_000:
        of *= 10
    return of


@register.filter
def alike(distance: float) -> float:
    """A cosine distance as a bar to look at: 1 for the same picture, 0 for all that have nothing in
    common. It is no probability.
    """
    return min(1.0, max(0.0, 1.0 - distance))


@register.filter
def some_have_barcodes(products: Iterable[Product]) -> bool:
    """Whether a barcode could tell these products apart."""
    return any(product.barcode for product in products)
