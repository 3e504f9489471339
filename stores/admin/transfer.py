"""Transfers in the admin: sent on a booking page, received or returned on their own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.views import ChangeList
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from products.models import Product
from stores.actions import Action
from stores.admin import cells
from stores.admin.booking import DISPATCH
from stores.admin.filters import DestinationFilter, SourceFilter
from stores.admin.pages import KeyedForm, ReasonForm, admin_page, attempt, was_booked
from stores.admin.scope import StoreScopedAdmin, store_ids
from stores.admin.tables import operations_table, transfer_lines_table
from stores.forms import refuse_closing_with_nothing_missing
from stores.ledger import receive_transfer, return_transfer
from stores.models import Transfer, TransferLine

STATE_COLOURS = {
    "dispatched": "info", "received": "success", "short": "danger", "returned": "warning",
}  # fmt: skip


class ArrivalForm(KeyedForm):
    """How many of each line arrived."""

    reference = forms.CharField(
        label=_("Reference"), required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )
    close = forms.BooleanField(
        label=_("What is missing will not come: close the transfer short"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args: Any, open_lines: list[TransferLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {f"line-{line.pk}": line for line in open_lines}
        for name, line in self.lines.items():
            self.fields[name] = forms.IntegerField(
                label=line.product.name,
                min_value=0,
                max_value=line.missing,
                initial=line.missing,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget(attrs={"aria-label": line.product.name}),
            )

    def rows(self) -> list[tuple[TransferLine, Any]]:
        return [(line, self[name]) for name, line in self.lines.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        refuse_closing_with_nothing_missing(
            data, {line: data.get(name) for name, line in self.lines.items()}
        )
        return data

    def arrived(self) -> list[tuple[Product, int]]:
        return [
            (line.product, self.cleaned_data[name])
            for name, line in self.lines.items()
            if self.cleaned_data[name]
        ]


class TransferChangeList(ChangeList):
    """A list whose page knows how much of each transfer is where, by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        transfers = {each.pk: each for each in self.result_list}
        for transfer in transfers.values():
            transfer.sent, transfer.lacking = 0, 0
        lines = TransferLine.objects.filter(transfer__in=list(transfers)).order_by()
        for pk, sent, missing in lines.values_list("transfer").annotate(
            sent=Sum("dispatched"), lacking=Sum(F("dispatched") - F("received") - F("returned"))
        ):
            transfers[pk].sent, transfers[pk].lacking = sent, missing


