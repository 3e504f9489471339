"""What was asked of the catalogue, as addresses and as fields: what stays the same when one thing is
chosen, or taken off again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from recognition.filters import Filters

Pairs = tuple[tuple[str, str], ...]
# What a button of a form without an address sends, to take things off.
DROP = "drop"
# A range of prices as one value, since a button has only one.
PRICE = "price"
FILTER_NAMES = ("category", "brand", "price_min", "price_max", "store", "in_stock", "find_store")
_DROPS = {
    "filters": FILTER_NAMES,
    "price": ("price_min", "price_max"),
    "stock": ("store", "in_stock"),
    "photo": ("seen", "box"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """A page with what is asked of it, as pairs; each change gives another one."""

    path: str
    pairs: Pairs = ()

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.pairs)}" if self.pairs else self.path

    def having(self, **values: str | Iterable[str]) -> "Address":
        """With these values in place of those that the names had; on the first page, unless it is the
        page that changes.
        """
        kept = self.without(*values, "page")
        added = tuple(
            (name, each)
            for name, value in values.items()
            for each in ([value] if isinstance(value, str) else value)
            if each
        )
        return Address(self.path, kept.pairs + added)

    def without(self, *names: str) -> "Address":
        return Address(self.path, tuple(pair for pair in self.pairs if pair[0] not in names))

    def dropping(self, name: str, value: str) -> "Address":
        """Without one of several values of a name, on the first page."""
        kept = tuple(pair for pair in self.pairs if pair != (name, value))
        return Address(self.path, kept).without("page")

    @property
    def query(self) -> str:
        return urlencode(self.pairs)


def pairs_of(words: str, filters: Filters, *, sort: str = "", page: int = 1) -> Pairs:
    """What is asked, in one spelling and one order, so that the same always has the same address."""
    pairs: list[tuple[str, Any]] = [("q", words)]
    if filters.category is not None:
        pairs.append(("category", filters.category.full_name))
    pairs += [("brand", brand) for brand in filters.brands]
    pairs += [("price_min", plain(filters.price_min)), ("price_max", plain(filters.price_max))]
    pairs += [("store", store.code) for store in filters.stores]
    pairs += [("in_stock", "1" if filters.in_stock else ""), ("sort", sort)]
    pairs.append(("page", str(page) if page > 1 else ""))
    return tuple((name, value) for name, value in pairs if value)


def plain(amount: Decimal | None) -> str:
    """A price as a field holds it: 10, or 9.50."""
    if amount is None:
        return ""
    whole = amount.to_integral_value()
    return str(whole) if amount == whole else f"{amount:.2f}"


def as_pressed(sent: QueryDict) -> QueryDict:
    """What a form sent, once the button that was pressed has done its work: `drop` takes a value off
    (`brand:Nord`), all of a name (`brand`), or all filters (`filters`); `price` sets both ends of a range.
    """
    asked = sent.copy()
    for drop in asked.pop(DROP, []):
        name, _colon, value = drop.partition(":")
        for each in _DROPS.get(name, (name,)):
            kept = [one for one in asked.getlist(each) if value and one != value]
            asked.setlist(each, kept)
        asked.pop("page", None)
    for price in asked.pop(PRICE, [])[-1:]:
        asked["price_min"], _dots, asked["price_max"] = price.partition("..")
    for name in ("category", "page", "sort", "q", "in_stock"):
        # A button stands behind the field whose value it replaces.
        if len(asked.getlist(name)) > 1:
            asked[name] = asked.getlist(name)[-1]
    return asked
