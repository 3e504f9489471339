"""Finding a product in a store, to look at its stock or to book."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from products.models import Product
from recognition.counting.finding import choices_by_words, meant_by, product_by_code, with_levels
from recognition.counting.forms import FindForm
from recognition.counting.seeing import choices_of, is_sure, leaves_doubt, recognise_for_booking
from recognition.counting.views.common import see, sighting_of
from recognition.models import Sighting
from recognition.sightings import review_sighting
from stores.access import need, visible_store
from stores.actions import Action
from stores.answers import go_on, wants_json
from stores.models import Store
from stores.policy import may


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, code: str) -> HttpResponse:
    """Words, a SKU or a barcode by GET, a photo by POST. An exact code leads to its product."""
    store = visible_store(request.user, code)
    if request.method == "POST":
        return _find_by_photo(request, store)
    form = FindForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    sighting = sighting_of(store, request.GET.get("seen", ""))
    product = product_by_code(words)
    if product is not None:
        return redirect(_address(store, product, sighting, is_sure=True))
    choices = with_levels(choices_by_words(words), store) if words else []
    context = {"store": store, "words": words, "choices": choices, "sighting": sighting}
    context["meant"] = meant_by(words) if words and not choices else ""
    context["may_choose"] = _may_choose(request.user, store, sighting)
    return render(request, "recognition/counting/find.html", context)


def _find_by_photo(request: HttpRequest, store: Store) -> HttpResponse:
    user = request.user
    sighting, problem, status = see(
        request, lambda photo: recognise_for_booking(actor=user, store=store, photo=photo)
    )
    if sighting is not None:
        return go_on(request, reverse("counting:found", args=[store.code, sighting.token]))
    if wants_json(request):
        return JsonResponse({"problem": problem}, status=status)
    context = {"store": store, "problem": problem}
    return render(request, "recognition/counting/find.html", context, status=status)


@login_required
@require_safe
def found(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """What the photo of a sighting may show, with the levels here."""
    store = visible_store(request.user, code)
    sighting = sighting_of(store, token)
    if sighting is None:
        raise Http404
    choices = with_levels(choices_of(sighting), store)
    context = {
        "store": store,
        "sighting": sighting,
        "choices": choices,
        "is_sure": is_sure(sighting, choices),
        "may_choose": _may_choose(request.user, store, sighting),
    }
    return render(request, "recognition/counting/found.html", context)


@login_required
@require_POST
def choose(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The person says which product it was, or (without `sku`) that it is none of these."""
    store = visible_store(request.user, code)
    need(request.user, Action.BOOK, store)
    sighting = sighting_of(store, token)
    sku = request.POST.get("sku", "")
    product = Product.objects.filter(sku=sku).first() if sku else None
    if sighting is None or (sku and product is None):
        raise Http404
    if not _may_choose(request.user, store, sighting):
        raise PermissionDenied
    review_sighting(
        sighting=sighting, product=product, by=request.user, occasion=Sighting.Occasion.WORK
    )
    if product is None:
        address = reverse("counting:find", args=[store.code])
        return redirect(f"{address}?{urlencode({'seen': sighting.token})}")
    return redirect(_address(store, product, sighting))


def _may_choose(user: Any, store: Store, sighting: Sighting | None) -> bool:
    """Whether what they choose is kept; those of stocktakes are reviewed by the count."""
    return (
        sighting is not None
        and sighting.source == Sighting.Source.BOOKING
        and may(user, Action.BOOK, store)
    )


def _address(
    store: Store, product: Product, sighting: Sighting | None, *, is_sure: bool = False
) -> str:
    """`is_sure`: its code was typed, whatever the photo shows."""
    address = reverse("stock:product", args=[store.code, product.sku])
    if sighting is None:
        return address
    query = {"evidence": sighting.evidence}
    if not is_sure and leaves_doubt(sighting, product):
        query["doubt"] = "1"
    return f"{address}?{urlencode(query)}"
