"""`docs/openapi.yaml` is what the site serves, and says of every call what a partner needs."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from api.scopes import Scope

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_it_is_what_the_site_serves(tmp_path: Path) -> None:
    """Where this fails: `make openapi`, and look at what changed for partners."""
    file = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(file), validate=True, fail_on_warn=True)
    assert file.read_text(encoding="utf-8") == DOCUMENT.read_text(encoding="utf-8")


def test_it_is_served_without_a_key(db: None, client: Client, document: dict[str, Any]) -> None:
    served = yaml.safe_load(client.get("/api/schema/").content)
    assert served["paths"].keys() == document["paths"].keys()


def test_it_is_english_for_every_reader(db: None, client: Client) -> None:
    """A contract does not change with a browser; `detail` of an error does."""
    english = client.get("/api/schema/")
    russian = client.get("/api/schema/", headers={"accept-language": "ru"})
    assert russian.content == english.content
    assert russian["Content-Language"] == "en"
    asked = client.get(
        "/api/v1/whoami/", headers={"accept-language": "ru", "authorization": "Bearer no"}
    )
    (error,) = asked.json()["errors"]
    assert error["code"] == "authentication_failed"
    assert "ключ" in error["detail"]


def test_every_call_has_a_summary_and_the_one_error_shape(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation.get("description"), where
        assert {"400", "401", "429"} <= operation["responses"].keys(), where
        for status, response in operation["responses"].items():
            if status >= "400":
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorOutput"}, f"{where} {status}"


def test_every_unsafe_call_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        names = {each["name"] for each in operation.get("parameters", [])}
        assert ("Idempotency-Key" in names) == (method != "get"), f"{method} {path}"


def test_scopes_are_said(document: dict[str, Any]) -> None:
    said = {
        scope
        for _method, _path, operation in operations(document)
        for scope in Scope.values
        if f"`{scope}`" in operation["description"]
    }
    assert said == set(Scope.values)
