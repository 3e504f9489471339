"""What narrows a search down, as conditions on products."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from products.models import Category
from stores.availability import held
from stores.models import Store


def is_code(words: str) -> bool:
    """Whether words are to be looked up as a barcode too: digits, as people group them."""
    return words.replace(" ", "").replace("-", "").isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Only active products count, whatever else is asked for. Of several brands any one fits, and of
    several stores any one that holds the product now.
    """

    category: Category | None = None
    brands: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    stores: tuple[Store, ...] = ()
    in_stock: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for beyond active products."""
        return self != Filters()

    @property
    def asks_stock(self) -> bool:
        return bool(self.stores) or self.in_stock

    @property
    def asks_price(self) -> bool:
        return self.price_min is not None or self.price_max is not None

    def but(self, **changed: Any) -> "Filters":
        """The same filters with some of them changed."""
        return replace(self, **changed)

    def condition(self, prefix: str = "") -> Q:
        """The condition on a product that is reached by `prefix` (as in `image__product__`)."""
        condition = Q(**{f"{prefix}is_active": True, f"{prefix}merged_into": None})
        if self.category is not None:
            condition &= Q(**{f"{prefix}category__path__startswith": self.category.path})
        if self.brands:
            # Not by IN, which would compare letter case.
            condition &= reduce(or_, (Q(**{f"{prefix}brand__iexact": b}) for b in self.brands))
        if self.price_min is not None:
            condition &= Q(**{f"{prefix}price__gte": self.price_min})
        if self.price_max is not None:
            condition &= Q(**{f"{prefix}price__lte": self.price_max})
        if self.asks_stock:
            condition &= held(prefix, stores=self.stores)
        return condition
