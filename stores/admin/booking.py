"""The booking pages: receive, sell and adjust several products at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from stores import ledger
from stores.actions import Action
from stores.admin import cells
from stores.admin.booking_forms import (
    AdjustForm,
    BookingForm,
    ChangeForm,
    DispatchForm,
    LineForm,
    lines_formset,
)
from stores.admin.pages import admin_page, attempt, pieces
from stores.admin.scope import require_somewhere, store_ids, stores_where
from stores.models import Store, Transfer
from stores.posting import Booking
from stores.stock_import import StockKind


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of booking, as its page shows and books it."""

    key: str
    title: Any
    help: Any
    submit: Any
    icon: str
    action: Action
    # (actor, data of the form, lines) -> what was booked
    book: Callable[..., Any]
    form: type[BookingForm] = BookingForm
    line_form: type[LineForm] = LineForm

    @property
    def url_name(self) -> str:
        return f"admin:stores_book_{self.key}"


def _receive(actor: Any, data: dict[str, Any], lines: Any) -> Booking:
    return ledger.receive(
        actor=actor,
        store=data["store"],
        lines=lines,
        reference=data["reference"],
        idempotency_key=data["key"],
    )


def _sell(actor: Any, data: dict[str, Any], lines: Any) -> Booking:
    return ledger.sell(
        actor=actor,
        store=data["store"],
        lines=lines,
        reference=data["reference"],
        idempotency_key=data["key"],
    )


def _adjust(actor: Any, data: dict[str, Any], lines: Any) -> Booking:
    return ledger.adjust(
        actor=actor,
        store=data["store"],
        lines=lines,
        reason=data["reason"],
        reference=data["reference"],
        idempotency_key=data["key"],
    )


def _dispatch(actor: Any, data: dict[str, Any], lines: Any) -> Transfer:
    return ledger.dispatch_transfer(
        actor=actor,
        source=data["store"],
        destination=data["destination"],
        lines=lines,
        reference=data["reference"],
        idempotency_key=data["key"],
    )


PAGES = (
    Page("receive", _("Receive goods"), _("What came in, by its SKU or barcode."), _("Receive"),
         "input", Action.BOOK, _receive),
    Page("sell", _("Sell goods"), _("What went to a customer without passing the till."),
         _("Sell"), "shopping_basket", Action.BOOK, _sell),
    Page("adjust", _("Adjust stock"), _("More or less than the books say, and why."), _("Adjust"),
         "tune", Action.ADJUST, _adjust, AdjustForm, ChangeForm),
)  # fmt: skip
DISPATCH = Page(
    "dispatch", _("Send goods to another store"),
    _("They leave the store now, and stand in neither until the other store receives them."),
    _("Send"), "local_shipping", Action.BOOK, _dispatch, DispatchForm,
)  # fmt: skip


def booking_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The booking pages that somebody may use."""
    return [
        {"title": page.title, "icon": page.icon, "url": reverse(page.url_name)}
        for page in (*PAGES, DISPATCH)
        if store_ids(request, page.action)
    ]


def level_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What may be done from the list of levels; the file holds what the list shows."""
    links = booking_links(request)
    if StockKind().allows(request.user):
        url = f"{reverse('admin:products_importrun_add')}?kind=stock"
        links.append({"title": _("Import"), "icon": "upload", "url": url})
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    for ending in ("csv", "xlsx"):
        url = reverse("admin:stores_stocklevel_export", args=[ending]) + query
        title = _("Export %(kind)s") % {"kind": ending.upper()}
        links.append({"title": title, "icon": "download", "url": url})
    return links


def booking_urls(model_admin: ModelAdmin) -> list[URLPattern]:
    site = model_admin.admin_site
    return [
        path(
            f"{page.key}/",
            site.admin_view(partial(booking_view, model_admin=model_admin, page=page)),
            name=f"stores_book_{page.key}",
        )
        for page in (*PAGES, DISPATCH)
    ]


def booking_view(request: HttpRequest, *, model_admin: ModelAdmin, page: Page) -> HttpResponse:
    require_somewhere(request, page.action)
    stores = stores_where(request, page.action)
    if request.method == "POST":
        _require_store(request, page.action)
        form = page.form(request.POST, stores=stores)
        lines = lines_formset(page.line_form, request.POST)
        # Not `and`: all mistakes are said at once.
        if all([form.is_valid(), lines.is_valid()]):
            booked = attempt(
                form, lambda: page.book(request.user, form.cleaned_data, lines.booked())
            )
            if booked is not None:
                return _done(request, page, booked)
    else:
        form = page.form(
            stores=stores,
            initial={n: v for n, v in request.GET.items() if n in page.form.base_fields},
        )
        code = request.GET.get("code", "")[:200]
        lines = lines_formset(page.line_form, initial=[{"code": code}] if code else None)
    return admin_page(
        request,
        model_admin,
        "booking.html",
        title=page.title,
        page=page,
        form=form,
        lines=lines,
        find_url=reverse("admin:stores_find_product"),
        others=[link for link in booking_links(request) if link["title"] != page.title],
    )


def _require_store(request: HttpRequest, action: Action) -> None:
    """A store that is there and not the person's is no mistake of the form."""
    value = request.POST.get("store", "")
    if value.isascii() and value.isdigit() and len(value) < 18:
        pk = int(value)
        if pk not in store_ids(request, action) and Store.objects.filter(pk=pk).exists():
            raise PermissionDenied


def _done(request: HttpRequest, page: Page, booked: Booking | Transfer) -> HttpResponse:
    if isinstance(booked, Transfer):
        messages.success(request, _("The goods are on their way."))
        return HttpResponseRedirect(reverse("admin:stores_transfer_change", args=[booked.pk]))
    movements = booked.movements
    messages.success(
        request,
        format_html(
            "{}: {}. {}",
            page.title,
            cells.booked_text(pieces(movements), len(movements)),
            cells.operation_link(booked.operation, _("See the booking")),
        ),
    )
    # The next delivery is mostly for the same store.
    store = movements[0].store_id if movements else ""
    return HttpResponseRedirect(f"{reverse(page.url_name)}?store={store}")
