"""The ledger in the admin: read by everybody who may see the store, written by nobody."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Abs
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.views import ChangeList

from stores.actions import Action
from stores.admin import cells
from stores.admin.evidence import EvidenceChangeList, link_evidence
from stores.admin.filters import CategoryFilter, StoreFilter
from stores.admin.pages import ReasonForm, admin_page, attempt
from stores.admin.scope import StoreScopedAdmin, store_ids
from stores.admin.tables import movements_table, reversal_table
from stores.ledger import reverse as take_back_operation
from stores.models import StockMovement, StockOperation

KIND_COLOURS = {
    "receive": "success", "sell": "info", "adjust": "warning", "transfer": "primary",
    "count": "warning", "reverse": "danger",
}  # fmt: skip
# Ended otherwise than by taking them back.
_FINAL = {StockMovement.Kind.TRANSFER, StockMovement.Kind.REVERSE}


@admin.register(StockMovement)
class StockMovementAdmin(StoreScopedAdmin):
    list_display = [
        "when", "kind_badge", "product_cell", "store", "change", "after", "who", "why", "evidence_link",
    ]  # fmt: skip
    list_display_links = None
    list_filter = [
        StoreFilter, CategoryFilter, ("kind", ChoicesDropdownFilter),
        ("operation__created_at", RangeDateFilter),
    ]  # fmt: skip
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ["operation__actor", "product", "store"]
    ordering = ["-id"]
    show_full_result_count = False
    search_fields = ["product__sku", "product__name", "product__barcode", "operation__reference"]
    search_help_text = _("SKU, name, barcode or reference")
    fields = [
        "when", "kind", "product_cell", "store", "change", "after", "who", "why",
        "evidence_link", "reverses",
    ]  # fmt: skip
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return EvidenceChangeList

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        movement = super().get_object(request, *args, **kwargs)
        if movement is not None:
            link_evidence([movement])
        return movement

    @display(description=_("when"), ordering="id")
    def when(self, movement: StockMovement) -> str:
        return cells.operation_link(movement.operation, cells.moment(movement.operation.created_at))

    @display(description=_("kind"), ordering="kind", label=KIND_COLOURS)
    def kind_badge(self, movement: StockMovement) -> Any:
        return movement.kind, movement.get_kind_display()

    @display(description=_("product"))
    def product_cell(self, movement: StockMovement) -> str:
        return cells.product_link(movement.product)

    @display(description=_("change"), ordering="delta")
    def change(self, movement: StockMovement) -> str:
        return cells.signed(movement.delta)

    @display(description=_("level after"))
    def after(self, movement: StockMovement) -> str:
        return cells.amount(movement.level_after)

    @display(description=_("by"), ordering="operation__actor__username")
    def who(self, movement: StockMovement) -> str:
        return str(movement.operation.actor)

    @display(description=_("reason, reference"))
    def why(self, movement: StockMovement) -> str:
        return cells.why(movement.operation)

    @display(description=_("evidence"))
    def evidence_link(self, movement: Any) -> str:
        return cells.evidence_cell(movement.evidence, getattr(movement, "evidence_url", ""))


def _visible_movements(request: HttpRequest) -> QuerySet[StockMovement]:
    return StockMovement.objects.filter(store__in=store_ids(request, Action.VIEW))


def _with_products(request: HttpRequest, operation: StockOperation | None) -> list[StockMovement]:
    """The movements of an operation in the stores that somebody sees, for its page."""
    if operation is None:
        return []
    movements = list(
        _visible_movements(request)
        .filter(operation=operation)
        .select_related("store", "product")
        .order_by("id")
    )
    link_evidence(movements)
    return movements


class OperationChangeList(ChangeList):
    """A list whose page knows what each operation moved, by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        operations: dict[int, Any] = {each.pk: each for each in self.result_list}
        for operation in operations.values():
            operation.kinds, operation.pieces, operation.lines = [], 0, 0
        moved = _visible_movements(request).filter(operation__in=list(operations)).order_by()
        for pk, kind, pieces, lines in moved.values_list("operation", "kind").annotate(
            pieces=Sum(Abs("delta")), lines=Count("pk")
        ):
            operations[pk].kinds.append(str(StockMovement.Kind(kind).label))
            operations[pk].pieces += pieces
            operations[pk].lines += lines


