"""What the list of products is narrowed by."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RadioFilter, TextFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm, SearchForm

from products.admin.photo_search import PARAMETER, hits_of
from products.models import Category, Product, ProductImage

# A browser's own list of suggestions grows heavy with more; the rest is found by typing.
_MOST_BRANDS = 500


class FoundByPhotoFilter(SimpleListFilter):
    """Products that a photo found, until it is cleared; the other filters narrow them further."""

    title = _("photo")
    parameter_name = PARAMETER
    template = "admin/products/product/photo_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return []

    def has_output(self) -> bool:
        return bool(self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if not self.value():
            return queryset
        hits = hits_of(request, self.value() or "")
        return queryset.filter(pk__in=list(hits.distances) if hits else [])

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "name": self.parameter_name,
            "value": self.value(),
            "clear": changelist.get_query_string(remove=[PARAMETER]),
        }


class CategoryFilter(SimpleListFilter):
    """A branch of the tree with everything below it: typed for, or walked down to by links."""

    title = _("category")
    parameter_name = "category"
    template = "admin/products/product/category_filter.html"
    form_class = AutocompleteDropdownForm

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self._request, self._model_admin = request, model_admin
        super().__init__(request, params, model, model_admin)
        value = self.value() or ""
        # A number that no row can have is not asked for.
        known = value.isascii() and value.isdecimal() and len(value) < 19
        self.category = Category.objects.filter(pk=value).first() if known else None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return []

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        if not self.value():
            return queryset
        return queryset.in_category(self.category) if self.category else queryset.none()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        node = self.category
        step = Category.steplen
        above = [node.path[:end] for end in range(step, len(node.path), step)] if node else []
        depth = (node.depth if node else 0) + 1
        level = Category.objects.filter(depth=depth, path__startswith=node.path if node else "")
        inside = Product.objects.filter(category__path__startswith=node.path if node else "")
        numbers = dict(
            inside.annotate(branch=Substr("category__path", 1, depth * step))
            .order_by()
            .values_list("branch")
            .annotate(number=Count("pk"))
        )

        def link(category: Category | None) -> str:
            if category is None:
                return str(changelist.get_query_string(remove=[self.parameter_name, "p"]))
            return str(
                changelist.get_query_string({self.parameter_name: category.pk}, remove=["p"])
            )

        yield {
            "form": AutocompleteDropdownForm(
                request=self._request,
                name=self.parameter_name,
                label=_(" By %(filter_title)s ") % {"filter_title": self.title},
                choices=(),
                field=Product._meta.get_field("category"),
                model_admin=self._model_admin,
                data={self.parameter_name: node.pk if node else None},
            ),
            "chosen": node,
            "all": link(None),
            "above": [(c.name, link(c)) for c in Category.objects.filter(path__in=above)]
            if above
            else [],
            "below": [(c.name, link(c), numbers.get(c.path, 0)) for c in level],
        }


class StateFilter(RadioFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("active", _("active")), ("inactive", _("inactive")), ("merged", _("merged"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        match self.value():
            case "active":
                return queryset.active()
            case "inactive":
                return queryset.filter(is_active=False, merged_into=None)
            case "merged":
                return queryset.exclude(merged_into=None)
        return queryset


class HasPhotoFilter(RadioFilter):
    title = _("photos")
    parameter_name = "has_photo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("no", _("without a photo")), ("yes", _("with photos"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        photos = Exists(ProductImage.objects.filter(product=OuterRef("pk")))
        match self.value():
            case "yes":
                return queryset.filter(photos)
            case "no":
                return queryset.filter(~photos)
        return queryset


class BrandForm(SearchForm):
    """A text field that suggests the brands there are."""

    def __init__(self, name: str, label: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(name, label, *args, **kwargs)
        self.fields[name].widget.attrs["list"] = "known-brands"


class BrandFilter(TextFilter):
    title = _("brand")
    parameter_name = "brand"
    template = "admin/products/product/brand_filter.html"
    form_class = BrandForm

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        brand = (self.value() or "").replace("\0", "").strip()
        return queryset.filter(brand__icontains=brand) if brand else queryset

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        brands = Product.objects.exclude(brand="").order_by("brand").values_list("brand", flat=True)
        for choice in super().choices(changelist):
            yield {**choice, "brands": list(brands.distinct()[:_MOST_BRANDS])}
