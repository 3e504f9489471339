"""A product in a store: how much of it is there, and what came, went or was wrong."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from products.models import Product
from products.models.category import full_names
from stores import ledger
from stores.access import abilities, attempt, need, visible_store
from stores.actions import Action
from stores.forms import AdjustForm, QuantityForm, ReceiveForm, SellForm
from stores.models import StockLevel, StockMovement, Store, Transfer, TransferLine
from stores.posting import Booking

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
    if product.merged_into is not None:
        heir = product.heir()
        if heir is None:
            raise Http404
        messages.info(
            request,
            _("%(product)s was merged into %(heir)s.") % {"product": product, "heir": heir},
        )
        return redirect("stock:product", code=store.code, sku=heir.sku)
    kind = request.POST.get("book", "") if request.method == "POST" else ""
    form: QuantityForm | None = None
    status = 200
    if request.method == "POST":
        if kind not in _FORMS:
            raise Http404
        need(request.user, _ACTIONS[kind], store)
        form = sent = _FORMS[kind](request.POST)
        status = 400
        if sent.is_valid():
            booking = attempt(sent, lambda: _book(request.user, store, product, kind, sent))
            if booking is not None:
                messages.success(request, _told(kind, booking))
                return redirect("stock:product", code=store.code, sku=product.sku)
            status = 409
    context = _context(request, store, product)
    context["forms"] = _unsent(request.GET.get("evidence", "")) | ({kind: form} if form else {})
    context["open_form"] = kind
    context["problems"] = form.problems() if form else []
    return render(request, "stores/product.html", context, status=status)


def _book(user: Any, store: Store, product: Product, kind: str, form: QuantityForm) -> Booking:
    data = form.cleaned_data
    common = {"actor": user, "store": store, "evidence": data["evidence"]}
    common["idempotency_key"] = data["key"]
    if isinstance(form, AdjustForm):
        return ledger.adjust(lines=[(product, form.delta)], reason=form.reason, **common)
    book = ledger.receive if kind == "receive" else ledger.sell
    return book(lines=[(product, data["quantity"])], reference=data["reference"], **common)


def _told(kind: str, booking: Booking) -> str:
    if booking.repeated:
        return _("This was booked already and was not booked again.")
    movement = booking.movements[0]
    texts = {
        "sell": _("Sold %(n)d. %(level)d are left."),
        "receive": _("Received %(n)d. %(level)d are here now."),
        "adjust": _("Adjusted by %(delta)+d. %(level)d are here now."),
    }
    return texts[kind] % {
        "n": abs(movement.delta),
        "delta": movement.delta,
        "level": movement.level_after,
    }


def _unsent(evidence: str) -> dict[str, QuantityForm]:
    return {kind: form(initial={"evidence": evidence}) for kind, form in _FORMS.items()}


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
