"""What the lists of the catalogue are narrowed by."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from products.imaging import canonical_gtin
from products.models import Category, Product, ProductImage
from products.models.product import validate_gtin

# As many as a page holds at most.
MOST_SKUS = 500
_WORDS = 500


class MomentField(filters.IsoDateTimeFilter.field_class):
    """A moment that is one in UTC as well: the first and the last days of the calendar are not."""

    def clean(self, value: Any) -> datetime | None:
        moment = super().clean(value)
        try:
            return None if moment is None else moment.astimezone(UTC)
        except (OverflowError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


class FlagFilter(filters.ChoiceFilter):
    """`true` or `false`; anything else is refused, and not taken for neither."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", _("yes")), ("false", _("no"))]
        super().__init__(choices=choices, empty_label=None, **kwargs)
        shown = {"type": "boolean", "description": str(kwargs["help_text"])}
        extend_schema_field(shown)(self)


class CategoryPathField(forms.CharField):
    """A category by its path."""

    def clean(self, value: Any) -> Category | None:
        path = super().clean(value)
        if not path:
            return None
        category: Category | None = Category.objects.all().find(path)
        if category is None:
            raise ValidationError(
                _("There is no category of this path; write it like Fruit/Apple."),
                code="unknown_category",
            )
        return category


class CategoryPathFilter(filters.CharFilter):
    field_class = CategoryPathField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        extend_schema_field({"type": "string", "description": str(kwargs["help_text"])})(self)


class BarcodeField(forms.CharField):
    def clean(self, value: Any) -> str:
        text = super().clean(value)
        validate_gtin(text)
        return canonical_gtin(text) or ""


class BarcodeFilter(filters.CharFilter):
    field_class = BarcodeField


def _price(lookup: str, help_text: Any) -> filters.NumberFilter:
    return filters.NumberFilter(
        field_name="price", lookup_expr=lookup, min_value=0, max_digits=12, decimal_places=2,
        help_text=help_text,
    )  # fmt: skip


class ProductFilter(filters.FilterSet):
    sku = filters.CharFilter(
        method="with_skus", help_text="One SKU, or several with commas between them."
    )
    category = CategoryPathFilter(
        method="in_category", help_text="This category and those below it, as in Fruit/Apple."
    )
    brand = filters.CharFilter(
        lookup_expr="iexact", max_length=120, help_text="This brand; letter case is ignored."
    )
    barcode = BarcodeFilter(help_text="A GTIN in any of its lengths.")
    price_min = _price("gte", "Prices from this on.")
    price_max = _price("lte", "Prices up to this.")
    is_active = FlagFilter(
        method="active_or_not", help_text="Others than active ones are for who may change them."
    )
    updated_since = MomentFilter(
        field_name="updated_at",
        lookup_expr="gte",
        help_text="Changed at or after this time, as in 2026-03-01T00:00:00Z.",
    )
    search = filters.CharFilter(
        method="with_words",
        max_length=_WORDS,
        help_text="Products that hold each of these words, or one that begins with it.",
    )
    has_photos = FlagFilter(method="with_photos", help_text="Whether there is a photo.")

    class Meta:
        model = Product
        fields: list[str] = []

    def with_skus(self, products: QuerySet, _name: str, value: str) -> QuerySet:
        given = self.data.getlist("sku") if hasattr(self.data, "getlist") else [value]
        # A SKU may itself hold a comma.
        skus = {*given, *(part.strip() for each in given for part in each.split(","))} - {""}
        if len(skus) > MOST_SKUS:
            raise _too_many_skus()
        return products.filter(sku__in=[sku for sku in skus if sku.isprintable()])

    def in_category(self, products: Any, _name: str, value: Any) -> Any:
        return products.in_category(value)

    def active_or_not(self, products: QuerySet, _name: str, value: Any) -> QuerySet:
        return products.filter(is_active=value == "true")

    def with_words(self, products: Any, _name: str, value: str) -> Any:
        return products.with_words(value)

    def with_photos(self, products: QuerySet, _name: str, value: Any) -> QuerySet:
        photos = Exists(ProductImage.objects.filter(product=OuterRef("pk")))
        return products.filter(photos if value == "true" else ~photos)


def _too_many_skus() -> Exception:
    text = _("At most %(most)d SKUs at once.") % {"most": MOST_SKUS}
    return ValidationError({"sku": ValidationError(text, code="too_many")})


class CategoryFilter(filters.FilterSet):
    path = filters.CharFilter(
        method="at_path", help_text="The one category of this path; letter case is ignored."
    )
    parent = CategoryPathFilter(method="below", help_text="What stands directly below this path.")
    depth = extend_schema_field(
        {
            "type": "integer",
            "minimum": 1,
            "maximum": Category.MAX_DEPTH,
            "description": "How deep in the tree: 1 is the top.",
        }
    )(
        filters.ChoiceFilter(
            choices=[(str(n), str(n)) for n in range(1, Category.MAX_DEPTH + 1)], empty_label=None
        )
    )

    class Meta:
        model = Category
        fields: list[str] = []

    def at_path(self, categories: Any, _name: str, value: str) -> Any:
        found = Category.objects.all().find(value)
        return categories.filter(pk=found.pk) if found else categories.none()

    def below(self, categories: Any, _name: str, value: Any) -> Any:
        return categories.filter(path__startswith=value.path, depth=value.depth + 1)
