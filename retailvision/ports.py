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


def address() -> str:
    return f"http://127.0.0.1:{port()}"


def port_is_free() -> bool:
    with socket.socket() as probe:
        # As gunicorn binds: a port that only lingers after its last user is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port()))
        except OSError:
            return False
    return True
