"""What the views of recognition's rows have in common."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated

from api.errors import ErrorOutput
from api.permissions import KeyHasScope
from api.scopes import Scope
from api.sparse import FIELDS
from api.views import ApiView


class MayLook(BasePermission):
    """Asks for the permission that the view `needs`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.has_perm(view.needs))


class RowsView(ApiView):
    """Rows for those who may look at them; `needs` names the permission."""

    reads = Scope.RECOGNISE
    needs = ""
    permission_classes = (IsAuthenticated, KeyHasScope, MayLook)


def shows(operation_id: str, output: Any, *query: Any, conflict: bool = False) -> Any:
    """The description of a call that reads; 404 also answers a place in a list that is none."""
    refusals = [401, 403, 404, 409] if conflict else [401, 403, 404]
    return extend_schema(
        operation_id=operation_id,
        tags=["recognition"],
        parameters=[*query, FIELDS],
        responses={200: output, **dict.fromkeys(refusals, ErrorOutput)},
    )
