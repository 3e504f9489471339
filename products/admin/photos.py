"""The photos on a product's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from products import slots
from products.admin.photo_form import PhotoForm, PhotoFormSet
from products.admin.pictures import picture
from products.models import ProductImage


class PhotoInline(TabularInline):
    model = ProductImage
    # Tiles with a script; these rows without.
    template = "admin/products/product/photos_inline.html"
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
        return picture(image if image.pk else None, 72)
