"""Goods from store to store: what arrives here, what is sent, what comes back."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stores import ledger
from stores.access import abilities, need, need_ledger, visible_store
from stores.actions import Action
from stores.answers import Done, answer_form, common
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
    if request.method != "POST":
        return _send_page(request, store, SendForm.filled_from(request.GET, source=store))
    if "more" in request.POST:
        return _send_page(request, store, SendForm.with_more_rows(request.POST, source=store))
    form = SendForm(request.POST, source=store)
    return answer_form(
        request,
        form,
        lambda: _dispatch(request.user, store, form),
        done=lambda sent: Done(
            reverse("stock:transfer", args=[store.code, sent.pk]),
            _("Sent to %(store)s. It is in its stock once it was received there.")
            % {"store": sent.destination},
            again=sent.repeated,
        ),
        page=lambda status: _send_page(request, store, form, status),
    )


def _send_page(
    request: HttpRequest,
    store: Store,
    form: SendForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "store": store,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
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
    form: ArrivalForm | ReturnForm
    if request.method != "POST":
        form = (
            ArrivalForm.filled_from(request.GET, lines=lines)
            if arrives
            else ReturnForm.filled_from(request.GET)
        )
        return _transfer_page(request, store, transfer, form)
    need(request.user, Action.BOOK, store)
    form = ArrivalForm(request.POST, lines=lines) if arrives else ReturnForm(request.POST)
    said = (
        _("Booked. What arrived is in stock here now.")
        if arrives
        else _("Booked. What had not arrived is in stock here again.")
    )
    return answer_form(
        request,
        form,
        lambda: _end(request.user, transfer, form),
        done=lambda booking: Done(
            reverse("stock:transfer", args=[store.code, transfer.pk]),
            said,
            again=booking.repeated,
        ),
        page=lambda status: _transfer_page(request, store, transfer, form, status),
    )


def _transfer_page(
    request: HttpRequest,
    store: Store,
    transfer: Transfer,
    form: ArrivalForm | ReturnForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "store": store,
        "transfer": transfer,
        "lines": transfer.lines.select_related("product").prefetch_related("product__images"),
        "form": form,
        "problems": form.problems() if form.is_bound else [],
        "is_open": transfer.state == Transfer.State.DISPATCHED,
        "arrives": transfer.destination_id == store.pk,
        "may": abilities(request.user, store),
        "operations": transfer.operations.select_related("actor").order_by("id"),
    }
    return render(request, "stores/transfer.html", context, status=status)


def _dispatch(user: Any, store: Store, form: SendForm) -> Transfer:
    data = form.cleaned_data
    return ledger.dispatch_transfer(
        **common(form, user),
        source=store,
        destination=data["destination"],
        lines=data["lines"],
        reference=data["reference"],
    )


def _end(user: Any, transfer: Transfer, form: ArrivalForm | ReturnForm) -> Any:
    data = form.cleaned_data
    if isinstance(form, ArrivalForm):
        return ledger.receive_transfer(
            **common(form, user), transfer=transfer, lines=data["lines"], close=data["close"]
        )
    return ledger.return_transfer(**common(form, user), transfer=transfer, reason=data["reason"])
