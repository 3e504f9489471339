"""What stores add to a product's page: where it can be had now."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from products.models import Product
from products.slots import PagePart
from stores.availability import shelves
from stores.models import Store
from stores.told import told_shelves

# A thumb scrolls past ten; more come when they are asked for.
_FIRST = 10
# So many stores without it can be named; of more it helps nobody to read on.
_MOST_WITHOUT = 10


def stock_part(request: HttpRequest, product: Product) -> PagePart:
    """Which stores hold the product: open ones first, then those with most. Nothing where the site
    keeps no stores.

    Three queries, however many stores there are.
    """
    found = shelves([product.pk])
    if found is None:
        return PagePart()
    held = told_shelves(found[product.pk])
    first = held if request.GET.get("stores") == "all" else held[:_FIRST]
    context: dict[str, Any] = {
        "shelves": first,
        "number": len(held),
        "more": len(first) < len(held),
        "all_url": f"{product.get_absolute_url()}?stores=all",
        "without": _without({one.store.pk for one in held}),
    }
    return PagePart(
        # Sold out is said once, beside the price.
        section=render_to_string("stores/_shelves.html", context) if held else "",
        beside_price=render_to_string("stores/_in_stock.html", context),
        # Nothing is sold on these pages, so what is there is there to be fetched.
        offer={"availability": f"https://schema.org/{'InStoreOnly' if held else 'OutOfStock'}"},
    )


def _without(holding: set[int]) -> list[Store]:
    """The other open stores, where they are few."""
    others = list(Store.objects.public().exclude(pk__in=holding)[: _MOST_WITHOUT + 1])
    return others if len(others) <= _MOST_WITHOUT else []
