"""How often one caller may search or judge, on the pages as through the API."""

from django.http import HttpRequest

from api.throttles import spend_of


def seconds_to_wait(request: HttpRequest, rate: str = "search") -> int | None:
    """None while a page may go on; otherwise how long its caller has to wait."""
    spent = spend_of(rate, request)
    return None if spent.allowed else max(1, round(spent.wait))
