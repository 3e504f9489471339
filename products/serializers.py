"""Fields of the API that name something of the catalogue."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from products.models import Category, Product


class CodeField(serializers.SlugRelatedField):
    """A row by the code that people call it by."""

    default_error_messages = {"invalid": _("This is no code: a short text without line breaks.")}

    def to_internal_value(self, data: Any) -> Any:
        # Before the database meets what it cannot take.
        if not isinstance(data, str) or not data.isprintable():
            self.fail("invalid")
        return super().to_internal_value(data)


class ProductField(CodeField):
    """A product by its SKU."""

    default_error_messages = {"does_not_exist": _("There is no product of the SKU “{value}”.")}

    def __init__(self, **kwargs: Any) -> None:
        queryset = Product.objects.defer("text", "description", "attributes")
        super().__init__(slug_field="sku", queryset=queryset, **kwargs)


class TextField(serializers.CharField):
    """Text alone. Of a number it is not known what was meant: 00123 has lost its zeros by then."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class CategoryField(TextField):
    """A category by its path."""

    def to_internal_value(self, data: Any) -> Category:
        path = super().to_internal_value(data)
        self.run_validators(path)  # before the database meets what it cannot take
        category: Category | None = Category.objects.all().find(path)
        if category is None:
            raise serializers.ValidationError(
                _("There is no category of this path; write it like Fruit/Apple."),
                code="unknown_category",
            )
        return category

    def run_validators(self, value: Any) -> None:
        if not isinstance(value, Category):  # they are about its path, and have run
            super().run_validators(value)
