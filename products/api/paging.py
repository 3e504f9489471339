"""Pages of the catalogue: each begins where the last one ended."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from api.paging import ById

PARAMETER = "ordering"
# The id grows with the time of creation, and no two products share one.
ORDERINGS = {"created": "id", "-created": "-id", "sku": "sku", "-sku": "-sku"}
DEFAULT = "created"


class ProductPages(ById):
    """In the order that is asked for. Each order is total, so that no row is met twice or missed."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str]:  # noqa: ARG002
        return (ORDERINGS[self._asked(request)],)

    def decode_cursor(self, request: Request) -> Cursor | None:
        if self._asked(request).endswith("created"):
            return super().decode_cursor(request)
        return text_cursor(self, request)

    @staticmethod
    def _asked(request: Request) -> str:
        asked = request.query_params.get(PARAMETER, "") or DEFAULT
        if asked not in ORDERINGS:
            text = _("Order by one of: %(known)s.") % {"known": ", ".join(ORDERINGS)}
            raise ValidationError({PARAMETER: [ErrorDetail(text, code="invalid_choice")]})
        return str(asked)


class CategoryPages(ById):
    """In the order of the tree: each category before those below it."""

    ordering = "path"

    def decode_cursor(self, request: Request) -> Cursor | None:
        return text_cursor(self, request)


def text_cursor(pages: ById, request: Request) -> Cursor | None:
    cursor = CursorPagination.decode_cursor(pages, request)
    position: Any = cursor.position if cursor else None
    if position is not None and not position.isprintable():  # the database takes no NUL
        raise NotFound(pages.invalid_cursor_message)
    return cursor
