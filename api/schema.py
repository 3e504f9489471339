"""The API's document: what every call has beside its own."""

import re
from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS

from api.errors import ErrorOutput
from api.once import KEY_HEADER, KEY_LENGTH, REPLAYED_HEADER
from api.sparse import SparseOutput
from api.views import ApiView, OpenApiView

_KEY = OpenApiParameter(
    name=KEY_HEADER,
    location=OpenApiParameter.HEADER,
    type={"type": "string", "maxLength": KEY_LENGTH, "pattern": "^[ -~]*$"},
    description="Your own name of this request, at most 200 ASCII characters: sent again, it is done"
    " once and answered as before. Each person has their own; without a key or a session it is not"
    " looked at.",
)
_SENTENCE_END = re.compile(r"(?<=[.:;]) (?=[A-Z`])")
_SAID = {
    "400": "A field, a parameter or the whole request cannot be what it is.",
    "401": "There is no key or session, or the key is unknown, revoked or expired.",
    "403": "The key lacks the scope, or its person the right.",
    "404": "It is not there, or not for you.",
    "406": "Answers are JSON.",
    "409": "It cannot be done as things stand, or the idempotency key is another request's.",
    "413": "The request is larger than any photo may be.",
    "415": "The request is of a type that this call does not take.",
    "429": "Too many calls.",
    "503": "Too much is asked just now, or what it needs is not there. Try again later.",
}


class ApiSchema(AutoSchema):
    """Adds to every call the scope that a key needs, the idempotency key where it changes something,
    and the errors that any call may have, all of one shape. Fields that a caller may leave out
    are not required.
    """

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *([_KEY] if self._is_unsafe else [])]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        kind = serializer if isinstance(serializer, type) else type(serializer)
        if direction == "response" and issubclass(kind, SparseOutput):
            schema.pop("required", None)
        return schema

    def get_summary(self) -> str:
        """The first sentence of what the call says of itself."""
        first = str(super().get_description() or "").partition("\n\n")[0]
        return _SENTENCE_END.split(" ".join(first.split()), maxsplit=1)[0].rstrip(".:;")

    def get_description(self) -> str:  # type: ignore[override]  # the library's own shape
        text = str(super().get_description() or "")
        scope = self.view.scope_of(self.method) if isinstance(self.view, ApiView) else None
        return f"{text}\n\nScope of a key: `{scope}`." if scope else text

    def get_auth(self) -> list[Any]:
        ways = super().get_auth()
        return [*ways, {}] if isinstance(self.view, OpenApiView) and {} not in ways else ways

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        if direction != "response" or not isinstance(self.view, ApiView):
            return responses
        for code in self._errors():
            error: Any = self._get_response_for_code(ErrorOutput, code)  # type: ignore[no-untyped-call]
            responses.setdefault(code, error)
        for code, response in responses.items():
            if code in _SAID and not response.get("description"):
                response["description"] = _SAID[code]
            response.setdefault("headers", {}).update(self._headers(code))
        return dict(sorted(responses.items()))

    def _errors(self) -> Iterator[str]:
        yield from ("400", "401", "403", "406", "429")
        pager = getattr(self.view, "pagination_class", None)
        paged = pager is not None and issubclass(pager, CursorPagination) and self.method == "GET"
        if "{" in self.path or paged:  # a cursor that is none is not found
            yield "404"
        if self._is_unsafe:
            yield from ("409", "413", "415")

    def _headers(self, code: str) -> dict[str, Any]:
        headers = {"X-Request-ID": ("The id of this request; it stands in the log.", "string")}
        if code == "429":
            headers["Retry-After"] = ("Seconds to wait.", "integer")
        if code == "503":
            headers["Retry-After"] = ("Seconds to wait, where that is known.", "integer")
        if self._is_unsafe and code.startswith("2"):
            headers[REPLAYED_HEADER] = (
                "`true`: this was done before, and is only said again.",
                "string",
            )
        return {
            name: {"description": text, "schema": {"type": kind}}
            for name, (text, kind) in headers.items()
        }

    @property
    def _is_unsafe(self) -> bool:
        return self.method not in SAFE_METHODS and isinstance(self.view, ApiView)
