"""Booking by a code: one thing in one step, a delivery line by line, and what a code names."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from products.templatetags.catalogue import thumbnail
from stores import ledger
from stores.access import need, visible_store
from stores.actions import Action
from stores.answers import answer_form, common
from stores.forms import ByCodeForm, DeliveryForm
from stores.models import StockLevel, Store
from stores.posting import Booking
from stores.product_codes import products_by_code
from stores.views.booked import booked_just_now, done_with


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """Sells or receives what is scanned or typed, and is ready for the next."""
    store = visible_store(request.user, code)
    need(request.user, Action.BOOK, store)
    if request.method != "POST":
        return _by_code_page(request, store, ByCodeForm.filled_from(request.GET))
    form = ByCodeForm(request.POST)
    kind = request.POST.get("book", "")
    here = reverse("stock:by-code", args=[store.code])
    return answer_form(
        request,
        form,
        lambda: _book(request.user, store, form),
        # What was chosen stays chosen, for the next one.
        done=lambda booking: done_with(booking, here, book=kind),
        page=lambda status: _by_code_page(request, store, form, status),
    )


def _by_code_page(
    request: HttpRequest, store: Store, form: ByCodeForm, status: int = 200
) -> HttpResponse:
    context = {
        "store": store,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        **booked_just_now(request, store),
    }
    return render(request, "stores/by_code.html", context, status=status)


def _book(user: Any, store: Store, form: ByCodeForm) -> Booking:
    data = form.cleaned_data
    book = ledger.sell if data["book"] == ByCodeForm.SELL else ledger.receive
    return book(
        store=store,
        lines=[(data["product"], data["quantity"])],
        evidence=data["evidence"],
        **common(form, user),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: HttpRequest, code: str) -> HttpResponse:
    """Receives several products in one booking; `more` asks for further empty rows only."""
    store = visible_store(request.user, code)
    need(request.user, Action.BOOK, store)
    if request.method != "POST":
        return _delivery_page(request, store, DeliveryForm.filled_from(request.GET))
    if "more" in request.POST:
        return _delivery_page(request, store, DeliveryForm.with_more_rows(request.POST))
    form = DeliveryForm(request.POST)
    here = reverse("stock:delivery", args=[store.code])
    return answer_form(
        request,
        form,
        lambda: ledger.receive(
            store=store,
            lines=form.cleaned_data["lines"],
            reference=form.cleaned_data["reference"],
            **common(form, request.user),
        ),
        done=lambda booking: done_with(booking, here),
        page=lambda status: _delivery_page(request, store, form, status),
    )


def _delivery_page(
    request: HttpRequest, store: Store, form: DeliveryForm, status: int = 200
) -> HttpResponse:
    context = {
        "store": store,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        **booked_just_now(request, store),
    }
    return render(request, "stores/delivery.html", context, status=status)


@login_required
@require_safe
def what_is(request: HttpRequest, code: str) -> JsonResponse:
    """The product of a code, for the script that shows what was scanned."""
    store = visible_store(request.user, code)
    asked = request.GET.get("code", "").strip()[:64]
    product = products_by_code([asked]).get(asked) if asked else None
    if product is None:
        return JsonResponse({"problem": _("No product has this SKU or barcode.")}, status=404)
    level = StockLevel.objects.filter(store=store, product=product).first()
    return JsonResponse(
        {
            "sku": product.sku,
            "name": product.name,
            "level": level.quantity if level else 0,
            "photo": thumbnail(product.face, "small") or "",
        }
    )
