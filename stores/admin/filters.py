"""Filters of the stores' lists. None offers a store that the person may not see."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from products.models import Category
from products.models.category import full_names
from stores.actions import Action
from stores.admin.scope import stores_where
from stores.models.level import StockLevelQuerySet


class StoreFilter(DropdownFilter):
    title = _("store")
    parameter_name = "store"
    lookup = "store"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        return [(str(store.pk), store.name) for store in stores_where(request, Action.VIEW)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.narrowed(request, queryset) if self.number() is not None else queryset

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{self.lookup: self.number()})

    def number(self) -> int | None:
        """The chosen store; None where nothing that is offered was chosen."""
        value = self.value()
        return int(value) if value in {key for key, _name in self.lookup_choices} else None


class SourceFilter(StoreFilter):
    title = _("from")
    parameter_name = "source"
    lookup = "source"


class DestinationFilter(StoreFilter):
    title = _("to")
    parameter_name = "destination"
    lookup = "destination"


class CategoryFilter(DropdownFilter):
    """A category with all below it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        names = full_names(Category.objects.all())
        return [(str(pk), name) for pk, name in sorted(names.items(), key=lambda each: each[1])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        category = Category.objects.filter(pk=int(value)).first() if _is_id(value) else None
        if category is None:
            return queryset
        return queryset.filter(product__category__path__startswith=category.path)


def _is_id(value: str | None) -> bool:
    return bool(value and value.isascii() and value.isdigit() and len(value) < 18)


class LevelStateFilter(DropdownFilter):
    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Sequence[tuple[str, Any]]:  # noqa: ARG002
        return [
            ("there", _("In stock")),
            ("low", _("Low: at or below the reorder point")),
            ("zero", _("Nothing there")),
            ("unset", _("Without a reorder point")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        match self.value():
            case "there":
                return queryset.filter(quantity__gt=0)
            case "low":
                return cast("StockLevelQuerySet", queryset).low()
            case "zero":
                return queryset.filter(quantity=0)
            case "unset":
                return queryset.filter(reorder_point=None)
        return queryset
