"""The stores as shoppers see them. Those of clerks are at `/stock/`."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from products.page_head import PageHead
from stores.assortment import assortment
from stores.linked_data import linked_store
from stores.models import Store
from stores.told import ToldStore, told, wall_clock

# As many as a thumb scrolls through; with more a search is offered, too.
_PER_PAGE = 50
_FEW = 10
_MOST_WORDS = 100


# What a store does just now changes by the minute, and the header knows who is logged in.
@cache_control(private=True, no_cache=True)
@require_safe
def store_list(request: HttpRequest) -> HttpResponse:
    """Every open store, by name; `q` finds by name, code or address, `all` leaves out the pages."""
    stores = Store.objects.public()
    number = stores.count()
    words = request.GET.get("q", "").strip()[:_MOST_WORDS]
    found = _with_words(stores, words)
    pages = Paginator(found, max(number, 1) if "all" in request.GET else _PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    address = reverse("stores:list")
    head = PageHead.of(
        request,
        title=_("Stores"),
        description=_("Addresses, opening hours and what each of our stores has now."),
        address=f"{address}?page={page.number}" if page.number > 1 else address,
        is_indexed=not words and "all" not in request.GET,
    )
    context: dict[str, Any] = {
        "head": head,
        "words": words,
        "number": number,
        "offers_search": number > _FEW or bool(words),
        "page": page,
        "stores": told(page.object_list),
    }
    return render(request, "stores/public_list.html", context)


def _with_words(stores: QuerySet[Store], words: str) -> QuerySet[Store]:
    for word in words.split():
        stores = stores.filter(
            Q(name__icontains=word) | Q(code__icontains=word) | Q(address__icontains=word)
        )
    return stores


@cache_control(private=True, no_cache=True)
@require_safe
def store_page(request: HttpRequest, code: str) -> HttpResponse:
    """An open store; its code in other letters leads to it, a closed one is not found."""
    # Unique in any case, see the model.
    store = Store.objects.public().filter(code__iexact=code).first()
    if store is None:
        raise Http404
    if store.code != code:
        return redirect(store, permanent=True)
    one = ToldStore(store, wall_clock())
    held = assortment(store)
    head = PageHead.of(
        request,
        title=store.name,
        description=" · ".join(filter(None, [one.address, one.says])),
        address=store.get_absolute_url(),
    )
    context: dict[str, Any] = {
        "head": head,
        "one": one,
        "held": held,
        "products": sum(each.products for each in held),
        "crumbs": [(_("Stores"), reverse("stores:list")), (store.name, "")],
        "linked": linked_store(one, head.address),
    }
    return render(request, "stores/public_store.html", context)
