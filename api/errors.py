"""Errors that every resource of the API may answer with."""

from django.db import models
from django.utils.translation import gettext_lazy as _
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


class ErrorType(models.TextChoices):
    VALIDATION_ERROR = "validation_error"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"


class OneErrorOutput(serializers.Serializer):
    code = serializers.CharField(help_text="For programs; it does not change.")
    detail = serializers.CharField(help_text="For people, in the language that they ask for.")
    attr = serializers.CharField(
        allow_null=True, help_text="The field, as in lines.3.sku; null: the whole request."
    )


class ErrorOutput(serializers.Serializer):
    """Every error has this shape."""

    type = serializers.ChoiceField(choices=ErrorType.choices)
    errors = OneErrorOutput(many=True)  # type: ignore[assignment]
