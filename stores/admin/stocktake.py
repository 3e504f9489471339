"""Stocktakes in the admin: opened, looked through, approved or cancelled. Counting has its own pages."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from products.models import Category
from products.models.category import full_names
from stores.actions import Action
from stores.admin import cells
from stores.admin.evidence import link_evidence
from stores.admin.filters import StoreFilter
from stores.admin.pages import KeyedForm, admin_page, attempt
from stores.admin.scope import StoreScopedAdmin, require_somewhere, store_ids, stores_where
from stores.admin.tables import counted_table, operations_table, review_tables
from stores.models import Stocktake, StocktakeLine, Store
from stores.stocktaking import approve, cancel, open_stocktake, review

STATE_COLOURS = {"draft": "info", "approved": "success", "cancelled": "warning"}


class OpenForm(KeyedForm):
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), widget=UnfoldAdminSelectWidget
    )
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=_("– the whole store –"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, stores: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        names = full_names(Category.objects.all())
        self.fields["category"].label_from_instance = lambda each: names[each.pk]  # type: ignore[attr-defined]
        if len(stores) == 1:
            self.fields["store"].initial = stores[0].pk


class ApproveForm(KeyedForm):
    uncounted_are_zero = forms.BooleanField(
        label=_("What nobody counted is gone: set it to zero"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


class StocktakeChangeList(ChangeList):
    """A list whose page knows how much was counted in each, by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        stocktakes = {each.pk: each for each in self.result_list}
        names = full_names([each.category for each in self.result_list if each.category])
        for stocktake in stocktakes.values():
            stocktake.counted = 0
            stocktake.category_name = names.get(stocktake.category_id, "")
        lines = StocktakeLine.objects.filter(stocktake__in=list(stocktakes), is_replaced=False)
        for pk, number in (
            lines.order_by().values_list("stocktake").annotate(Count("product", distinct=True))
        ):
            stocktakes[pk].counted = number


