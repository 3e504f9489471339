"""Stock levels in the admin: looked at, with reorder points to be set."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from products.imaging import canonical_gtin
from products.models import Product
from stores.actions import Action
from stores.admin import cells
from stores.admin.booking import booking_urls, level_links
from stores.admin.filters import CategoryFilter, LevelStateFilter, StoreFilter
from stores.admin.find_product import find_product
from stores.admin.reorder import ReorderPages
from stores.admin.scope import StoreScopedAdmin, store_ids, stores_where
from stores.low_stock import set_reorder_point
from stores.models import StockLevel
from stores.posting import MOST_AT_ONCE
from stores.refusals import NotAllowed
from stores.stock_export import csv_lines, xlsx_file

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class LevelForm(forms.ModelForm):
    """A level by its store, its product and from when on to reorder; its quantity is no field."""

    reorder_point = forms.IntegerField(
        label=_("reorder point"),
        required=False,
        min_value=0,
        max_value=MOST_AT_ONCE,
        help_text=_("At this quantity or less it is time to reorder; empty: never."),
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = StockLevel
        fields = ["store", "product", "reorder_point"]

    def clean_product(self) -> Product:
        product: Product = self.cleaned_data["product"]
        if product.merged_into is not None:
            raise forms.ValidationError(
                _("%(product)s was merged into %(heir)s: choose that."),
                params={"product": product, "heir": product.merged_into},
            )
        return product


class RowForm(LevelForm):
    """A row of the list. What it showed is sent along, so that saving another row undoes nothing
    that somebody else set meanwhile.
    """

    changeable: frozenset[int] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reorder_point"]
        field.show_hidden_initial = True
        field.widget = UnfoldAdminIntegerFieldWidget(
            attrs={"style": "width: 6rem", "aria-label": _("reorder point"), "min": 0}
        )
        field.disabled = (
            self.instance.store_id not in self.changeable
            or self.instance.product.merged_into_id is not None
        )


@admin.register(StockLevel)
class StockLevelAdmin(ReorderPages, StoreScopedAdmin):
    form = LevelForm
    list_display = [
        "picture", "product_cell", "store", "quantity_cell", "reorder_point", "state",
    ]  # fmt: skip
    list_display_links = ["quantity_cell"]
    list_editable = ["reorder_point"]
    list_filter = [StoreFilter, CategoryFilter, LevelStateFilter]
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ["store", "product"]
    ordering = ["product__name", "product__sku", "store__name"]
    show_full_result_count = False
    search_fields = ["product__sku", "product__name", "product__barcode"]
    search_help_text = _("SKU, name or barcode")
    list_before_template = "admin/stores/_level_links.html"
    autocomplete_fields = ["product"]
    fields = ["store", "product", "quantity_cell", "reorder_point", "low_since"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        return super().get_queryset(request).prefetch_related("product__images")

    def get_urls(self) -> list[URLPattern]:
        find = path(
            "find-product/",
            self.admin_site.admin_view(find_product),
            name="stores_find_product",
        )
        export = path(
            "export.<str:ending>",
            self.admin_site.admin_view(self.export_view),
            name="stores_stocklevel_export",
        )
        return [find, export, *booking_urls(self), *self.reorder_urls(), *super().get_urls()]

    def export_view(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """What the list shows with these filters, as a file that can be imported again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        levels = self.get_changelist_instance(request).queryset.prefetch_related(None)
        answer: HttpResponseBase
        if ending == "csv":
            answer = StreamingHttpResponse(
                csv_lines(levels), content_type="text/csv; charset=utf-8"
            )
        elif ending == "xlsx":
            answer = FileResponse(xlsx_file(levels), content_type=_XLSX)
        else:
            raise Http404
        name = f"stock-{timezone.localdate():%Y-%m-%d}.{ending}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # A barcode has several spellings; the scanner's need not be ours.
        gtin = canonical_gtin(search_term)
        if gtin and (by_code := queryset.filter(product__barcode=gtin)).exists():
            return by_code, False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A product that a store never held may be given a reorder point."""
        return bool(store_ids(request, Action.SET_REORDER_POINT))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        links = level_links(request)
        return super().changelist_view(request, {**(extra_context or {}), "level_links": links})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, StockLevel):
            return self.is_in(request, Action.SET_REORDER_POINT, obj)
        return bool(store_ids(request, Action.SET_REORDER_POINT))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Not here; but whoever deletes a product that never moved deletes its reorder points."""
        match = request.resolver_match
        if match is not None and (match.url_name or "").startswith("stores_"):
            return False
        return bool(request.user.has_perm("products.delete_product"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        return ["quantity_cell", "low_since", *(["store", "product"] if obj else [])]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:  # noqa: ARG002
        return self.list_display_links

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        ids = store_ids(request, Action.SET_REORDER_POINT)
        return type("RowForm", (RowForm,), {"changeable": ids})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "store":
            kwargs["queryset"] = stores_where(request, Action.SET_REORDER_POINT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002
        try:
            level = set_reorder_point(
                actor=request.user,
                store=obj.store,
                product=obj.product,
                reorder_point=form.cleaned_data["reorder_point"],
            )
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        obj.pk = level.pk

    @display(description="")
    def picture(self, level: StockLevel) -> str:
        return cells.face(level.product)

    @display(description=_("product"), ordering="product__name")
    def product_cell(self, level: StockLevel) -> str:
        return cells.product_link(level.product)

    @display(description=_("quantity"), ordering="quantity")
    def quantity_cell(self, level: StockLevel | None) -> str:
        if level is None or level.pk is None:
            return cells.amount(0)
        return cells.amount(level.quantity, low=_is_low(level))

    @display(description=_("state"), label={"low": "danger", "none": "warning"})
    def state(self, level: StockLevel) -> Any:
        if _is_low(level):
            return "low", _("low")
        return ("none", _("none left")) if level.quantity == 0 else ""


def _is_low(level: StockLevel) -> bool:
    product = level.product
    return (
        level.reorder_point is not None
        and level.quantity <= level.reorder_point
        and product.is_active
        and product.merged_into_id is None
        and level.store.is_active
    )
