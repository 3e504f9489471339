"""Pages of this admin that are not a model's form."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

_SECRETS = frozenset({"secret", "previous_secret"})


def admin_page(
    request: HttpRequest, model_admin: ModelAdmin, template: str, **context: Any
) -> HttpResponse:
    """A page in the frame of the admin. `title` is needed."""
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(
        request,
        f"admin/webhooks/{template}",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "model_admin": model_admin,
            "is_popup": False,
            **context,
        },
    )


def ask(request: HttpRequest, model_admin: ModelAdmin, **context: Any) -> HttpResponse:
    """A question whose button does it: `title`, `help`, `submit_text` and `back_url`."""
    return admin_page(request, model_admin, "ask.html", **context)


class NoOracle:
    """Refuses to filter by secrets, through whatever relation: what a list can be asked by its
    address, `?secret__startswith=`, is read letter by letter.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        if not _SECRETS.isdisjoint(lookup.split(LOOKUP_SEP)):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]
