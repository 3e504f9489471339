"""Who calls: a key, a person with a session, or an address."""

from typing import Any

from rest_framework.throttling import BaseThrottle

from api.models import ApiKey


def caller_of(request: Any) -> str:
    """A short name that stands for whoever calls, the same from call to call."""
    auth = getattr(request, "auth", None)
    if isinstance(auth, ApiKey):
        return f"key:{auth.pk}"
    return person_of(request)


def person_of(request: Any) -> str:
    """As `caller_of`, but the person behind a key: for what outlives the key, which may be renewed
    between a call and its repeat.
    """
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"address:{address_of(request)}"


def address_of(request: Any) -> str:
    """The address that `RETAILVISION_TRUSTED_PROXIES` says can be believed."""
    return str(BaseThrottle().get_ident(request))[:80]
