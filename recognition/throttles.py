"""How often one caller may search or judge, on the pages as through the API."""

from django.http import HttpRequest
from django.utils.translation import ngettext

from api.throttles import spend_of

_MINUTES_FROM = 90


def seconds_to_wait(request: HttpRequest, rate: str = "search") -> int | None:
    """None while a page may go on; otherwise how long its caller has to wait."""
    return spend_of(rate, request).retry_after


def too_often(wait: int) -> str:
    """What a page says to who has to wait so many seconds."""
    if wait > _MINUTES_FROM:
        minutes = -(-wait // 60)
        return ngettext(
            "You are searching very fast. Go on in %(minutes)d minute.",
            "You are searching very fast. Go on in %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
    return ngettext(
        "You are searching very fast. Go on in %(seconds)d second.",
        "You are searching very fast. Go on in %(seconds)d seconds.",
        wait,
    ) % {"seconds": wait}
