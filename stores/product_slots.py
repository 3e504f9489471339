"""What stores show inside the catalogue's admin."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from products.models import Product
from products.slots import ProductPanel
from stores.actions import Action
from stores.models import StockLevel, StockMovement, Store

_LAST = 10


def load_stock(products: Sequence[Any]) -> None:
    """Gives each product the `stock_levels` of open stores, by one query."""
    by_id: dict[int, list[StockLevel]] = {product.pk: [] for product in products}
    levels = StockLevel.objects.filter(product__in=list(by_id), store__is_active=True)
    for level in levels.select_related("store").order_by("store__name"):
        by_id[level.product_id].append(level)
    for product in products:
        product.stock_levels = by_id[product.pk]


def stock(product: Any) -> str:
    """How many there are, and where when the pointer rests on it. As customers are told, too."""
    levels = product.stock_levels
    if not levels:
        return "–"
    low = product.is_active and any(
        level.reorder_point is not None and level.quantity <= level.reorder_point
        for level in levels
    )
    return format_html(
        '<span class="font-semibold tabular-nums {}" title="{}">{}</span>',
        "text-red-700 dark:text-red-400" if low else "",
        "\n".join(f"{level.store}: {level.quantity}" for level in levels),
        sum(level.quantity for level in levels),
    )


stock.short_description = _("stock")  # type: ignore[attr-defined]


class HoldingStoreFilter(DropdownFilter):
    """Products that a store holds; only stores that the person may see are offered."""

    title = _("store")
    parameter_name = "held_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        stores = Store.objects.where_may(request.user, Action.VIEW)
        return [(str(store.pk), store.name) for store in stores]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() not in {key for key, _name in self.lookup_choices}:
            return queryset
        held = StockLevel.objects.filter(
            store=int(self.value() or 0), product=OuterRef("pk"), quantity__gt=0
        )
        return queryset.filter(Exists(held))


class StockFilter(DropdownFilter):
    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [
            ("there", _("in stock")),
            ("low", _("low somewhere")),
            ("none", _("in no store")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        seen = StockLevel.objects.filter(
            product=OuterRef("pk"), store__in=Store.objects.where_may(request.user, Action.VIEW)
        )
        match self.value():
            case "there":
                return queryset.filter(Exists(seen.filter(quantity__gt=0)))
            case "low":
                return queryset.filter(Exists(seen.low()))
            case "none":
                return queryset.filter(~Exists(seen.filter(quantity__gt=0)))
        return queryset


def stock_panel(request: HttpRequest, product: Product) -> str:
    """The stock of a product in the stores that the person may see, and what moved last."""
    from stores.admin.tables import panel_tables  # noqa: PLC0415 - admin modules come last

    stores = Store.objects.where_may(request.user, Action.VIEW)
    levels = StockLevel.objects.filter(product=product, store__in=stores).select_related("store")
    movements: Any = StockMovement.objects.none()
    if request.user.has_perm("stores.view_stockmovement"):
        movements = StockMovement.objects.filter(product=product, store__in=stores)
    return render_to_string(
        "admin/stores/_panel.html",
        {
            "tables": panel_tables(
                product,
                levels.order_by("store__name"),
                movements.select_related("store", "operation__actor")[:_LAST],
            ),
            "ledger_url": f"{reverse('admin:stores_stockmovement_changelist')}?q={product.sku}",
        },
        request=request,
    )


stock_box = ProductPanel("stock", _("Stock"), stock_panel)
