"""Which addresses may be sent to: whoever names an address must not reach our own network by it.

Knows no Django. What a name leads to is looked up by us, judged, and then connected to by the very
address that was judged, so that a name which says something else a moment later gains nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from webhooks.words import Words
from webhooks.words import gettext_noop as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# (host, port) -> addresses as text, in the order in which to try them
Resolver = Callable[[str, int], list[str]]

# Only what is printable, ASCII and means the same to every reader of addresses.
_CLEAN = re.compile(r"[!-~]+")
_DOUBTFUL = set("\\\"'<>^`{|}")
# The part of IPv6 that is given out; nearly all else is private, reserved or a wrapped IPv4.
_IPV6_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_CARRIER = ipaddress.IPv4Network("100.64.0.0/10")
_OUR_OWN = (
    *(ipaddress.ip_network(each) for each in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
    )),
    _CARRIER,
)  # fmt: skip
# Where clouds keep their secrets, beside link-local addresses: in ranges that are private, shared or
# even public, and so never reached whatever else is allowed.
_NEVER = frozenset(
    ipaddress.ip_address(each) for each in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)


class Refused(Exception):
    """An address is not sent to; `words` say why, and are shown to staff."""

    def __init__(self, template: str, **params: object) -> None:
        self.words = Words(template, **params)
        super().__init__(self.words)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: what to connect to, and what to ask for there."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def look_up(host: str, port: int) -> list[str]:
    """By the system's resolver, which also reads numbers in any spelling (`0x7f.1`, `2130706433`).

    Raises:
        OSError, UnicodeError: there is no such name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check(
    url: str, *, allow_http: bool, allow_private: bool, resolver: Resolver | None = None
) -> Target:
    """What a URL leads to.

    Raises:
        Refused: it is no address that may be sent to.
    """
    scheme, host, port, path = _parts(url, allow_http=allow_http)
    try:
        # Looked up by name at the call, so that it can be replaced.
        addresses = (resolver or look_up)(host, port)
    except (OSError, UnicodeError) as error:
        raise Refused(_("The host %(host)s is not known."), host=host) from error
    if not addresses:
        raise Refused(_("The host %(host)s is not known."), host=host)
    for address in addresses:
        # One that leads astray spoils the rest: which one is taken would be chance.
        if not may_reach(address, allow_private=allow_private):
            raise Refused(
                _("%(host)s leads to %(address)s, which is not an address on the internet."),
                host=host,
                address=address,
            )
    return Target(scheme, host, port, path, tuple(addresses))


def _parts(url: str, *, allow_http: bool) -> tuple[str, str, int, str]:
    if not _CLEAN.fullmatch(url) or _DOUBTFUL & set(url):
        raise Refused(
            _(
                "An address has plain characters and no blanks; others are written as %%XX, and a"
                " host's as xn--."
            )
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(_("This is no address.")) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(_("An address begins with https:// and a host."))
    if parts.scheme == "http" and not allow_http:
        raise Refused(_("An address begins with https://, so that nobody reads along."))
    if "@" in parts.netloc:
        raise Refused(_("An address holds no user name and no password."))
    if "%" in parts.netloc or parts.fragment:
        raise Refused(_("An address has no %% in its host and no # part."))
    if port == 0:
        raise Refused(_("Port 0 is none."))
    path = parts.path or "/"
    return (
        parts.scheme,
        parts.hostname,
        port or {"https": 443, "http": 80}[parts.scheme],
        f"{path}?{parts.query}" if parts.query else path,
    )


def may_reach(text: str, *, allow_private: bool) -> bool:
    """Whether an address is one of the internet; with `allow_private`, of our own network or
    machine too. Where clouds keep their secrets, as at link-local ones, is never reached.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # as with a zone, fe80::1%eth0
        return False
    if address in _NEVER:
        return False
    for wrapped in _wrapped(address):
        if not may_reach(str(wrapped), allow_private=allow_private):
            return False
    if allow_private and any(address in network for network in _OUR_OWN):
        return True
    if _is_a_wrapper(address):
        return True
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _IPV6_GIVEN_OUT:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _wrapped(address: Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]


def _is_a_wrapper(address: Address) -> bool:
    """Whether an address is nothing but another spelling of what it wraps."""
    return isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or address in _NAT64
    )
