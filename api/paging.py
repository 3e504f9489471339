"""Pages that stay the same while rows are added: each begins where the last one ended."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

_DIGITS_OF_AN_ID = 18
_MOST_OF_A_CODE = 200


class ById(CursorPagination):
    ordering: Any = "id"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500

    def get_page_size(self, request: Request) -> int:
        """
        Raises:
            ValidationError: a limit that is none: a program that mistyped it should hear of it.
        """
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= self.max_page_size):
            raise ValidationError({self.page_size_query_param: [_wrong_limit(self.max_page_size)]})
        return int(text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for each in parameters:
            if each["name"] == self.page_size_query_param:
                each["schema"] |= {
                    "minimum": 1, "maximum": self.max_page_size, "default": self.page_size,
                }  # fmt: skip
        return parameters

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        position: Any = cursor.position if cursor else None
        if position is not None and not self._can_be(position):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def _can_be(self, position: str) -> bool:
        """Before the database meets what it cannot take."""
        if self.ordering[0].lstrip("-") == "id":
            return position.isascii() and position.isdigit() and len(position) <= _DIGITS_OF_AN_ID
        return position.isprintable() and len(position) <= _MOST_OF_A_CODE


def _wrong_limit(most: int) -> ErrorDetail:
    text = _("Write a number from 1 to %(most)d.") % {"most": most}
    return ErrorDetail(text, code="invalid")


class NewestFirst(ById):
    ordering = "-id"
