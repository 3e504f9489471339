"""Goods from store to store: what arrives here, what is sent, what comes back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stores import ledger
from stores.access import abilities, attempt, need, need_ledger, visible_store
from stores.actions import Action
from stores.forms import ArrivalForm, ReturnForm, SendForm
from stores.models import Store, Transfer

_RECENT = 10


@login_required
@require_safe
def transfers(request: HttpRequest, code: str) -> HttpResponse:
    """What is on the way here and from here, and the last that are over."""
    store = visible_store(request.user, code)
    need_ledger(request.user, store)
    found = Transfer.objects.select_related("source", "destination").prefetch_related("lines")
    context = {
        "store": store,
        "may": abilities(request.user, store),
        "arriving": found.on_the_way().filter(destination=store).order_by("id"),
        "leaving": found.on_the_way().filter(source=store).order_by("id"),
        "over": found.filter(Q(source=store) | Q(destination=store)).exclude(
            state=Transfer.State.DISPATCHED
        )[:_RECENT],
    }
    return render(request, "stores/transfers.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def send_transfer(request: HttpRequest, code: str) -> HttpResponse:
    """Sends goods from here to another store; `more` asks for further empty rows only."""
    store = visible_store(request.user, code)
    need(request.user, Action.BOOK, store)
    asks_rows = "more" in request.POST
    status = 200
    if asks_rows:
        form = SendForm.with_more_rows(request.POST, source=store)
    elif request.method == "POST":
        form = SendForm(request.POST, source=store)
        status = 400
        if form.is_valid():
            sent = attempt(form, lambda: _dispatch(request.user, store, form))
            if sent is not None:
                messages.success(
                    request,
                    _("Sent to %(store)s. It is in its stock once it was received there.")
                    % {"store": sent.destination},
                )
                return redirect("stock:transfer", code=store.code, pk=sent.pk)
            status = 409
    else:
        form = SendForm(source=store, code=request.GET.get("code", ""))
    context = {
        "store": store,
        "form": form,
        # Rows that are still being typed are not found fault with.
        "problems": form.problems() if form.is_bound and not asks_rows else [],
    }
    return render(request, "stores/send.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A transfer as one of its two stores sees it: receive it there, take it back here."""
    store = visible_store(request.user, code)
    need_ledger(request.user, store)
    transfer = (
        Transfer.objects.select_related("source", "destination")
        .filter(Q(source=store) | Q(destination=store), pk=pk)
        .first()
    )
    if transfer is None:
        raise Http404
    arrives = transfer.destination_id == store.pk
    lines = transfer.lines.select_related("product").prefetch_related("product__images")
    may = abilities(request.user, store)
    form: ArrivalForm | ReturnForm
    form = ArrivalForm(lines=lines) if arrives else ReturnForm()
    status = 200
    if request.method == "POST":
        need(request.user, Action.BOOK, store)
        form = ArrivalForm(request.POST, lines=lines) if arrives else ReturnForm(request.POST)
        status = 400
        if form.is_valid():
            booked = attempt(form, lambda: _end(request.user, transfer, form))
            if booked is not None:
                messages.success(
                    request,
                    _("Booked. What arrived is in stock here now.")
                    if arrives
                    else _("Booked. What had not arrived is in stock here again."),
                )
                return redirect("stock:transfer", code=store.code, pk=transfer.pk)
            status = 409
    context = {
        "store": store,
        "transfer": transfer,
        "lines": lines,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "is_open": transfer.state == Transfer.State.DISPATCHED,
        "arrives": arrives,
        "may": may,
        "operations": transfer.operations.select_related("actor").order_by("id"),
    }
    return render(request, "stores/transfer.html", context, status=status)


def _dispatch(user: Any, store: Store, form: SendForm) -> Transfer:
    data = form.cleaned_data
    return ledger.dispatch_transfer(
        actor=user,
        source=store,
        destination=data["destination"],
        lines=data["lines"],
        reference=data["reference"],
        idempotency_key=data["key"],
    )


def _end(user: Any, transfer: Transfer, form: ArrivalForm | ReturnForm) -> Any:
    data = form.cleaned_data
    if isinstance(form, ArrivalForm):
        return ledger.receive_transfer(
            actor=user,
            transfer=transfer,
            lines=data["lines"],
            close=data["close"],
            idempotency_key=data["key"],
        )
    return ledger.return_transfer(
        actor=user, transfer=transfer, reason=data["reason"], idempotency_key=data["key"]
    )
