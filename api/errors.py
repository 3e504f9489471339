"""Errors that every resource of the API may answer with."""

from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.openapi_serializers import ClientErrorEnum
from rest_framework import serializers, status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """As things stand it cannot be done; the same request may succeed another time."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This cannot be done as things stand.")
    default_code = "conflict"


class PreconditionFailed(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = _(
        "This was changed since you read it. Read it again, then send your change with its new ETag."
    )
    default_code = "changed_meanwhile"


class PreconditionRequired(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = _(
        "Say which version you change: send its ETag as If-Match, or If-Match: * to change whatever"
        " is there."
    )
    default_code = "if_match_missing"


class _ErrorOutput(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorOutput(serializers.Serializer):
    """An error without a list of its codes, as the API's document shows it."""

    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = _ErrorOutput(many=True)  # type: ignore[assignment]
