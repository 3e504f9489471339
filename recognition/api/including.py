"""What an answer holds only when it is asked for, as `include=stock`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.views import asked

STOCK = "stock"
_KNOWN = (STOCK,)
_HELP = "stock: the results say which stores hold them now."


@extend_schema_field({"type": "string", "enum": list(_KNOWN)})
class IncludeField(serializers.Field):
    """Names with commas between them, or a list of them in JSON."""

    default_error_messages = {
        "unknown": _("“{name}” cannot be included; what can is: {known}."),
        "invalid": _("Write names with commas between them, as in include=stock."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _HELP, **kwargs})

    def to_internal_value(self, data: Any) -> frozenset[str]:
        names = data.split(",") if isinstance(data, str) else data
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.fail("invalid")
        wanted = frozenset(name.strip() for name in names) - {""}
        for name in sorted(wanted - set(_KNOWN)):
            self.fail("unknown", name=name[:50], known=", ".join(_KNOWN))
        return wanted

    def to_representation(self, value: Any) -> str:
        return ",".join(sorted(value))


class _IncludeQuery(serializers.Serializer):
    include = IncludeField(required=False)


# In the address of any call that has results.
INCLUDE = OpenApiParameter(
    name="include", type={"type": "string", "enum": list(_KNOWN)}, description=_HELP
)


def asked_in_address(request: Request) -> frozenset[str]:
    """
    Raises:
        ValidationError: names what cannot be included.
    """
    found: frozenset[str] = asked(_IncludeQuery, request).get("include", frozenset())
    return found
