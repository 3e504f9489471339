"""The address that the site is served at on this machine."""

import os
import socket

from django.core.exceptions import ImproperlyConfigured


def port() -> int:
    value = os.environ.get("RETAILVISION_PORT") or "8000"
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 0 < number < 65_536:
        raise ImproperlyConfigured(f"RETAILVISION_PORT={value!r}: write a number from 1 to 65535.")
    return number


def bound() -> tuple[str, int]:
    """Host and port that gunicorn binds: `RETAILVISION_BIND`, or the port on this machine alone."""
    value = os.environ.get("RETAILVISION_BIND")
    if not value:
        return "127.0.0.1", port()
    host, separator, number = value.rpartition(":")
    if not separator or not number.isdigit():
        raise ImproperlyConfigured(
            f"RETAILVISION_BIND={value!r}: write an address and a port, as in 0.0.0.0:8000."
        )
    return host, int(number)


def address() -> str:
    """Where a browser on this machine finds the site."""
    host, number = bound()
    if host in {"0.0.0.0", "[::]", ""}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://{host}:{number}"


def port_is_free() -> bool:
    family = socket.AF_INET6 if bound()[0].startswith("[") else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn binds: a port that only lingers after its last user is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            host, number = bound()
            probe.bind((host.strip("[]"), number))
        except OSError:
            return False
    return True
