"""A receiver for tests: a real HTTP server on loopback that remembers what it was sent."""

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    path: str

    def verified(self, secret: str) -> Any:
        """The payload, checked by the standard's own library."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers `status` with `answer` and `headers`, after `wait` seconds."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    wait: float = 0.0
    received: list[Received] = field(default_factory=list)
    # Takes the raw connection instead of answering, where a test has its own idea.
    instead: Callable[[Any], None] | None = None
    # A file with its certificate and key, where it speaks TLS.
    tls: Path | None = None
    at_once: int = 0
    most_at_once: int = 0
    lock: Any = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    def payloads(self, secret: str) -> list[Any]:
        return [each.verified(secret) for each in self.received]

    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.received]


def self_signed(folder: Path, name: str) -> Path:
    """A certificate for a name that vouches for itself, with its key in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("No openssl here. Debian: apt install openssl")
    file = folder / "site.pem"
    key = folder / "key.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-keyout", str(key), "-out", str(file),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + key.read_text())
    return file


@contextmanager
def receiver(**settings: Any) -> Iterator[Receiver]:
    site = Receiver(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with site.lock:
                site.received.append(Received(headers, body, self.path))
                site.at_once += 1
                site.most_at_once = max(site.most_at_once, site.at_once)
            try:
                time.sleep(site.wait)
                if site.instead is not None:
                    site.instead(self)
                    return
                self.send_response(site.status)
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(site.answer)))
                self.end_headers()
                self.wfile.write(site.answer)
            except OSError:
                pass  # the sender had enough
            finally:
                with site.lock:
                    site.at_once -= 1

        do_GET = do_POST  # noqa: N815 - the name is http.server's

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if site.tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(site.tls)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *_args: None  # a client that hangs up is what is tested
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
