"""Ask a server whether it accepts connections, as libpq's PQping does.

PQping itself would hold up every thread of this process while a server hangs, since its Python
binding keeps the interpreter's lock; so the dozen bytes are sent from here.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

_PROTOCOL_3_0 = 196608
_TERMINATE = b"X\x00\x00\x00\x04"
# SQLSTATE cannot_connect_now: starting, recovering or shutting down.
_NOT_NOW = b"C57P03"


def accepts_connections(socket_path: Path, user: str, *, seconds: float = 5.0) -> bool:
    """Say whether a server behind the Unix socket takes connections, within `seconds` a step.

    An answer such as "too many connections" or "who are you?" is a yes: the server is up, and who
    connects next learns the rest.
    """
    startup = struct.pack("!i", _PROTOCOL_3_0) + f"user\0{user}\0database\0{user}\0\0".encode()
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(socket_path))
            connection.sendall(struct.pack("!i", len(startup) + 4) + startup)
            answer = connection.recv(4096)
            if answer[:1] == b"E":
                return _NOT_NOW not in answer.split(b"\0")
            if answer[:1] != b"R":
                return False
            # Leaving politely keeps the server's log free of lost connections.
            connection.sendall(_TERMINATE)
            while connection.recv(4096):
                pass
    except OSError:
        return False
    return True
