"""Why rows that the ledger points to are kept, in words, before the database says so in an error.

The database's own `PROTECT` would name every movement: a page of a hundred thousand lines.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from products.models import Product
from stores.models import (
    StockMovement,
    StockOperation,
    Stocktake,
    StocktakeLine,
    Store,
    Transfer,
    TransferLine,
)


def kept_products(products: Iterable[Product]) -> list[str]:
    """A sentence for each of the products that the ledger knows. Three queries."""
    products = list(products)
    known: set[int] = set()
    for model in (StockMovement, TransferLine, StocktakeLine):
        rows = model.objects.filter(product__in=products).order_by()
        known.update(rows.values_list("product", flat=True).distinct())
    return [
        _(
            "%(product)s cannot be deleted, since stock of it was booked or counted: make it"
            " inactive or merge it into another product."
        )
        % {"product": product}
        for product in products
        if product.pk in known
    ]


def kept_users(users: Iterable[Any]) -> list[str]:
    """A sentence for each of the people who booked or counted stock."""
    users = list(users)
    known: set[int] = set()
    for rows, field in (
        (StockOperation.objects.all(), "actor"),
        (StocktakeLine.objects.all(), "counted_by"),
        (Stocktake.objects.all(), "opened_by"),
        (Stocktake.objects.all(), "closed_by"),
    ):
        found = rows.filter(**{f"{field}__in": users}).order_by()
        known.update(found.values_list(field, flat=True).distinct())
    return [
        _(
            "%(user)s cannot be deleted, since they booked or counted stock: make the account"
            " inactive."
        )
        % {"user": user}
        for user in users
        if user.pk in known
    ]


def kept_for_stores(stores: Iterable[Store]) -> list[str]:
    """A sentence for each of the stores that hold or held something."""
    stores = list(stores)
    known: set[int] = set()
    transfers = Transfer.objects.filter(Q(source__in=stores) | Q(destination__in=stores))
    for pair in transfers.order_by().values_list("source", "destination").distinct():
        known.update(pair)
    for model in (StockMovement, Stocktake):
        rows = model.objects.filter(store__in=stores).order_by()
        known.update(rows.values_list("store", flat=True).distinct())
    return [
        _(
            "%(store)s cannot be deleted, since goods were booked or counted there: take the mark"
            " “open for business” away."
        )
        % {"store": store}
        for store in stores
        if store.pk in known
    ]
