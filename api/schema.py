"""The API's document: what every call has beside its own."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from drf_standardized_errors.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

from api.once import KEY_HEADER, KEY_LENGTH
from api.views import ApiView

_KEY = OpenApiParameter(
    name=KEY_HEADER,
    location=OpenApiParameter.HEADER,
    type={"type": "string", "maxLength": KEY_LENGTH, "pattern": "^[ -~]*$"},
    description="Your own name of this request, at most 200 ASCII characters: sent again, it is done"
    " once and answered as before. Each caller has its own.",
)


class ApiSchema(AutoSchema):
    """Adds the idempotency key to what changes something, and the scope that a key needs."""

    def get_override_parameters(self) -> list[Any]:
        unsafe = self.method not in SAFE_METHODS and isinstance(self.view, ApiView)
        return [*super().get_override_parameters(), *([_KEY] if unsafe else [])]

    def get_description(self) -> str:  # type: ignore[override]  # the library's own shape
        text = str(super().get_description() or "")
        scope = self.view.scope_of(self.method) if isinstance(self.view, ApiView) else None
        return f"{text}\n\nScope of a key: `{scope}`." if scope else text
