"""What the views of stock have in common."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.scopes import Scope
from api.sparse import FIELDS
from api.views import ApiView
from stores.api.errors import as_api_error
from stores.refusals import Refusal


class StoresApiView(ApiView):
    """A view that asks `stores.policy` and calls one use case."""

    reads = Scope.STOCK_READ
    writes = Scope.STOCK_WRITE
    # The ledger remembers the keys of its operations, in the transaction that books them.
    keeps_own_keys = True

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(as_api_error(exc) if isinstance(exc, Refusal) else exc)


def status_of(*, repeated: bool) -> int:
    return status.HTTP_200_OK if repeated else status.HTTP_201_CREATED


def reads(operation_id: str, output: Any, *query: Any) -> Any:
    """The description of a call that reads; 404 also answers a place in a list that is none."""
    return extend_schema(
        operation_id=operation_id,
        tags=["stock"],
        parameters=[*query, FIELDS],
        responses={200: output, **dict.fromkeys((401, 403, 404), ErrorOutput)},
    )


def writes(
    operation_id: str,
    given: Any,
    output: Any,
    *,
    examples: Sequence[OpenApiExample] = (),
    made: bool = False,
    keyed: bool = False,
) -> Any:
    """The description of a call that changes something; `made`: answered by 201 when new."""
    good = dict.fromkeys([200, 201] if made and keyed else [201] if made else [200], output)
    return extend_schema(
        operation_id=operation_id,
        tags=["stock"],
        # As forms have no lists of lines, they are taken and not advertised.
        request={"application/json": given} if given is not None else None,
        responses={**good, **dict.fromkeys((401, 403, 404, 409), ErrorOutput)},
        examples=list(examples),
    )
