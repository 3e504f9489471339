"""The stores that somebody sees, and what is to be done in one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stores.access import (
    abilities,
    visible_store,
    where_reads_ledger,
    where_reads_stocktakes,
)
from stores.actions import Action
from stores.low_stock import reorder_list
from stores.models import StockLevel, Stocktake, Store, Transfer

# Of each list, what a store's first page shows.
_FIRST_FEW = 5


@dataclass(slots=True)
class StoreCard:
    """A store with what waits there."""

    store: Store
    may_act: bool
    drafts: list[Stocktake] = field(default_factory=list)
    low: int = 0
    arrivals: int = 0


@login_required
@require_safe
def my_stores(request: HttpRequest) -> HttpResponse:
    """Every store that the person may see; those where they may do something come first."""
    user = request.user
    stores = list(Store.objects.where_may(user, Action.VIEW))
    if not stores and not user.has_perm(Action.VIEW):
        raise PermissionDenied(_("You may not see the stock of any store."))
    acts = {
        pk
        for action in (Action.BOOK, Action.COUNT)
        for pk in Store.objects.where_may(user, action).values_list("pk", flat=True)
    }
    cards = {store.pk: StoreCard(store, store.pk in acts) for store in stores}
    for draft in open_stocktakes(where_reads_stocktakes(user)):
        if draft.store_id in cards:
            cards[draft.store_id].drafts.append(draft)
    for pk, count in _count(StockLevel.objects.low().filter(store__in=stores), "store").items():
        cards[pk].low = count
    arriving = Transfer.objects.on_the_way().filter(destination__in=where_reads_ledger(user))
    for pk, count in _count(arriving, "destination").items():
        if pk in cards:
            cards[pk].arrivals = count
    ordered = sorted(cards.values(), key=lambda card: not card.may_act)
    return render(request, "stores/overview.html", {"cards": ordered})


@login_required
@require_safe
def store_page(request: HttpRequest, code: str) -> HttpResponse:
    """Find a product here; what is being counted, what arrives, what runs out."""
    store = visible_store(request.user, code)
    may = abilities(request.user, store)
    low = reorder_list([store], urgent_first=True)
    arrivals = Transfer.objects.on_the_way().filter(destination=store)
    context = {
        "store": store,
        "may": may,
        "drafts": open_stocktakes([store]) if may["read_stocktakes"] else [],
        "closed": Stocktake.objects.filter(store=store)
        .exclude(state=Stocktake.State.DRAFT)
        .select_related("category", "closed_by")[:_FIRST_FEW],
        "arrivals": arrivals.select_related("source").prefetch_related("lines")[:_FIRST_FEW],
        "arrivals_count": arrivals.count(),
        "low": low[:_FIRST_FEW],
        "low_count": StockLevel.objects.low().filter(store=store).count(),
    }
    return render(request, "stores/store.html", context)


@login_required
@require_safe
def low_stock(request: HttpRequest, code: str) -> HttpResponse:
    """What to reorder for a store."""
    store = visible_store(request.user, code)
    levels = list(reorder_list([store], urgent_first=True).prefetch_related("product__images"))
    return render(request, "stores/low.html", {"store": store, "levels": levels})


def open_stocktakes(stores: Iterable[Store]) -> list[Stocktake]:
    drafts = Stocktake.objects.filter(store__in=stores, state=Stocktake.State.DRAFT)
    return list(drafts.select_related("category", "opened_by", "store").order_by("opened_at"))


def _count(rows: QuerySet[Any], name: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))
