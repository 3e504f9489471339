"""A booking: said in one sentence right after it, looked at later, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stores import ledger
from stores.access import abilities, need, need_ledger, visible_store
from stores.actions import Action
from stores.answers import Done, answer_form
from stores.forms import UndoForm
from stores.models import StockMovement, StockOperation, Store
from stores.policy import may
from stores.posting import Booking
from stores.signs import signed

Kind = StockMovement.Kind


@dataclass(frozen=True, slots=True)
class Booked:
    """An operation as one store sees it."""

    operation: StockOperation
    movements: Sequence[StockMovement]
    said: str
    is_undone: bool
    may_undo: bool
    # It was sent twice, and this is the first of the two.
    again: bool = False


def sentence(movements: Sequence[StockMovement]) -> str:
    """What was booked, and how many that left."""
    if not movements:
        return _("Booked.")
    first = movements[0]
    figures = {
        "products": len({each.product_id for each in movements}),
        "pieces": sum(abs(each.delta) for each in movements),
    }
    if figures["products"] > 1:
        texts = {
            Kind.SELL: _("Sold. Products: %(products)d, pieces: %(pieces)d."),
            Kind.RECEIVE: _("Received. Products: %(products)d, pieces: %(pieces)d."),
            Kind.REVERSE: _("Taken back. Products: %(products)d, pieces: %(pieces)d."),
        }
        other = _("Booked. Products: %(products)d, pieces: %(pieces)d.")
        return texts.get(Kind(first.kind), other) % figures
    texts = {
        Kind.SELL: _("Sold %(n)d × %(product)s; %(level)d left"),
        Kind.RECEIVE: _("Received %(n)d × %(product)s; %(level)d here now"),
        Kind.REVERSE: _("Taken back: %(n)d × %(product)s; %(level)d here now"),
    }
    other = _("%(product)s changed by %(delta)s; %(level)d here now")
    return texts.get(Kind(first.kind), other) % {
        "n": abs(first.delta),
        "delta": signed(first.delta),
        "product": first.product.name,
        "level": first.level_after,
    }


def done_with(booking: Booking, address: str, **query: str) -> Done:
    """Back to `address`, which says what was booked."""
    query["booked"] = str(booking.operation.pk)
    if booking.repeated:
        query["again"] = "1"
    address = f"{address}?{urlencode(query)}"
    said = sentence(booking.movements)
    return Done(address, said, is_said_there=True, again=booking.repeated)


def booked_just_now(request: HttpRequest, store: Store) -> dict[str, Any]:
    """What an address says was booked just now, if it was by whoever looks; for `_booked.html`."""
    pk = request.GET.get("booked", "")
    # A number that no row can have is asked for by nobody but who plays with addresses.
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return {}
    operation = StockOperation.objects.filter(pk=pk, actor=request.user.pk).first()
    if operation is None:
        return {}
    booked = _as_seen(request, store, operation, again=bool(request.GET.get("again")))
    return {"booked": booked, "undo": UndoForm(auto_id="undo_%s")}


def _as_seen(
    request: HttpRequest, store: Store, operation: StockOperation, *, again: bool = False
) -> Booked | None:
    """None: it moved nothing in this store."""
    movements = list(
        operation.movements.select_related("store", "product", "reversed_by__operation").order_by(
            "id"
        )
    )
    here = [each for each in movements if each.store_id == store.pk]
    if not here:
        return None
    is_undone = any(hasattr(each, "reversed_by") for each in movements)
    is_final = any(each.kind in {Kind.TRANSFER, Kind.REVERSE} for each in movements)
    everywhere = all(
        may(request.user, Action.ADJUST, each) for each in {each.store for each in movements}
    )
    return Booked(
        operation=operation,
        movements=here,
        said=sentence(here),
        is_undone=is_undone,
        may_undo=everywhere and not is_undone and not is_final,
        again=again,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def operation_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What was booked together; taken back by POST, with the reason why."""
    store = visible_store(request.user, code)
    need_ledger(request.user, store)
    operation = StockOperation.objects.select_related("actor", "transfer").filter(pk=pk).first()
    booked = _as_seen(request, store, operation) if operation is not None else None
    if operation is None or booked is None:
        raise Http404
    prefetch_related_objects([each.product for each in booked.movements], "images")

    def page(form: UndoForm, status: int = 200) -> HttpResponse:
        context = {
            "store": store,
            "operation": operation,
            "booked": booked,
            "may": abilities(request.user, store),
            "form": form,
            "problems": form.problems() if form.is_bound else [],
        }
        return render(request, "stores/operation.html", context, status=status)

    if request.method != "POST":
        return page(UndoForm.filled_from(request.GET))
    need(request.user, Action.ADJUST, store)
    form = UndoForm(request.POST)
    return answer_form(
        request,
        form,
        lambda: _undo(request.user, operation, form),
        done=lambda booking: done_with(booking, _after_undoing(store, booking)),
        page=lambda status: page(form, status),
    )


def _undo(user: Any, operation: StockOperation, form: UndoForm) -> Booking:
    data = form.cleaned_data
    return ledger.reverse(
        actor=user, operation=operation, reason=data["reason"], idempotency_key=data["key"]
    )


def _after_undoing(store: Store, booking: Booking) -> str:
    products = {each.product for each in booking.movements}
    if len(products) == 1:
        return reverse("stock:product", args=[store.code, products.pop().sku])
    return reverse("stock:operation", args=[store.code, booking.operation.pk])