@admin.register(Stocktake)
class StocktakeAdmin(StoreScopedAdmin):
    list_display = [
        "number", "store", "category_path", "state_badge", "products_counted", "opened_by", "opened_at",
        "closed_by", "closed_at",
    ]  # fmt: skip
    list_display_links = ["number"]
    list_filter = [("state", ChoicesDropdownFilter), StoreFilter]
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ["store", "category", "opened_by", "closed_by"]
    show_full_result_count = False
    fields = [
        ("store", "category"), "state", ("opened_by", "opened_at"), ("closed_by", "closed_at"),
    ]  # fmt: skip
    readonly_fields = [
        "store", "category", "state", "opened_by", "opened_at", "closed_by", "closed_at",
    ]  # fmt: skip
    actions_detail = ["count_on", "approve_it", "cancel_it"]
    change_form_outer_after_template = "admin/stores/_tables.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return StocktakeChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(store_ids(request, Action.COUNT))

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_somewhere(request, Action.COUNT)
        form = OpenForm(request.POST or None, stores=stores_where(request, Action.COUNT))
        if request.method == "POST" and form.is_valid():
            store, category = form.cleaned_data["store"], form.cleaned_data["category"]
            # A second click, or a colleague who was first: both want to go on with that one.
            opened = Stocktake.objects.filter(
                store=store, category=category, state=Stocktake.State.DRAFT
            ).first() or attempt(
                form,
                lambda: open_stocktake(actor=request.user, store=store, category=category),
            )
            if opened is not None:
                return HttpResponseRedirect(_url(opened))
        return admin_page(
            request,
            self,
            "ask.html",
            title=_("Open a stocktake"),
            help=_(
                "A whole store or one category. Several people may count at once; selling goes on."
            ),
            form=form,
            submit_text=_("Open"),
            back_url=reverse("admin:stores_stocktake_changelist"),
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        stocktake = self.visible_object(request, object_id)
        if stocktake is not None:
            kwargs["extra_context"] = {
                **(kwargs.get("extra_context") or {}),
                "tables": _tables(stocktake),
            }
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("stocktake"), ordering="id")
    def number(self, stocktake: Stocktake) -> str:
        return f"#{stocktake.pk}"

    @display(description=_("category"))
    def category_path(self, stocktake: Any) -> str:
        return stocktake.category_name or str(_("whole store"))

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_badge(self, stocktake: Stocktake) -> Any:
        return stocktake.state, stocktake.get_state_display()

    @display(description=_("products counted"))
    def products_counted(self, stocktake: Any) -> str:
        return cells.amount(stocktake.counted)

    def has_count_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ARG002
        return bool(store_ids(request, Action.COUNT))

    def has_approve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ARG002
        return bool(store_ids(request, Action.APPROVE))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the buttons that would do something."""
        stocktake = self.get_object(request, object_id)
        if stocktake is None or stocktake.state != Stocktake.State.DRAFT:
            return []
        needs = {
            "count_on": self.is_in(request, Action.COUNT, stocktake) and _counting_url(stocktake),
            "approve_it": self.is_in(request, Action.APPROVE, stocktake),
            "cancel_it": self.is_in(request, Action.APPROVE, stocktake),
        }
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if needs[each.method.original_function_name]
        ]

    @action(
        description=_("Count"),
        url_path="count",
        icon="barcode_scanner",
        variant=ActionVariant.PRIMARY,
        permissions=["count"],
    )
    def count_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the page on which clerks count."""
        stocktake = self.visible_object(request, object_id)
        if stocktake is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(_counting_url(stocktake) or _url(stocktake))

    @action(
        description=_("Approve"),
        url_path="approve",
        icon="check",
        variant=ActionVariant.SUCCESS,
        permissions=["approve"],
    )
    def approve_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._close(
            request,
            object_id,
            form_class=ApproveForm,
            use_case=lambda stocktake, data: approve(
                actor=request.user,
                stocktake=stocktake,
                uncounted_are_zero=data["uncounted_are_zero"],
            ),
            done=_("The stocktake was approved and its differences were booked."),
            title=_("Approve stocktake %(stocktake)s"),
            help=_(
                "For each product, counted minus expected is booked. What was sold since it was"
                " counted stays sold."
            ),
            submit_text=_("Approve"),
            show_tables=True,
        )

    @action(
        description=_("Cancel"),
        url_path="cancel",
        icon="close",
        variant=ActionVariant.DANGER,
        permissions=["approve"],
    )
    def cancel_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._close(
            request,
            object_id,
            form_class=KeyedForm,
            use_case=lambda stocktake, _data: _cancelled(request.user, stocktake),
            done=_("The stocktake was cancelled; nothing was booked."),
            title=_("Cancel stocktake %(stocktake)s"),
            help=_("Nothing is booked. What was counted stays to be read."),
            submit_text=_("Cancel the stocktake"),
            danger=True,
        )

    def _close(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        form_class: type[KeyedForm],
        use_case: Any,
        done: Any,
        title: Any,
        show_tables: bool = False,
        **page: Any,
    ) -> HttpResponse:
        stocktake = self.visible_object(request, object_id)
        if stocktake is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.is_in(request, Action.APPROVE, stocktake):
            raise PermissionDenied
        if stocktake.state != Stocktake.State.DRAFT:
            state = stocktake.get_state_display()
            messages.info(request, _("This stocktake is closed: %(state)s.") % {"state": state})
            return HttpResponseRedirect(_url(stocktake))
        form = form_class(request.POST or None)
        if (
            request.method == "POST"
            and form.is_valid()
            and attempt(form, lambda: use_case(stocktake, form.cleaned_data)) is not None
        ):
            messages.success(request, done)
            return HttpResponseRedirect(_url(stocktake))
        return admin_page(
            request,
            self,
            "ask.html",
            title=title % {"stocktake": stocktake},
            form=form,
            back_url=_url(stocktake),
            tables=_tables(stocktake) if show_tables else [],
            **page,
        )


def _tables(stocktake: Stocktake) -> list[Any]:
    """What the page of a stocktake shows below its head."""
    if stocktake.state == Stocktake.State.DRAFT:
        result = review(stocktake)
        link_evidence([line for each in result.differences for line in each.lines])
        return review_tables(result)
    lines = stocktake.lines.select_related("product", "counted_by")
    booked = stocktake.operations.select_related("actor").exclude(movements=None)
    return [
        counted_table(lines.order_by("product__name", "id")),
        *([operations_table(booked)] if booked else []),
    ]


def _counting_url(stocktake: Stocktake) -> str:
    """The clerks' page of a stocktake, where this installation has it."""
    return cells.optional_url("counting:count", stocktake.store.code, stocktake.pk)


def _url(stocktake: Stocktake) -> str:
    return reverse("admin:stores_stocktake_change", args=[stocktake.pk])


def _cancelled(actor: Any, stocktake: Stocktake) -> bool:
    cancel(actor=actor, stocktake=stocktake)
    return True
