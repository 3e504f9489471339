"""What narrows a search down, as conditions on products."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from products.models import Category
from stores.availability import held
from stores.models import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Only active products count, whatever else is asked for."""

    category: Category | None = None
    brand: str = ""
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    store: Store | None = None
    in_stock: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for beyond active products."""
        return self != Filters()

    def condition(self, prefix: str = "") -> Q:
        """The condition on a product that is reached by `prefix` (as in `image__product__`)."""
        condition = Q(**{f"{prefix}is_active": True, f"{prefix}merged_into": None})
        if self.category is not None:
            condition &= Q(**{f"{prefix}category__path__startswith": self.category.path})
        if self.brand:
            condition &= Q(**{f"{prefix}brand__iexact": self.brand})
        if self.price_min is not None:
            condition &= Q(**{f"{prefix}price__gte": self.price_min})
        if self.price_max is not None:
            condition &= Q(**{f"{prefix}price__lte": self.price_max})
        if self.store is not None or self.in_stock:
            condition &= held(prefix, store=self.store)
        return condition
