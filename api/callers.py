"""Who calls: a key, a person with a session, or an address."""

from ipaddress import ip_address, ip_network
from typing import Any

from rest_framework.throttling import BaseThrottle

from api.models import ApiKey

_OF_ONE_SUBSCRIBER = 64


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
    """The address that `RETAILVISION_TRUSTED_PROXIES` says can be believed; of IPv6 the half that one
    subscriber has all to himself.
    """
    text = str(BaseThrottle().get_ident(request))[:80]
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if address.version == 4:
        return text
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _OF_ONE_SUBSCRIBER), strict=False))
