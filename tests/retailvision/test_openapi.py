"""The API's document, and the pages that show it without asking another host."""

import re
from io import StringIO

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

pytestmark = pytest.mark.django_db


def schema() -> dict:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return dict(yaml.safe_load(out.getvalue()))


def test_the_document_is_made_without_a_warning() -> None:
    document = schema()
    assert document["info"]["title"] == "RetailVision API"
    assert "/api/v1/search/" in document["paths"]


def test_every_error_of_a_search_is_described() -> None:
    answers = schema()["paths"]["/api/v1/search/"]["post"]["responses"]
    assert {"200", "400", "413", "415", "429", "503"} <= set(answers)


def test_the_document_is_served_to_everybody(client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content)["paths"] == schema()["paths"]


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_a_page_shows_it_with_files_of_this_site_alone(client: Client, path: str) -> None:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "/api/schema/" in page + client.get(path + "?script=").content.decode()
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert loaded
    for address in loaded:
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
    assert "https://" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page), "the policy refuses inline scripts"
