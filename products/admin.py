"""The catalogue in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from products import slots
from products.admin_forms import CategoryForm, PhotoForm, PhotoFormSet, ProductForm
from products.models import Category, Product, ProductImage
from products.models.category import full_names
from products.stored_files import atomic_with_files
from products.thumbnails import thumbnail_url


def _picture(image: ProductImage | None, size: int) -> str:
    url = thumbnail_url(image.file, "small") if image is not None else ""
    if not url:
        return "–"
    return format_html(
        '<img src="{}" alt="" width="{}" height="{}" loading="lazy"'
        ' style="width:{}px;height:{}px;object-fit:contain" class="rounded">',
        url, size, size, size, size,
    )  # fmt: skip


class PhotoInline(TabularInline):
    model = ProductImage
    form = PhotoForm
    formset = PhotoFormSet
    extra = 1
    fields = ["picture", "file", "position"]
    ordering = ["position", "id"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_fields(request, obj), *slots.photo_columns]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ARG002
        return ["picture", *slots.photo_columns]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        return super().get_queryset(request).prefetch_related(*slots.photo_prefetch)

    @admin.display(description=_("photo"))
    def picture(self, image: ProductImage) -> str:
        return _picture(image if image.pk else None, 72)


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    form = ProductForm
    inlines = [PhotoInline]
    list_filter = ["is_active"]
    list_filter_submit = True
    list_display_links = ["picture", "name"]
    list_per_page = 50
    search_fields = ["sku", "name", "brand", "barcode"]
    autocomplete_fields = ["category", "merged_into"]
    compressed_fields = True
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": [("name", "sku"), ("category", "brand"), ("price", "barcode"),
                           "description", "attributes"]}),
        (_("State"), {"fields": [("is_active", "merged_into")]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products = (
            super().get_queryset(request).select_related("category").prefetch_related("images")
        )
        for annotate in slots.product_annotations:
            products = annotate(products)
        return products

    def get_list_display(self, request: HttpRequest) -> list[Any]:  # noqa: ARG002
        return [
            "picture", "name", "sku", "brand", "category_path", "price", "is_active",
            *slots.product_columns,
        ]  # fmt: skip

    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        with atomic_with_files():
            return super().changeform_view(*args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        # One query for the paths of all categories, not one for each row.
        self._paths = full_names(Category.objects.all())
        return super().changelist_view(request, extra_context)

    @admin.display(description="")
    def picture(self, product: Product) -> str:
        return _picture(product.face, 48)

    @admin.display(description=_("category"), ordering="category__path")
    def category_path(self, product: Product) -> str:
        return self._paths.get(product.category_id, product.category.name)


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = CategoryForm
    list_display = ["path_text", "number_of_products"]
    search_fields = ["name"]
    ordering = ["path"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        inside = (
            Product.objects.filter(category__path__startswith=OuterRef("path"))
            .order_by()
            .annotate(number=Func("pk", function="COUNT", output_field=IntegerField()))
            .values("number")
        )
        return super().get_queryset(request).annotate(number_inside=Subquery(inside))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # What lies below goes too, and its products stand in the way: say so before, not in a 500.
        below = [
            category
            for each in objs
            for category in Category.objects.filter(path__startswith=each.path)
        ]
        return super().get_deleted_objects(list(dict.fromkeys(below)), request)

    @admin.display(description=_("category"), ordering="path")
    def path_text(self, category: Category) -> str:
        return format_html(
            '<span style="padding-inline-start:{}rem">{}</span>',
            1.5 * (category.depth - 1),
            category.name,
        )

    @admin.display(description=_("products"))
    def number_of_products(self, category: Category) -> int:
        return int(category.number_inside)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:  # noqa: ARG002
        # The tree's own delete keeps its book of children right.
        for category in list(queryset.order_by("-depth")):
            Category.objects.get(pk=category.pk).delete()
