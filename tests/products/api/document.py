"""Whether an answer is one that the API's document tells of: its status, and its shape."""

import re
from functools import cache
from typing import Any

from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator


@cache
def document() -> dict[str, Any]:
    return dict(_with_null(SchemaGenerator().get_schema(request=None, public=True)))


def assert_documented(answer: Any) -> None:
    request = answer.wsgi_request
    if not request.path.startswith("/api/v1/") or answer.status_code == 405:
        return
    route = re.sub(r"<\w+:(\w+)>", r"{\1}", resolve(request.path_info).route)
    operation = document()["paths"][f"/{route}"][request.method.lower()]
    told = operation["responses"]
    name = f"{operation['operationId']} {answer.status_code}"
    assert str(answer.status_code) in told, name
    content = told[str(answer.status_code)].get("content")
    if content is None:
        assert not answer.content, name
        return
    schema = {**content["application/json"]["schema"], "components": document()["components"]}
    problems = list(Draft202012Validator(schema).iter_errors(answer.json()))
    assert not problems, f"{name}: {problems[0].json_path}: {problems[0].message}"


def _with_null(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema names the type."""
    if isinstance(schema, list):
        return [_with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _with_null(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
