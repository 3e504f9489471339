"""Refusals of the use cases as errors of the API."""

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    NotFound,
    PermissionDenied,
)
from rest_framework.exceptions import (
    ValidationError as ApiValidationError,
)

from api.errors import Conflict
from products.decoding import DecodingBusy
from products.refusals import NotAllowed, Refusal

# Not wrong in itself: somebody was faster.
_CONFLICTS = {"photos_changed"}


class TooBusy(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = DecodingBusy.message
    default_code = "busy"
    wait = 5  # seconds, as `Retry-After` says them; a large photo is decoded in fewer


def as_api_error(error: Exception) -> Exception:
    """The same as the API says it; what is no refusal, as it is."""
    if isinstance(error, ObjectDoesNotExist):
        return NotFound()
    if isinstance(error, DecodingBusy):
        return TooBusy()
    if isinstance(error, NotAllowed):
        return PermissionDenied(str(error), str(error.code))
    if isinstance(error, Refusal):
        return Conflict(str(error), str(error.code))
    if isinstance(error, ValidationError):
        return _invalid(error)
    return error


def _invalid(error: ValidationError) -> APIException:
    if not hasattr(error, "error_dict"):
        details = details_of(error)
        if details and details[0].code in _CONFLICTS:
            return Conflict(str(details[0]), str(details[0].code))
        return ApiValidationError(details)
    return ApiValidationError(
        {
            "non_field_errors" if name == NON_FIELD_ERRORS else name: [
                detail for each in errors for detail in details_of(each)
            ]
            for name, errors in error.error_dict.items()
        }
    )


def details_of(error: ValidationError) -> list[ErrorDetail]:
    """Its messages with their codes."""
    return [
        ErrorDetail(str(message), code=each.code or "invalid")
        for each in error.error_list
        for message in each
    ]
