"""A call with an `Idempotency-Key` is done once, however often it is sent.

The work and its answer are written in one transaction, so that a kill in between leaves neither.
Who sends the same call meanwhile waits for that transaction, and gets its answer.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from api.callers import person_of
from api.errors import Conflict
from api.models import FinishedCall
from api.retrying import retry_when_lost
from api.stored_files import atomic_with_files

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH = 200
REPLAYED_HEADER = "Idempotency-Replayed"
_KEPT_HEADERS = ("ETag", "Location")
# A repeat waits so long for the first to end; then it is told to come back.
_WAIT = "10s"
# An answer of 1,000 lines has some 300 kB. A longer one is not kept, and its call would be done anew.
_MOST_BODY = 2_000_000
_LOCK_NOT_AVAILABLE = "55P03"

Handler = Callable[..., Response]


def idempotency_key(request: Any) -> str:
    """The key that a request brings; empty where it has none.

    Raises:
        ValidationError: it is too long, or holds characters that no header should.
    """
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > KEY_LENGTH:
        text = _("An idempotency key has at most %(most)d characters.") % {"most": KEY_LENGTH}
        raise ValidationError({KEY_HEADER: [ErrorDetail(text, code="max_length")]})
    if not (key.isascii() and key.isprintable()):
        text = _("An idempotency key is of ASCII letters, digits and signs.")
        raise ValidationError({KEY_HEADER: [ErrorDetail(text, code="invalid")]})
    return key


def once(handler: Handler) -> Handler:
    """Runs a view's method once a key. Without a key, as it is.

    A view with `keeps_own_keys` has a use case that remembers the key in its own rows (the ledger):
    it runs in its own transaction, and only its answer is kept here.
    """

    @wraps(handler)
    def run(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = idempotency_key(request)
        # Of those without a key or a session nothing says who is who: a neighbour behind the same
        # address would get another's answer.
        if not key or not request.user.is_authenticated:
            return handler(view, request, *args, **kwargs)
        call = _Call(person_of(request), key, fingerprint(request))

        def work() -> Response:
            for _name, files in request.FILES.lists():  # a name may stand for several
                for file in files:
                    file.seek(0)  # the digest, or a run that lost, has read it
            return handler(view, request, *args, **kwargs)

        if getattr(view, "keeps_own_keys", False):
            return _remembered(call, work)
        return _in_one_transaction(call, work)

    return run


@dataclass(frozen=True, slots=True)
class _Call:
    caller: str
    key: str
    fingerprint: str


class _Undone(Exception):
    """Takes the transaction back; the answer is an error that was returned and not raised."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def _in_one_transaction(call: _Call, work: Callable[[], Response]) -> Response:
    try:
        return _claimed(call, work)
    except _Undone as undone:
        return undone.response


@retry_when_lost
def _claimed(call: _Call, work: Callable[[], Response]) -> Response:
    with atomic_with_files():  # files go with the rows where the whole is taken back
        _claim(call)
        kept = FinishedCall.objects.get(caller=call.caller, key=call.key)
        if kept.status is not None:
            return _again(kept, call)
        response = work()
        if response.status_code >= 300:
            raise _Undone(response)
        _keep(kept, response)
        return response


def _remembered(call: _Call, work: Callable[[], Response]) -> Response:
    kept = FinishedCall.objects.filter(caller=call.caller, key=call.key).first()
    if kept is not None:
        return _again(kept, call)
    response = work()
    if response.status_code < 300:
        row = FinishedCall(caller=call.caller, key=call.key, fingerprint=call.fingerprint)
        _fill(row, response)
        if len(row.body) <= _MOST_BODY:
            FinishedCall.objects.bulk_create([row], ignore_conflicts=True)
    return response


def _claim(call: _Call) -> None:
    """Writes the row of a call, unless it is there; waits for who is just writing it.

    Raises:
        Conflict: the first is still at work.
    """
    row = FinishedCall(caller=call.caller, key=call.key, fingerprint=call.fingerprint)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
        with transaction.atomic():
            FinishedCall.objects.bulk_create([row], ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        text = _("The first of these requests is still at work. Send it again in a few seconds.")
        raise Conflict(text, "request_in_progress") from error


def _again(kept: FinishedCall, call: _Call) -> Response:
    if kept.fingerprint != call.fingerprint:
        raise Conflict(
            _("This idempotency key belongs to another request. Give each request its own."),
            "idempotency_key_reused",
        )
    data = json.loads(kept.body) if kept.body else None
    return Response(data, status=kept.status, headers={**kept.headers, REPLAYED_HEADER: "true"})


def _keep(row: FinishedCall, response: Response) -> None:
    _fill(row, response)
    if len(row.body) > _MOST_BODY:
        row.delete()
    else:
        row.save(update_fields=["status", "headers", "body"])


def _fill(row: FinishedCall, response: Response) -> None:
    row.status = response.status_code
    row.headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    row.body = "" if response.data is None else json.dumps(response.data, cls=JSONEncoder)


def fingerprint(request: Any) -> str:
    """A digest of what is asked: address, query and content, whatever its order or the boundary of
    its parts.
    """
    digest = hashlib.sha256()
    for part in (request.method, request.path, request.META.get("QUERY_STRING", "")):
        digest.update(f"{part}\n".encode("utf-8", "surrogateescape"))
    digest.update(json.dumps(_plain(request.data), sort_keys=True, cls=JSONEncoder).encode())
    return digest.hexdigest()


def _plain(data: Any) -> Any:
    if hasattr(data, "lists"):  # of a form: each name may stand several times
        return {name: [_plain(each) for each in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        return {"sha256": _digest_of(data.chunks())}
    return data


def _digest_of(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
