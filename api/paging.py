"""Pages that stay the same while rows are added: each begins where the last one ended."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

_DIGITS_OF_AN_ID = 18


class ById(CursorPagination):
    ordering: Any = "id"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        position: Any = cursor.position if cursor else None
        if position is not None and not (
            position.isascii() and position.isdigit() and len(position) <= _DIGITS_OF_AN_ID
        ):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class NewestFirst(ById):
    ordering = "-id"
