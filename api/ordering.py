"""Lists in the order that a caller wants, as `?ordering=-id`.

Only by columns without duplicates: a page begins where the last one ended, which a value that many
rows share does not say.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError

_NAME = "ordering"
_BY_AGE = ("id", "-id")


def orders(*names: str) -> OpenApiParameter:
    """The parameter, for the API's document; without names: by age."""
    return OpenApiParameter(
        name=_NAME,
        type={"type": "string", "enum": list(names or _BY_AGE)},
        description="In which order; a minus turns it round. `id` is the order in which rows came.",
    )


def ordered(view: Any, rows: QuerySet[Any], *names: str) -> QuerySet[Any]:
    """Lets the view's pages be in the order that was asked for, one of the names (by age without).

    Raises:
        ValidationError: it is another, and these are listed.
    """
    known = names or _BY_AGE
    wanted = view.request.query_params.get(_NAME)
    if wanted is None:
        return rows
    if wanted not in known:
        text = _("Rows cannot be ordered by “%(name)s”, only by: %(known)s.") % {
            "name": wanted[:50],
            "known": ", ".join(known),
        }
        raise ValidationError({_NAME: [ErrorDetail(text, code="unknown_order")]})
    view.paginator.ordering = (wanted,)
    return rows
