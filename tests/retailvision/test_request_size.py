"""A request that is larger than any photo is refused before it is parsed, in its sender's form."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

TEXT = "This is too large: a photo may have at most 20 MB."


def post(client: Client, path: str, size: int, **headers: str) -> Any:
    """Sends so many bytes that are no form of any kind."""
    return client.generic(
        "POST", path, b"\0" * size, content_type="application/octet-stream", headers=headers
    )


def test_the_api_answers_in_its_error_shape(client: Client) -> None:
    answer = post(client, "/api/v1/search/", settings.REQUEST_MAX_BYTES + 1)
    assert answer.status_code == 413
    assert answer.json() == {
        "type": "client_error",
        "errors": [{"code": "request_too_large", "detail": TEXT, "attr": None}],
    }


def test_the_page_answers_with_a_page(client: Client) -> None:
    answer = post(client, "/", settings.REQUEST_MAX_BYTES + 1)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert TEXT in page
    assert "<html" in page
    assert "Content-Security-Policy" in answer
    assert answer["Content-Language"] == "en"


def test_htmx_gets_the_part_that_it_shows(client: Client) -> None:
    answer = post(client, "/", settings.REQUEST_MAX_BYTES + 1, HX_Request="true")
    page = answer.content.decode()
    assert answer.status_code == 413
    assert TEXT in page
    assert "<html" not in page


def test_a_request_of_just_that_size_is_read(client: Client) -> None:
    assert post(client, "/api/v1/search/", settings.REQUEST_MAX_BYTES).status_code == 415


def test_the_body_is_read_away_so_that_the_sender_sees_the_answer(client: Client) -> None:
    body = io.BytesIO(b"\0" * 1000)
    answer = client.generic(
        "POST", "/", b"", CONTENT_LENGTH=str(settings.REQUEST_MAX_BYTES + 1), **{"wsgi.input": body}
    )
    assert answer.status_code == 413
    assert body.read() == b""


@pytest.mark.parametrize("length", ["", "many", "-1", "1e9"])
def test_a_length_that_is_no_number_is_no_error_of_ours(client: Client, length: str) -> None:
    answer = client.generic("POST", "/api/v1/search/", b"", CONTENT_LENGTH=length)
    assert answer.status_code in {400, 415}


def test_staff_may_send_many_photos_at_once(admin_client: Client) -> None:
    answer = post(admin_client, "/admin/products/product/add/", settings.REQUEST_MAX_BYTES + 1)
    assert answer.status_code == 200
