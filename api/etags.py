"""Versions of what is read, so that nobody overwrites what they have not seen (RFC 9110)."""

import hashlib
import json
import re
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from api.errors import PreconditionFailed, PreconditionRequired

_TAGS = re.compile(r'(?:W/)?"([^"]*)"')


def etag_of(data: Any) -> str:
    """A strong entity tag of what is shown, as `"3f2a..."`."""
    text = json.dumps(data, sort_keys=True, cls=JSONEncoder)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(request: Any, current: str, *, length: int | None = None) -> None:
    """Whether the caller means the version that is there. `length`: how many characters of a tag
    name what a caller could change; the rest changes by itself, as a photo's state does.

    Raises:
        PreconditionRequired: the caller did not say which version is meant.
        PreconditionFailed: it is another one by now.
    """
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted:
        raise PreconditionRequired
    known = [each[:length] for each in _strong(wanted)]
    if wanted != "*" and current.strip('"')[:length] not in known:
        raise PreconditionFailed


def is_unchanged(request: Any, current: str) -> bool:
    """Whether the caller has this version already (`If-None-Match`), so that 304 will do."""
    known = request.headers.get("If-None-Match", "").strip()
    return known == "*" or current.strip('"') in _TAGS.findall(known)


def _strong(header: str) -> list[str]:
    # A weak tag only says that two versions are as good as the same; a change asks for more.
    return [each.group(1) for each in _TAGS.finditer(header) if not each.group().startswith("W/")]
