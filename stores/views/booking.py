"""A product in a store: how much of it is there, and what came, went or was wrong."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from products.models import Product
from products.models.category import full_names
from stores import ledger
from stores.access import abilities, need, visible_store
from stores.actions import Action
from stores.answers import answer_form, common
from stores.forms import AdjustForm, QuantityForm, ReceiveForm, SellForm
from stores.models import StockLevel, StockMovement, Store, Transfer, TransferLine
from stores.posting import Booking
from stores.views.booked import booked_just_now, done_with

_FORMS: dict[str, type[QuantityForm]] = {
    "sell": SellForm,
    "receive": ReceiveForm,
    "adjust": AdjustForm,
}
_ACTIONS = {"sell": Action.BOOK, "receive": Action.BOOK, "adjust": Action.ADJUST}
_RECENT = 8


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def product_in_store(request: HttpRequest, code: str, sku: str) -> HttpResponse:
    """Shows a product's level here and books what is sent: `book` says which form it was."""
    store = visible_store(request.user, code)
    product = _product(sku)
    if request.method != "POST":
        merged = product.merged_into is not None
        return _to_heir(request, store, product) if merged else _page(request, store, product)
    # What is sent for a merged product gets its form's answer, no redirect: the ledger refuses it with
    # the reason, and what was booked before the merge is answered as booked.
    kind = request.POST.get("book", "")
    if kind not in _FORMS:
        raise Http404
    need(request.user, _ACTIONS[kind], store)
    form = _FORMS[kind](request.POST, auto_id=_ids(kind))
    here = reverse("stock:product", args=[store.code, product.sku])
    return answer_form(
        request,
        form,
        lambda: _book(request.user, store, product, kind, form),
        done=lambda booking: done_with(booking, here),
        page=lambda status: _page(request, store, product, {kind: form}, status),
    )


def _to_heir(request: HttpRequest, store: Store, product: Product) -> HttpResponse:
    """With what the address says: entries that are to be corrected, or what was booked just now."""
    heir = product.heir()
    if heir is None:
        raise Http404
    messages.info(
        request, _("%(product)s was merged into %(heir)s.") % {"product": product, "heir": heir}
    )
    address = reverse("stock:product", args=[store.code, heir.sku])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _page(
    request: HttpRequest,
    store: Store,
    product: Product,
    sent: dict[str, QuantityForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    sent = sent or {}
    asked = request.GET.get("book", "")
    context = _context(request, store, product) | {
        "forms": {kind: _unsent(kind, request) for kind in _FORMS} | sent,
        "open_form": next(iter(sent), asked),
        "doubt": request.GET.get("doubt"),
        "problems": [problem for form in sent.values() for problem in form.problems()],
        "listed": {
            "sell": _("{quantity} × %(product)s, sale") % {"product": product.name},
            "receive": _("{quantity} × %(product)s, arrival") % {"product": product.name},
            "adjust": _("{quantity} × %(product)s, adjustment") % {"product": product.name},
        },
        **booked_just_now(request, store),
    }
    return render(request, "stores/product.html", context, status=status)


def _unsent(kind: str, request: HttpRequest) -> QuantityForm:
    """Filled from the address, if that names this form; what shows the product is for all of them."""
    if request.GET.get("book") == kind:
        return _FORMS[kind].filled_from(request.GET, auto_id=_ids(kind))
    evidence = request.GET.get("evidence", "")
    return _FORMS[kind](initial={"evidence": evidence}, auto_id=_ids(kind))


def _ids(kind: str) -> str:
    """The three forms stand on one page, and so have no id in common."""
    return f"{kind}_%s"


def _book(user: Any, store: Store, product: Product, kind: str, form: QuantityForm) -> Booking:
    data = form.cleaned_data
    told = {"store": store, "evidence": data["evidence"], **common(form, user)}
    if isinstance(form, AdjustForm):
        return ledger.adjust(lines=[(product, form.delta)], reason=form.reason, **told)
    book = ledger.receive if kind == "receive" else ledger.sell
    return book(lines=[(product, data["quantity"])], reference=data["reference"], **told)


def _product(sku: str) -> Product:
    product = (
        Product.objects.select_related("category", "merged_into")
        .prefetch_related("images")
        .filter(sku=sku)
        .first()
    )
    if product is None:
        raise Http404
    return product


def _context(request: HttpRequest, store: Store, product: Product) -> dict[str, Any]:
    coming = TransferLine.objects.filter(
        product=product, transfer__destination=store, transfer__state=Transfer.State.DISPATCHED
    )
    return {
        "store": store,
        "product": product,
        "category_name": full_names([product.category])[product.category_id],
        "may": abilities(request.user, store),
        "level": StockLevel.objects.filter(store=store, product=product).first(),
        "coming": sum(line.missing for line in coming),
        "elsewhere": StockLevel.objects.filter(
            product=product, quantity__gt=0, store__is_active=True
        )
        .exclude(store=store)
        .select_related("store")
        .order_by("-quantity")[:_RECENT],
        "movements": StockMovement.objects.filter(store=store, product=product).select_related(
            "operation__actor"
        )[:_RECENT],
    }
