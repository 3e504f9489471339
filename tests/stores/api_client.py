"""The API as somebody of a store calls it."""

import json
from typing import Any

from django.test import Client


class Api:
    def __init__(self, user: Any) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path if path.startswith("http") else f"/api/v1/{path}", query)

    def post(self, path: str, data: Any = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"/api/v1/{path}",
            data if isinstance(data, str) else json.dumps(data or {}),
            content_type="application/json",
            headers=headers,
        )


def errors(answer: Any) -> list[tuple[str, str | None]]:
    body = answer.json()
    assert set(body) == {"type", "errors"}
    return [(each["code"], each["attr"]) for each in body["errors"]]
