"""Rates of the API: for each caller (key, person or address) and each scope its own."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

from api.callers import caller_of
from api.models import ApiKey
from api.rates import Spent, parse_rate, spend


class ScopeThrottle(BaseThrottle):
    """Counts by the scope that the call needs; of callers without a key by the view's own `rate`,
    where it has one.
    """

    spent: Spent | None = None

    def allow_request(self, request: Any, view: Any) -> bool:
        name = self.rate_name(request, view)
        if name is None:
            return True
        self.spent = spend_of(name, request)
        return self.spent.allowed

    def rate_name(self, request: Any, view: Any) -> str | None:
        own: str | None = None if isinstance(request.auth, ApiKey) else view.rate
        return own or view.scope_of(request.method)

    def wait(self) -> float | None:
        return self.spent.wait if self.spent is not None else None


def count_as(request: Any, view: Any, calls: int) -> None:
    """Lets a call, which was counted as one when it came, count as so many. Known only once it was
    read, and who calls too often should not have it read.

    Raises:
        Throttled: that is more than its caller may now.
    """
    name = ScopeThrottle().rate_name(request, view) if calls > 1 else None
    # What is left of the whole, so that a call of more than the rate can be made at all.
    further = min(calls, parse_rate(settings.API_RATES[name]).number) - 1 if name else 0
    if name is None or further < 1:
        return
    spent = spend_of(name, request, further)
    if not spent.allowed:
        raise Throttled(wait=spent.wait)


def spend_of(name: str, request: Any, calls: int = 1) -> Spent:
    """Spends of a rate of `API_RATES`, on whoever calls."""
    return spend(f"{name}|{caller_of(request)}", parse_rate(settings.API_RATES[name]), calls)
