"""Partners' programs, as they call the API with a key."""

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client

from accounts.roles import PARTNER
from api.models import ApiKey
from api.scopes import Scope
from tests.factories import person

ALL = tuple(Scope.values)


class Program:
    """Calls with a key, by JSON."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def send(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        body = "" if data is None else json.dumps(data)
        return self.client.generic(
            method, f"/api/v1/{path}", body, content_type="application/json", headers=headers
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.send("POST", path, data, **headers)


def key_of(user: Any, scopes: Iterable[str] = ALL, **fields: Any) -> tuple[ApiKey, str]:
    return ApiKey.objects.issue(
        user=user, name=fields.pop("name", "Nightly"), scopes=scopes, **fields
    )


def program(user: Any = None, scopes: Iterable[str] = ALL, **fields: Any) -> Program:
    return Program(key_of(user or person(PARTNER), scopes, **fields)[1])


def error(answer: Any) -> tuple[int, str, str | None]:
    """(status, code, attr) of the first error."""
    body = answer.json()
    assert set(body) == {"type", "errors"}, body
    return answer.status_code, body["errors"][0]["code"], body["errors"][0]["attr"]
