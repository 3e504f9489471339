"""The API's catalogue as a program calls it."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart

from accounts.roles import CATALOGUE_EDITOR, PARTNER
from api.models import ApiKey
from api.scopes import Scope
from tests.factories import person
from tests.pictures import product_photo
from tests.products.api.document import assert_documented

BOUNDARY = "boundary"


class Api:
    """By a key of `user`, with these scopes; `key=False`: by a session. Every answer must be one that
    the API's document tells of.
    """

    def __init__(self, user: Any, *scopes: str, key: bool = True) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if not key:
            self.client.force_login(user)
            return
        _row, secret = ApiKey.objects.issue(
            user=user, name="ERP", scopes=list(scopes or Scope.values)
        )
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, address: str, /, headers: dict[str, str] | None = None, **query: Any) -> Any:
        answer = self.client.get(_url(address), query, headers={**self.headers, **(headers or {})})
        assert_documented(answer)
        return answer

    def send(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """JSON, or text that stands for itself; `If_Match` as `If-Match`."""
        answer = self.client.generic(
            method,
            _url(path),
            data if isinstance(data, str) else json.dumps({} if data is None else data),
            content_type="application/json",
            headers=self._headers(headers),
        )
        assert_documented(answer)
        return answer

    def form(self, path: str, data: Any, boundary: str = BOUNDARY, **headers: str) -> Any:
        answer = self.client.generic(
            "POST",
            _url(path),
            encode_multipart(boundary, data),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=self._headers(headers),
        )
        assert_documented(answer)
        return answer

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}


def _url(path: str) -> str:
    return path if path.startswith("http") else f"/api/v1/{path}"


def partner(*scopes: str) -> Api:
    return Api(person(PARTNER), *scopes)


def editor() -> Api:
    return Api(person(CATALOGUE_EDITOR))


def upload(seed: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{seed}.jpg", product_photo(seed))


def errors(answer: Any) -> list[tuple[str, str | None]]:
    body = answer.json()
    assert set(body) == {"type", "errors"}
    return [(each["code"], each["attr"]) for each in body["errors"]]


def new(sku: str = "A-1", **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "name": "Lamp", "category": "Home/Lamps", **fields}
