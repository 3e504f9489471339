"""One POST to a checked address: no redirects, no proxies, bounded in time and in what is read.

Knows no Django, and runs in a thread. Straight on http.client: what connects must be the address
that was judged, and what limits the time must hold for the whole, not for each read.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore, Thread, Timer
from time import monotonic

from webhooks import addresses
from webhooks.addresses import Refused, Resolver, Target, check
from webhooks.words import Words
from webhooks.words import gettext_noop as _

# Of an answer that is no text of a person's: bytes for the characters that are kept.
_BYTES_PER_CHARACTER = 4
_REDIRECTS = range(300, 400)
_WELL = range(200, 300)
# Of one process, those that are left behind included.
_MOST_LOOKUPS = 64
_lookups = BoundedSemaphore(_MOST_LOOKUPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is allowed, and how long and how much at most."""

    allow_http: bool
    allow_private: bool
    connect_seconds: float
    total_seconds: float
    answer_characters: int
    user_agent: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `status` is None where nothing came; then `error` says why."""

    status: int | None
    milliseconds: int
    error: Words | None = None
    text: str = ""
    retry_after: str = ""

    @property
    def delivered(self) -> bool:
        return self.status in _WELL


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    rules: Rules,
    resolver: Resolver | None = None,
) -> Answer:
    """Posts a body. Whatever goes wrong is in the answer; nothing is raised."""
    started = monotonic()

    def answer(
        status: int | None, error: Words | None, text: str = "", retry_after: str = ""
    ) -> Answer:
        return Answer(status, round((monotonic() - started) * 1000), error, text, retry_after)

    deadline = _Deadline(rules.total_seconds)
    try:
        target = check(
            url,
            allow_http=rules.allow_http,
            allow_private=rules.allow_private,
            resolver=_within(deadline, resolver),
        )
    except Refused as error:
        if deadline.is_over:
            late = _("The host was not looked up within %(seconds)g seconds.")
            return answer(None, Words(late, seconds=rules.total_seconds))
        return answer(None, error.words)
    try:
        connection = _connect(target, rules, deadline)
        try:
            return answer(
                *_exchange(
                    connection, target, body, headers=headers, rules=rules, deadline=deadline
                )
            )
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        if deadline.is_over:
            late = _("No answer within %(seconds)g seconds.")
            return answer(None, Words(late, seconds=rules.total_seconds))
        return answer(None, _in_words(error, target))
    finally:
        deadline.close()


def _within(deadline: "_Deadline", resolver: Resolver | None) -> Resolver:
    """A resolver that keeps a deadline. The system's cannot be interrupted, so it looks up in a thread
    that is left behind when time is over, and that ends by itself; there are so many at most.
    """

    def look_up(host: str, port: int) -> list[str]:
        found: Future[list[str]] = Future()

        def work() -> None:
            try:
                found.set_result((resolver or addresses.look_up)(host, port))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                found.set_exception(error)
            finally:
                _lookups.release()

        if not _lookups.acquire(timeout=deadline.left):
            deadline.is_over = True
            raise TimeoutError
        Thread(target=work, name="webhook-lookup", daemon=True).start()
        try:
            return found.result(deadline.left)
        except TimeoutError:
            # The resolver may have said so itself.
            deadline.is_over = not found.done()
            raise

    return look_up


class _Deadline:
    """Ends a connection when its time is over, whatever it waits for: a peer that sends a byte now
    and then would outlast every limit on single reads.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._end = monotonic() + seconds
        self._line: socket.socket | None = None
        self._timer: Timer | None = None

    @property
    def left(self) -> float:
        return max(self._end - monotonic(), 0.01)

    def watch(self, connected: socket.socket) -> None:
        # By a handle of its own: the other is taken over by TLS and closed by its reader.
        self._line = connected.dup()
        self._timer = Timer(self.left, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.is_over = True
        if self._line is not None:
            with suppress(OSError):  # closed already
                self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()  # what it shuts down is not another's by then
        if self._line is not None:
            self._line.close()


def _connect(target: Target, rules: Rules, deadline: _Deadline) -> http.client.HTTPConnection:
    """A connection to one of the addresses that were judged, and to no other."""
    connected = None
    for position, address in enumerate(target.addresses):
        try:
            connected = socket.create_connection(
                (address, target.port), timeout=min(rules.connect_seconds, deadline.left)
            )
            break
        except OSError:
            if position == len(target.addresses) - 1 or deadline.left < rules.connect_seconds:
                raise
    if connected is None:  # there is at least one address
        raise OSError("there is no address")
    try:
        deadline.watch(connected)
        connected.settimeout(rules.total_seconds)
        if target.scheme == "https":
            context = ssl.create_default_context()
            connected = context.wrap_socket(connected, server_hostname=target.host)
    except BaseException:
        connected.close()
        raise
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = connected
    return connection


def _exchange(
    connection: http.client.HTTPConnection,
    target: Target,
    body: bytes,
    *,
    headers: Mapping[str, str],
    rules: Rules,
    deadline: _Deadline,
) -> tuple[int, Words | None, str, str]:
    connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    own = {
        "Host": target.host_header,
        "User-Agent": rules.user_agent,
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    for name, value in {**own, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    if deadline.is_over:  # its headers ended because they were cut off
        raise TimeoutError
    status = response.status
    text = _beginning(response, rules.answer_characters)
    error = None
    if status in _REDIRECTS:
        error = Words(
            _("It answers with a redirect, which is not followed. Enter the address itself.")
        )
    elif status not in _WELL:
        error = Words(_("It answers %(status)d."), status=status)
    return status, error, text, (response.getheader("Retry-After") or "")[:100]


def _beginning(response: http.client.HTTPResponse, characters: int) -> str:
    """The first characters of an answer; what cannot be read is no failure, since its status was."""
    try:
        data = response.read(characters * _BYTES_PER_CHARACTER)
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    # NUL is no text to PostgreSQL.
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")[:characters]


def _in_words(error: Exception, target: Target) -> Words:
    if isinstance(error, ssl.SSLCertVerificationError):
        held = _("The certificate of %(host)s does not hold: %(reason)s.")
        return Words(held, host=target.host, reason=error.verify_message)
    if isinstance(error, TimeoutError):
        return Words(_("%(host)s cannot be reached: no connection in time."), host=target.host)
    if isinstance(error, ConnectionRefusedError):
        closed = _("%(host)s refuses connections at port %(port)d.")
        return Words(closed, host=target.host, port=target.port)
    if isinstance(error, http.client.RemoteDisconnected):
        return Words(_("%(host)s closed the connection without an answer."), host=target.host)
    detail = str(error) or type(error).__name__
    # What a peer sends may stand in such a text.
    detail = "".join(c if c.isprintable() else "?" for c in detail)
    return Words("%(host)s: %(detail)s", host=target.host, detail=detail)