@admin.register(StockOperation)
class StockOperationAdmin(StoreScopedAdmin):
    """A booking with all its movements. It is seen by those who see one of its stores, and shows
    them the movements in these.
    """

    list_display = ["number", "when", "actor", "kinds", "moved", "why"]
    list_display_links = ["number"]
    list_filter = [("created_at", RangeDateFilter)]
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ["actor"]
    ordering = ["-id"]
    show_full_result_count = False
    search_fields = ["reference", "reason", "actor__username"]
    fields = ["when", "actor", "reason", "reference", "transfer", "stocktake"]
    readonly_fields = fields
    actions_detail = ["take_back"]
    change_form_outer_after_template = "admin/stores/_tables.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockOperation]:
        # Not StoreScopedAdmin's: an operation has stores through its movements alone.
        operations: QuerySet[StockOperation] = admin.ModelAdmin.get_queryset(self, request)
        visible = _visible_movements(request).filter(operation=OuterRef("pk"))
        return operations.filter(Exists(visible))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return OperationChangeList

    def is_in(self, request: HttpRequest, action: Action, obj: Any) -> bool:
        """In all of its stores, other than of other rows: an operation is taken back whole."""
        if action is Action.VIEW:
            ids = store_ids(request, action)
            return bool(obj.movements.filter(store__in=ids).exists())
        ids = store_ids(request, action)
        return set(obj.movements.values_list("store", flat=True)) <= ids

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        operation = self.visible_object(request, object_id)
        movements = _with_products(request, operation)
        kwargs["extra_context"] = {
            **(kwargs.get("extra_context") or {}),
            "tables": [movements_table(movements)],
        }
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("booking"), ordering="id")
    def number(self, operation: StockOperation) -> str:
        return f"#{operation.pk}"

    @display(description=_("when"), ordering="id")
    def when(self, operation: StockOperation) -> str:
        return cells.moment(operation.created_at)

    @display(description=_("kind"))
    def kinds(self, operation: Any) -> str:
        return ", ".join(operation.kinds)

    @display(description=_("moved"))
    def moved(self, operation: Any) -> str:
        return cells.booked_text(operation.pieces, operation.lines)

    @display(description=_("reason, reference"))
    def why(self, operation: StockOperation) -> str:
        return cells.why(operation)

    def has_take_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ARG002
        return bool(store_ids(request, Action.ADJUST))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only a button that would do something."""
        operation = self.get_object(request, object_id)
        if operation is None or not self.is_in(request, Action.ADJUST, operation):
            return []
        movements = operation.movements.all()
        if movements.filter(kind__in=_FINAL).exists():
            return []
        if StockMovement.objects.filter(reverses__in=movements).exists():
            return []
        return list(super().get_actions_detail(request, object_id))

    @action(
        description=_("Take back"),
        url_path="take-back",
        icon="undo",
        variant=ActionVariant.DANGER,
        permissions=["take_back"],
    )
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        operation = self.visible_object(request, object_id)
        if operation is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.is_in(request, Action.ADJUST, operation):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            booking = attempt(
                form,
                lambda: take_back_operation(
                    actor=request.user,
                    operation=operation,
                    reason=form.cleaned_data["reason"],
                    idempotency_key=form.cleaned_data["key"],
                ),
            )
            if booking is not None:
                messages.success(
                    request, _("Booking #%(number)d was taken back.") % {"number": operation.pk}
                )
                return HttpResponseRedirect(
                    reverse("admin:stores_stockoperation_change", args=[booking.operation.pk])
                )
        return admin_page(
            request,
            self,
            "ask.html",
            title=_("Take back booking #%(number)d") % {"number": operation.pk},
            help=_("Movements the other way are booked; nothing is wiped out."),
            form=form,
            table=reversal_table(_with_products(request, operation)),
            submit_text=_("Take back"),
            danger=True,
            back_url=reverse("admin:stores_stockoperation_change", args=[operation.pk]),
        )
