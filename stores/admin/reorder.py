"""What is to be reordered: a page and a file."""

import csv
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from products.imports.formulas import neutral
from stores.actions import Action
from stores.admin.pages import admin_page
from stores.admin.scope import store_ids, stores_where
from stores.admin.tables import reorder_table
from stores.low_stock import reorder_list
from stores.models import Store

_PER_PAGE = 100
_COLUMNS = (
    "store", "sku", "barcode", "name", "brand", "quantity", "reorder_point", "missing", "on_the_way",
    "sold_in_28_days",
)  # fmt: skip


class StoreChoice(forms.Form):
    store = forms.ModelChoiceField(
        label=_("Store"),
        queryset=Store.objects.none(),
        empty_label=_("All stores"),
        widget=UnfoldAdminSelectWidget(attrs={"aria-label": _("store")}),
    )

    def __init__(self, stores: QuerySet[Store], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]


class ReorderPages(admin.ModelAdmin):
    """The reorder list, beside the stock levels that it is made of."""

    def reorder_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("reorder/", view(self.reorder_page), name="stores_reorder"),
            path("reorder.csv", view(self.reorder_file), name="stores_reorder_file"),
        ]

    def reorder_page(self, request: HttpRequest) -> HttpResponse:
        stores, chosen = self._stores(request)
        levels = reorder_list(stores).prefetch_related("product__images")
        page = Paginator(levels, _PER_PAGE).get_page(request.GET.get("page"))
        return admin_page(
            request,
            self,
            "reorder.html",
            title=_("To reorder"),
            page=page,
            table=reorder_table(page.object_list),
            filter=StoreChoice(
                stores_where(request, Action.VIEW), initial={"store": chosen.pk if chosen else None}
            ),
            chosen=chosen,
            file_url=reverse("admin:stores_reorder_file")
            + (f"?store={chosen.pk}" if chosen else ""),
        )

    def reorder_file(self, request: HttpRequest) -> HttpResponse:
        stores, chosen = self._stores(request)
        name = f"reorder-{chosen.code if chosen else 'all'}-{timezone.localdate():%Y-%m-%d}.csv"
        answer = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        answer.write("\ufeff")  # by which spreadsheets know UTF-8
        rows = csv.writer(answer)
        rows.writerow(_COLUMNS)
        for level in reorder_list(stores).iterator():
            rows.writerow(_cells(level))
        return answer

    def _stores(self, request: HttpRequest) -> tuple[QuerySet[Store], Store | None]:
        """The stores that somebody sees, or the chosen one of them.

        Raises:
            PermissionDenied: the person may not see the chosen one, or none at all.
        """
        if not self.has_view_permission(request) or not store_ids(request, Action.VIEW):
            raise PermissionDenied
        stores = stores_where(request, Action.VIEW)
        value = request.GET.get("store", "")
        if not (value.isascii() and value.isdigit() and len(value) < 18):
            return stores, None
        chosen = stores.filter(pk=int(value)).first()
        if chosen is None:
            raise PermissionDenied
        return stores.filter(pk=chosen.pk), chosen


def _cells(level: Any) -> list[Any]:
    product = level.product
    texts = (level.store.code, product.sku, product.barcode, product.name, product.brand)
    return [
        *map(neutral, texts), level.quantity, level.reorder_point, level.missing, level.on_the_way,
        level.sold_recently,
    ]  # fmt: skip