@admin.register(Transfer)
class TransferAdmin(StoreScopedAdmin):
    store_paths = ("source_id", "destination_id")
    list_display = [
        "number",
        "source",
        "destination",
        "state_badge",
        "sent",
        "missing",
        "dispatched_at",
    ]
    list_display_links = ["number"]
    list_filter = [("state", ChoicesDropdownFilter), SourceFilter, DestinationFilter]
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ["source", "destination"]
    show_full_result_count = False
    search_fields = ["lines__product__sku", "lines__product__name", "operations__reference"]
    search_help_text = _("SKU, name or reference")
    fields = [("source", "destination"), "state", ("dispatched_at", "closed_at")]
    readonly_fields = ["source", "destination", "state", "dispatched_at", "closed_at"]
    actions_detail = ["arrive", "send_back"]
    change_form_outer_after_template = "admin/stores/_tables.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return TransferChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(store_ids(request, Action.BOOK))

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        from stores.admin.booking import booking_view  # noqa: PLC0415

        return booking_view(request, model_admin=self, page=DISPATCH)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        transfer = self.visible_object(request, object_id)
        if transfer is not None:
            kwargs["extra_context"] = {
                **(kwargs.get("extra_context") or {}),
                "tables": [
                    transfer_lines_table(
                        transfer.lines.select_related("product").prefetch_related(
                            "product__images"
                        ),
                        is_over=transfer.state != Transfer.State.DISPATCHED,
                    ),
                    operations_table(transfer.operations.select_related("actor").order_by("id")),
                ],
            }
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("transfer"), ordering="id")
    def number(self, transfer: Transfer) -> str:
        return f"#{transfer.pk}"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_badge(self, transfer: Transfer) -> Any:
        return transfer.state, transfer.get_state_display()

    @display(description=_("sent"))
    def sent(self, transfer: Any) -> str:
        return cells.amount(transfer.sent)

    @display(description=_("missing"))
    def missing(self, transfer: Any) -> str:
        lost = transfer.state == Transfer.State.SHORT and transfer.lacking > 0
        return cells.amount(transfer.lacking, low=lost)

    def has_arrive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is_open_at(request, object_id, "destination_id")

    def has_send_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is_open_at(request, object_id, "source_id")

    def _is_open_at(self, request: HttpRequest, object_id: Any, end: str) -> bool:
        """Whether somebody books in the store at one end of a transfer that is on its way."""
        ids = store_ids(request, Action.BOOK)
        transfer = self.get_object(request, object_id) if object_id else None
        if transfer is None:
            return bool(ids)
        return getattr(transfer, end) in ids and transfer.state == Transfer.State.DISPATCHED

    @action(
        description=_("Receive"),
        url_path="receive",
        icon="input",
        variant=ActionVariant.PRIMARY,
        permissions=["book_somewhere"],
    )
    def arrive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transfer = self.visible_object(request, object_id)
        if transfer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if transfer.destination_id not in store_ids(request, Action.BOOK):
            raise PermissionDenied
        lines = [each for each in transfer.lines.select_related("product") if each.missing]
        # A second click finds nothing on the way any more.
        if was_booked(request):
            return HttpResponseRedirect(_url(transfer))
        form = ArrivalForm(request.POST or None, open_lines=lines)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            booking = attempt(
                form,
                lambda: receive_transfer(
                    actor=request.user,
                    transfer=transfer,
                    lines=form.arrived(),
                    close=data["close"],
                    reference=data["reference"],
                    idempotency_key=data["key"],
                ),
            )
            if booking is not None:
                messages.success(request, _("What arrived was booked."))
                return HttpResponseRedirect(_url(transfer))
        return admin_page(
            request,
            self,
            "arrive.html",
            title=_("Receive transfer #%(number)d from %(store)s")
            % {"number": transfer.pk, "store": transfer.source},
            form=form,
            back_url=_url(transfer),
        )

    @action(
        description=_("Return"),
        url_path="return",
        icon="undo",
        variant=ActionVariant.WARNING,
        permissions=["book_somewhere"],
    )
    def send_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transfer = self.visible_object(request, object_id)
        if transfer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if transfer.source_id not in store_ids(request, Action.BOOK):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            booking = attempt(
                form,
                lambda: return_transfer(
                    actor=request.user,
                    transfer=transfer,
                    reason=form.cleaned_data["reason"],
                    idempotency_key=form.cleaned_data["key"],
                ),
            )
            if booking is not None:
                messages.success(request, _("What had not arrived is back."))
                return HttpResponseRedirect(_url(transfer))
        return admin_page(
            request,
            self,
            "ask.html",
            title=_("Return transfer #%(number)d to %(store)s")
            % {"number": transfer.pk, "store": transfer.source},
            help=_("What has not arrived goes back to the store that sent it."),
            form=form,
            submit_text=_("Return"),
            back_url=_url(transfer),
        )

    def has_book_somewhere_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ARG002
        return bool(store_ids(request, Action.BOOK))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the buttons that would do something."""
        possible = {
            "arrive": self.has_arrive_permission,
            "send_back": self.has_send_back_permission,
        }
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if possible[each.method.original_function_name](request, object_id)
        ]


def _url(transfer: Transfer) -> str:
    return reverse("admin:stores_transfer_change", args=[transfer.pk])
