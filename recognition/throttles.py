"""How often one caller may search, on the page and through the API together."""

from typing import Any

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle


class SearchThrottle(SimpleRateThrottle):
    """By address: the one that `RETAILVISION_TRUSTED_PROXIES` says can be believed."""

    scope = "search"

    def get_cache_key(self, request: Any, view: Any) -> str | None:  # noqa: ARG002
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


class FeedbackThrottle(SearchThrottle):
    """Of judging answers, by page and API together; guesses at tokens count too."""

    scope = "feedback"


def seconds_to_wait(
    request: HttpRequest, throttle_class: type[SearchThrottle] = SearchThrottle
) -> int | None:
    """None while a page may go on; otherwise how long its caller has to wait."""
    throttle = throttle_class()
    if throttle.allow_request(request, None):  # type: ignore[arg-type]
        return None
    return max(1, round(throttle.wait() or 1))
