"""A product's attributes as people read them."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext


def attribute_rows(attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A product's attributes as names with values that people read; empty ones are left out."""
    rows = [(name, _readable(value)) for name, value in attributes.items()]
    return [(name, value) for name, value in rows if value]


def _readable(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(_readable(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text}" for name, text in attribute_rows(value))
    if isinstance(value, float):
        return str(localize(value))
    return "" if value is None else str(value)
