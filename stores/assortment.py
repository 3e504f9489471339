"""What a store holds, by categories, as shoppers are shown it."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from products.models import Category
from products.models.category import PATH_SEPARATOR
from stores.models import StockLevel, Store

# Of a main category; the page of all its products has the rest.
_NAMED = 8


@dataclass(slots=True)
class Held:
    """A category with the number of products that a store holds of it and of all below it."""

    name: str
    full_name: str
    products: int
    below: list["Held"] = field(default_factory=list)

    @property
    def first_below(self) -> list["Held"]:
        """As many of those below as a page names."""
        return self.below[:_NAMED]

    @property
    def more(self) -> int:
        """How many of those below it does not name."""
        return len(self.below[_NAMED:])


def assortment(store: Store) -> list[Held]:
    """The main categories of what a store holds now, each with those just below it. Two queries."""
    levels = StockLevel.objects.filter(
        store=store, quantity__gt=0, product__is_active=True, product__merged_into=None
    )
    per_category = levels.order_by().values_list("product__category__path").annotate(Count("pk"))
    counts: Counter[str] = Counter()
    for path, number in per_category:
        for end in (Category.steplen, 2 * Category.steplen):
            if len(path) >= end:
                counts[path[:end]] += number
    held: list[Held] = []
    main: dict[str, Held] = {}
    named = Category.objects.filter(path__in=counts).values_list("path", "name")
    for path, name in named:  # in the order of the tree: what is above comes first
        above = main.get(path[: -Category.steplen])
        if above is None:
            main[path] = Held(name, name, counts[path])
            held.append(main[path])
        else:
            full_name = f"{above.full_name}{PATH_SEPARATOR}{name}"
            above.below.append(Held(name, full_name, counts[path]))
    return held
