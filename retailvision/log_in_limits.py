"""How often somebody may try to log in: guessing a password has to take longer than anybody waits."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import ngettext

from accounts.views import LogIn
from api.callers import address_of
from api.rates import parse_rate, spend

_PAGES = {"accounts:login", "admin:login"}


class LogInRateMiddleware:
    """Counts each attempt on the site's own page and on the admin's, by address and by user name: many
    names are tried from one address, and one name from many.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        if request.method != "POST" or match is None or match.view_name not in _PAGES:
            return None
        wait = _seconds_to_wait(request)
        return None if wait is None else _refuse(request, wait)


def _seconds_to_wait(request: HttpRequest) -> int | None:
    # A digest: of any length, and nobody's name, or what was typed for it, is kept.
    name = sha256(request.POST.get("username", "").strip().casefold().encode()).hexdigest()
    for kind, caller in (("address", address_of(request)), ("name", name)):
        spent = spend(f"log_in|{kind}:{caller}", parse_rate(settings.LOG_IN_RATES[kind]))
        if not spent.allowed:
            return spent.retry_after
    return None


def _refuse(request: HttpRequest, wait: int) -> HttpResponseBase:
    """The form once more, of either page; no password is looked at."""

    class Refused(AuthenticationForm):
        def clean(self) -> dict[str, Any]:
            text = ngettext(
                "Too many attempts to log in. Try again in %(seconds)d second.",
                "Too many attempts to log in. Try again in %(seconds)d seconds.",
                wait,
            )
            raise ValidationError(text % {"seconds": wait}, code="too_often")

    response = LogIn.as_view(authentication_form=Refused)(request)
    response.status_code = 429
    response["Retry-After"] = str(wait)
    return response.render() if isinstance(response, TemplateResponse) else response
