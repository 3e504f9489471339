"""Refusals of the use cases as errors of the API."""

from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.openapi_serializers import ClientErrorEnum
from rest_framework import serializers, status
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    PermissionDenied,
    ValidationError,
)

from stores.refusals import NotAllowed, Refusal

# What is wrong with the request itself, and in which field; all else is in the way of the things.
_IN_FIELD = {
    "bad_quantity": "lines",
    "nothing_to_book": "lines",
    "too_many_lines": "lines",
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "same_store": "destination",
    "bad_text": "non_field_errors",
    "text_too_long": "non_field_errors",
}


class Conflict(APIException):
    """As things stand it cannot be done; the same request may succeed another time."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This cannot be done as things stand.")
    default_code = "conflict"


def as_api_error(refusal: Refusal) -> APIException:
    text, code = str(refusal.message), str(refusal.code)
    if isinstance(refusal, NotAllowed):
        return PermissionDenied(text, code)
    if code in _IN_FIELD:
        return ValidationError({_IN_FIELD[code]: [ErrorDetail(text, code=code)]})
    return Conflict(text, code)


class _RefusalOutput(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class RefusalOutput(serializers.Serializer):
    """403, 404 and 409, as the API's document shows them."""

    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = _RefusalOutput(many=True)  # type: ignore[assignment]
