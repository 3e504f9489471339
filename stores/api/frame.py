"""What the views of stock have in common."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.metadata import SimpleMetadata
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from stores.api.errors import RefusalOutput, as_api_error
from stores.refusals import Refusal

_KEY_HEADER = "Idempotency-Key"
_KEY_LENGTH = 200
_KEY = OpenApiParameter(
    name=_KEY_HEADER,
    location=OpenApiParameter.HEADER,
    description="Your own name of this request, at most 200 characters: sent again, it is done"
    " once. Each log-in has its own.",
)
_DIGITS_OF_AN_ID = 18


class ById(CursorPagination):
    """Pages that stay the same while rows are added: each begins where the last one ended."""

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


class _PlainMetadata(SimpleMetadata):
    """What a view is and takes. Its fields are in the API's document: there is no one serializer."""

    def determine_metadata(self, _request: Request, view: Any) -> Any:
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
        }


class StoresApiView(GenericAPIView):
    """A view that asks `stores.policy` and calls one use case."""

    metadata_class = _PlainMetadata

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(as_api_error(exc) if isinstance(exc, Refusal) else exc)

    def page(self, rows: QuerySet[Any], output: type[Serializer]) -> Response:
        return self.get_paginated_response(output(self.paginate_queryset(rows), many=True).data)


def valid(serializer: type[Serializer], data: Any, **context: Any) -> dict[str, Any]:
    """What was sent, as the serializer understands it.

    Raises:
        ValidationError: says what is wrong in which field.
    """
    given = serializer(data=data, context=context)
    given.is_valid(raise_exception=True)
    return given.validated_data


def idempotency_key(request: Request) -> str:
    key = request.headers.get(_KEY_HEADER, "").strip()
    if len(key) > _KEY_LENGTH:
        text = _("An idempotency key has at most %(most)d characters.") % {"most": _KEY_LENGTH}
        raise ValidationError({_KEY_HEADER: [ErrorDetail(text, code="max_length")]})
    return key


def status_of(*, repeated: bool) -> int:
    return status.HTTP_200_OK if repeated else status.HTTP_201_CREATED


def reads(operation_id: str, output: Any, *query: type[Serializer], found: bool = False) -> Any:
    """The description of a call that reads; `found`: one that may find nothing."""
    refusals = [403, 404] if found else [403]
    return extend_schema(
        operation_id=operation_id,
        tags=["stock"],
        parameters=list(query),
        responses={200: output, **dict.fromkeys(refusals, RefusalOutput)},
    )


def writes(
    operation_id: str, given: Any, output: Any, *, made: bool = False, keyed: bool = False
) -> Any:
    """The description of a call that changes something; `made`: answered by 201 when new."""
    good = dict.fromkeys([200, 201] if made and keyed else [201] if made else [200], output)
    return extend_schema(
        operation_id=operation_id,
        tags=["stock"],
        parameters=[_KEY] if keyed else [],
        request=given,
        responses={**good, **dict.fromkeys((403, 404, 409), RefusalOutput)},
    )
