"""The address at which the API's document is read."""

from typing import Any

from django.utils import translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response


class DocumentView(SpectacularAPIView):
    """The document is a contract, so it is the same for every reader: in English, whatever language
    the browser asks for. What the API says of a request is in the caller's language.
    """

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        with translation.override("en"):
            answer: Response = self._get_schema_response(request)  # type: ignore[no-untyped-call]
        answer["Content-Language"] = "en"
        return answer
