"""Refusals of the use cases as errors of the API."""

from rest_framework.exceptions import APIException, ErrorDetail, PermissionDenied, ValidationError

from api.errors import Conflict
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


def as_api_error(refusal: Refusal) -> APIException:
    text, code = str(refusal.message), str(refusal.code)
    if isinstance(refusal, NotAllowed):
        return PermissionDenied(text, code)
    if code in _IN_FIELD:
        return ValidationError({_IN_FIELD[code]: [ErrorDetail(text, code=code)]})
    return Conflict(text, code)
