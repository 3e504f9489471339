"""What the views of the catalogue have in common."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.models import ApiKey
from api.scopes import Scope
from api.views import IN_ANY_ADDRESS, ApiView, refuse_unknown
from products.api.errors import as_api_error
from products.history import name_source
from products.json_parser import TextJSONParser

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the version that you mean; `*`: whatever is there. Without it: 428.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the version that you have. Where it is still the one: 304.",
)


class CatalogueView(ApiView):
    """A view that asks `products.policy` and calls one use case."""

    reads = Scope.CATALOGUE_READ
    writes = Scope.CATALOGUE_WRITE
    # A form says nothing of what is null, true or a list; where files are sent, it is taken as well.
    parser_classes: Sequence[type[BaseParser]] = (TextJSONParser,)

    def filter_queryset(self, queryset: Any) -> Any:
        filters = getattr(self, "filterset_class", None)
        if filters is not None:
            known = {*filters.base_filters, *IN_ANY_ADDRESS}
            refuse_unknown(self.request.query_params, known)
        return super().filter_queryset(queryset)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Whom the request is for, the history knows by itself as soon as the key is read.
        if request.method not in SAFE_METHODS and isinstance(request.auth, ApiKey):
            name_source(f"API: {request.auth.name}")

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(as_api_error(exc))


def described(
    operation_id: str,
    *,
    answers: dict[int, Any],
    refused: Sequence[int] = (),
    request: Any = None,
    parameters: Sequence[Any] = (),
    examples: Sequence[Any] = (),
) -> Any:
    """The description of a call. `refused`: beside the errors that any call may have."""
    nothing = OpenApiResponse(description="Nothing to say.")
    good = {status: nothing if output is None else output for status, output in answers.items()}
    return extend_schema(
        operation_id=operation_id,
        tags=["catalogue"],
        parameters=list(parameters),
        request=request,
        responses={
            **good,
            **dict.fromkeys(refused, ErrorOutput),
        },
        examples=list(examples),
    )


def absolute(request: Request) -> dict[str, Any]:
    """The context of serializers that show addresses."""
    return {"absolute": request.build_absolute_uri}
