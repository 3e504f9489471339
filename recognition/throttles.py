"""How often one caller may search or judge, on the pages as through the API."""

from django.conf import settings
from django.http import HttpRequest

from api.callers import caller_of
from api.rates import parse_rate, spend


def seconds_to_wait(request: HttpRequest, rate: str = "search") -> int | None:
    """None while a page may go on; otherwise how long its caller has to wait."""
    spent = spend(f"{rate}|{caller_of(request)}", parse_rate(settings.API_RATES[rate]))
    return None if spent.allowed else max(1, round(spent.wait))
