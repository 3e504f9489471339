"""Rows with the fields that a caller wants, as `?fields=sku,quantity`."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

_NAME = "fields"
FIELDS = OpenApiParameter(
    name=_NAME,
    type=str,
    description="Only these fields, with commas between them: as in `fields=sku,quantity`.",
)


class SparseOutput(serializers.Serializer):
    """An output that leaves out what its caller did not ask for, and so does not compute it.

    The wish comes as `only` of the context (`wanted_fields`). In the API's document none of its
    fields is required.
    """

    def get_fields(self) -> Any:
        fields = super().get_fields()
        only = self.context.get("only") if self._is_outermost() else None
        if only is None:
            return fields
        return {name: field for name, field in fields.items() if name in only}

    def _is_outermost(self) -> bool:
        """What lies inside of a row is shown whole."""
        return self.root is self or (self.parent is self.root and self.field_name in (None, ""))


def wanted_fields(request: Any, output: type[serializers.Serializer]) -> frozenset[str] | None:
    """Which fields of an output a caller wants; None: all of them.

    Raises:
        ValidationError: it names one that is not there, and lists those that are.
    """
    text = request.query_params.get(_NAME)
    if text is None or not issubclass(output, SparseOutput):
        return None
    return chosen_fields(text, list(output().fields))


def chosen_fields(text: str, known: Sequence[str]) -> frozenset[str]:
    """The names in `"sku,name"`.

    Raises:
        ValidationError: it names one that is not known, and lists those that are.
    """
    wanted = [name.strip() for name in text.split(",")]
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is not None:
        message = _("There is no field “%(name)s”; there are: %(known)s.") % {
            "name": unknown[:50],
            "known": ", ".join(known),
        }
        raise ValidationError({_NAME: [ErrorDetail(message, code="unknown_field")]})
    return frozenset(wanted)
