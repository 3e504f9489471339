"""The way from the browser to the site, which a test can cut."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_CHUNK = 65536


class Wire:
    """Passes connections on to a server. `is_up`: it passes them. `is_deaf`: what the browser sends
    still arrives, but no answer comes back; the connection ends where it would begin.
    """

    def __init__(self, server_url: str) -> None:
        self._server = (urlsplit(server_url).hostname, urlsplit(server_url).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"
        self.is_up, self.is_deaf = True, False
        # How many answers got lost.
        self.lost = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self.is_up = False
            for each in list(self._open):
                _end(each)

    def mend(self) -> None:
        if not self.is_up:
            self._wait_for_all_refused()
        self.is_up, self.is_deaf = True, False

    def _wait_for_all_refused(self) -> None:
        """What the browser sent while the wire was cut may still stand in the queue of the listener, and
        would get through after all. Connections are taken in their order, so ours comes after it.
        """
        with (
            contextlib.suppress(OSError),
            socket.create_connection(self._listener.getsockname()) as ours,
        ):
            ours.settimeout(10)
            ours.recv(1)

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _address = self._listener.accept()
                with self._lock:  # or a connection that is being made would outlive the cut
                    if self.is_up:
                        self._join(browser)
                    else:
                        _end(browser)

    def _join(self, browser: socket.socket) -> None:
        site = socket.create_connection(self._server)
        self._open |= {browser, site}
        for come, go in ((browser, site), (site, browser)):
            threading.Thread(target=self._pump, args=(come, go), daemon=True).start()

    def _pump(self, come: socket.socket, go: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := come.recv(_CHUNK):
                if self.is_deaf and come.getpeername()[1] == self._server[1]:
                    self.lost += 1
                    break
                go.sendall(data)
        _end(come)
        _end(go)
        self._open -= {come, go}


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def wire_to(server_url: str) -> Iterator[Wire]:
    wire = Wire(server_url)
    try:
        yield wire
    finally:
        wire.close()
