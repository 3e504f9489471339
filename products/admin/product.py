"""Products in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from api.stored_files import atomic_with_files
from products import slots
from products.admin.filters import (
    BrandFilter,
    CategoryFilter,
    FoundByPhotoFilter,
    HasPhotoFilter,
    StateFilter,
)
from products.admin.history import ProductHistoryMixin
from products.admin.merging import MergeMixin
from products.admin.panels import PanelMixin
from products.admin.photo_board import PhotoBoardMixin
from products.admin.photo_search import PhotoSearchMixin
from products.admin.photos import PhotoInline
from products.admin.pictures import ThumbnailMixin, picture
from products.admin.product_form import ProductForm
from products.admin.product_list import ProductChangeList, state_badge
from products.admin.search import find_products
from products.exports.admin import ExportProductsMixin
from products.models import Product
from products.templatetags.catalogue import price as readable_price


@admin.register(Product)
class ProductAdmin(
    ExportProductsMixin,
    PhotoSearchMixin,
    PhotoBoardMixin,
    PanelMixin,
    MergeMixin,
    ProductHistoryMixin,
    ThumbnailMixin,
    ModelAdmin,
):
    form = ProductForm
    inlines = [PhotoInline]
    list_filter_submit = True
    list_display_links = ["picture", "name"]
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    change_list_template = "admin/products/product/change_list.html"
    list_before_template = "admin/products/product/found_by_photo.html"
    change_form_outer_after_template = "admin/products/product/panels.html"
    search_fields = ["sku", "name", "brand", "barcode"]
    search_help_text = _("Name, SKU, barcode")
    autocomplete_fields = ["category", "merged_into"]
    compressed_fields = True
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": [("name", "sku"), ("category", "brand"), ("price", "barcode"),
                           "description", "attributes"]}),
        (_("State"), {"fields": [("is_active", "merged_into")]}),
    ]  # fmt: skip

    class Media:
        css = {"all": ["retailvision/admin/products.css"]}
        js = [
            Script(f"retailvision/admin/{name}.js", type="module")
            for name in ("photo-board", "photo-search", "panels")
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).select_related("category")

    def get_view_on_site_url(self, obj: Product | None = None) -> str | None:
        # Inactive products have no public page; one that was merged leads on to its heir.
        if obj is not None and not obj.is_active and obj.merged_into_id is None:
            return None
        return super().get_view_on_site_url(obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return ProductChangeList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        by_photo = ["photo_distance"] if request.GET.get(FoundByPhotoFilter.parameter_name) else []
        return [
            "picture", "name", *by_photo, "sku", "brand", "category_path", "shown_price",
            *slots.product_columns, "shown_state",
        ]  # fmt: skip

    def get_list_filter(self, request: HttpRequest) -> list[Any]:  # noqa: ARG002
        return [
            FoundByPhotoFilter, CategoryFilter, BrandFilter, StateFilter, HasPhotoFilter,
            *slots.product_filters,
        ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str  # noqa: ARG002
    ) -> tuple[QuerySet[Product], bool]:  # fmt: skip
        if not search_term.strip():
            return queryset, False
        return find_products(queryset, search_term), False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if kept := [reason for find in slots.reasons_to_keep for reason in find(objs)]:
            return [], {}, set(), kept
        return super().get_deleted_objects(objs, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"searches_by_photo": bool(slots.photo_finders), **(extra_context or {})}
        return super().changelist_view(request, context)

    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        with atomic_with_files():
            return super().changeform_view(*args, **kwargs)

    @admin.display(description=_("photo"))
    def picture(self, product: Product) -> str:
        return picture(product.face, 48)

    @admin.display(description=_("distance"))
    def photo_distance(self, product: Any) -> str:
        if product.photo_distance is None:
            return str(_("barcode"))
        return f"{product.photo_distance:.3f}"

    @admin.display(description=_("category"), ordering="category__path")
    def category_path(self, product: Any) -> str:
        return str(product.category_path)

    @admin.display(description=_("state"), ordering="is_active")
    def shown_state(self, product: Any) -> str:
        return state_badge(product)

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, product: Product) -> str:
        return readable_price(product.price) or "–"
