"""The base of the API's views."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.metadata import SimpleMetadata
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import ListField, Serializer

from api.authentication import KeyAuthentication
from api.once import once
from api.permissions import KeyHasScope
from api.scopes import Scope
from api.sparse import wanted_fields
from api.throttles import ScopeThrottle, count_as

# What any list or row takes in its address, whatever it is of.
IN_ANY_ADDRESS = frozenset({"cursor", "limit", "ordering", "fields", "include", "format"})
_UNSAFE = ("post", "put", "patch", "delete")


class PlainMetadata(SimpleMetadata):
    """What a view is and takes. Its fields are in the API's document: there is no one serializer."""

    def determine_metadata(self, _request: Any, view: Any) -> Any:
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
        }


class ApiView(GenericAPIView):
    """For those with a key or a session. `reads` and `writes` name the scopes that a key needs; each
    unsafe method runs once an `Idempotency-Key` by itself (`api.once`).

    `rate` names a rate of `API_RATES` of its own, where the scope's is not meant.
    """

    reads: Scope | None = None
    writes: Scope | None = None
    rate: str | None = None
    keeps_own_keys = False
    authentication_classes = (KeyAuthentication, SessionAuthentication)
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated, KeyHasScope)
    throttle_classes = (ScopeThrottle,)
    metadata_class = PlainMetadata

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in _UNSAFE:
            if name in cls.__dict__:
                setattr(cls, name, once(cls.__dict__[name]))

    def calls_of(self, request: Any) -> int:  # noqa: ARG002
        """How many calls a call counts for."""
        return 1

    def check_throttles(self, request: Any) -> None:
        """Counted before anything of the work is begun, its transaction included: a count inside of
        that would be taken back with a refusal, and keep others of the same caller waiting.
        """
        super().check_throttles(request)
        count_as(request, self, self.calls_of(request))

    def scope_of(self, method: str | None) -> Scope | None:
        return self.reads if method in SAFE_METHODS else self.writes

    def page(
        self,
        rows: QuerySet[Any],
        output: type[Serializer],
        context: Mapping[str, Any] | None = None,
        *,
        loads: Callable[[list[Any]], None] | None = None,
    ) -> Response:
        """A page of a list; of each row the fields that were asked for (`api.sparse`). `loads`
        attaches to its rows what they show beside their columns.
        """
        only = wanted_fields(self.request, output)
        shown = list(self.paginate_queryset(rows) or [])
        if loads is not None:
            loads(shown)
        data = output(shown, many=True, context={**(context or {}), "only": only}).data
        return self.get_paginated_response(data)

    def one(
        self, row: Any, output: type[Serializer], context: Mapping[str, Any] | None = None
    ) -> Response:
        """One row; the fields that were asked for."""
        only = wanted_fields(self.request, output)
        return Response(output(row, context={**(context or {}), "only": only}).data)


class OpenApiView(ApiView):
    """For everybody; a key or a session is looked at where there is one."""

    permission_classes = (KeyHasScope,)


def valid(serializer: type[Serializer], data: Any, **context: Any) -> dict[str, Any]:
    """A body that was sent, as the serializer understands it.

    Raises:
        ValidationError: says what is wrong in which field.
    """
    refuse_unknown(data, serializer().fields)
    return _validated(serializer, data, context)


def asked(serializer: type[Serializer], request: Any, **context: Any) -> dict[str, Any]:
    """As `valid`, of the query of an address: a name without a value is a value that is empty, and not
    one that was left out.
    """
    given, fields = request.query_params, serializer().fields
    refuse_unknown(given, {*fields, *IN_ANY_ADDRESS})
    # Several values are what a list is made of; of any other the last counts.
    lists = {name for name, field in fields.items() if isinstance(field, ListField)}
    data = {name: given.getlist(name) if name in lists else given[name] for name in given}
    return _validated(serializer, data, context)


def refuse_unknown(given: Any, known: Collection[str]) -> None:
    """
    Raises:
        ValidationError: a name that is not known: mistyped, it would be left out without a word.
    """
    if not isinstance(given, Mapping):
        return  # what it is instead, the serializer says
    # A form of our own pages brings a token against forged requests.
    unknown = next((name for name in given if name not in {*known, "csrfmiddlewaretoken"}), None)
    if unknown is not None:
        text = _("This is not known here. Known: %(known)s.") % {"known": ", ".join(sorted(known))}
        raise ValidationError({str(unknown)[:50]: [ErrorDetail(text, code="unknown_field")]})


def _validated(
    serializer: type[Serializer], data: Any, context: Mapping[str, Any]
) -> dict[str, Any]:
    given = serializer(data=data, context=dict(context))
    given.is_valid(raise_exception=True)
    return given.validated_data
