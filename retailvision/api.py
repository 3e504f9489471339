"""The API's frame: one shape for every error, also for those that Django answers itself.

`{"type": "client_error", "errors": [{"code": "...", "detail": "...", "attr": null}]}`, as
drf-standardized-errors writes it.
"""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import status
from rest_framework.exceptions import ParseError

API_PREFIX = "/api/"


class ApiExceptionHandler(ExceptionHandler):
    """The library's handler, and what Django and the JSON parser raise for hostile requests."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, SuspiciousOperation):  # too many fields or files
            return ParseError(str(exc))
        if isinstance(exc, RecursionError):
            return ParseError(_("The JSON is nested too deeply."))
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


def is_api_request(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def error_response(status_code: int, code: str, detail: str) -> JsonResponse:
    """An error in the API's shape, for where no API view was reached."""
    kind = (
        "server_error" if status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR else "client_error"
    )
    return JsonResponse(
        {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]},
        status=status_code,
    )
