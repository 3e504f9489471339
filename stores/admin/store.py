"""Stores in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from stores.actions import Action
from stores.admin import cells
from stores.admin.scope import StoreScopedAdmin
from stores.deletion import kept_for_stores
from stores.models import StockLevel, Store
from stores.models.store import CODE_TAKEN


class StoreForm(forms.ModelForm):
    class Meta:
        model = Store
        fields = [
            "code", "name", "address", "opening_hours", "latitude", "longitude", "is_active",
            "is_public",
            "staff",
        ]  # fmt: skip

    def clean_code(self) -> str:
        """As the database has it; said at the field, which it cannot."""
        code: str = self.cleaned_data["code"]
        if Store.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(CODE_TAKEN, code="unique")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("latitude") is None) != (data.get("longitude") is None) and not (
            {"latitude", "longitude"} & self.errors.keys()
        ):
            self.add_error("longitude", _("Give both latitude and longitude, or neither."))
        return data


@admin.register(Store)
class StoreAdmin(StoreScopedAdmin):
    form = StoreForm
    store_paths = ("pk",)
    list_display = ["name", "code", "address_line", "held", "low", "is_active"]
    list_display_links = ["name"]
    search_fields = ["name", "code", "address"]
    autocomplete_fields = ["staff"]
    warn_unsaved_form = True
    readonly_fields = ["levels_link"]
    fieldsets = [
        (None, {"fields": [("name", "code"), "address", "opening_hours",
                           ("is_active", "is_public")]}),
        (_("Place"), {"fields": [("latitude", "longitude")]}),
        (_("Staff"), {"fields": ["staff"]}),
        (_("Stock"), {"fields": ["levels_link"]}),
    ]  # fmt: skip

    def get_view_on_site_url(self, obj: Store | None = None) -> str | None:
        if obj is not None and not (obj.is_active and obj.is_public):
            return None  # closed stores and warehouses have no public page
        return super().get_view_on_site_url(obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        levels = StockLevel.objects.filter(store=OuterRef("pk")).order_by().values("store")

        def count(**condition: Any) -> Coalesce:
            counted = levels.annotate(n=Count("pk", filter=Q(**condition))).values("n")
            return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

        return (
            super()
            .get_queryset(request)
            .annotate(
                number_held=count(quantity__gt=0),
                number_low=count(
                    quantity__lte=F("reorder_point"),
                    product__is_active=True,
                    product__merged_into=None,
                ),
            )
        )

    # A store is an ordinary row: the model's permissions count, in the stores that somebody sees.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return DjangoModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return DjangoModelAdmin.has_change_permission(self, request, obj) and (
            not isinstance(obj, Store) or self.is_in(request, Action.VIEW, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return DjangoModelAdmin.has_delete_permission(self, request, obj) and (
            not isinstance(obj, Store) or self.is_in(request, Action.VIEW, obj)
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if kept := kept_for_stores(objs):
            return [], {}, set(), kept
        return super().get_deleted_objects(objs, request)

    @display(description=_("address"))
    def address_line(self, store: Store) -> str:
        return ", ".join(filter(None, map(str.strip, store.address.splitlines()))) or "–"

    @display(description=_("products held"))
    def held(self, store: Any) -> str:
        return format_html(
            '<a href="{}" class="text-link">{}</a>',
            _levels_url(store, "there"),
            cells.amount(store.number_held),
        )

    @display(description=_("low"))
    def low(self, store: Any) -> str:
        if not store.number_low:
            return cells.amount(0)
        return format_html(
            '<a href="{}?store={}">{}</a>',
            reverse("admin:stores_reorder"),
            store.pk,
            cells.amount(store.number_low, low=True),
        )

    @display(description=_("stock"))
    def levels_link(self, store: Any) -> str:
        if store is None or store.pk is None:
            return "–"
        return format_html(
            '<a href="{}" class="text-link">{}</a>',
            _levels_url(store),
            _("%(held)d products held, %(low)d to reorder")
            % {"held": store.number_held, "low": store.number_low},
        )


def _levels_url(store: Store, state: str = "") -> str:
    url = f"{reverse('admin:stores_stocklevel_changelist')}?store={store.pk}"
    return f"{url}&stock={state}" if state else url
