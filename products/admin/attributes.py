"""The attributes of a product as a field of a form: rows in the browser, JSON without its script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget


class AttributesWidget(UnfoldAdminTextareaWidget):
    """A text area of JSON that `attributes.js` shows as rows."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        texts = {
            "data-attributes": True,
            "data-text-name": _("Name"),
            "data-text-value": _("Value"),
            "data-text-add": _("Add an attribute"),
            "data-text-remove": _("Remove this attribute"),
            "data-text-twice": _("This name is there already."),
            "data-text-nested": _("A list or table: it stays as it is. Edit it as JSON."),
            "data-text-as-json": _("Edit as JSON"),
        }
        super().__init__(attrs={**texts, **(attrs or {})})

    class Media:
        js = [forms.Script("retailvision/admin/attributes.js", type="module")]


class AttributesField(forms.JSONField):
    """JSON of whatever depth and size is an error of the form, never of the site."""

    widget = AttributesWidget

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        # Numbers of thousands of digits, and brackets in brackets: Django catches neither.
        except (ValueError, RecursionError) as error:
            raise ValidationError(
                _("These attributes cannot be read: too many brackets, or too long a number."),
                code="invalid",
            ) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(super().has_changed(initial, data))
        except (ValueError, RecursionError):
            return True
