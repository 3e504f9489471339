"""Errors: one shape below /api/, a page elsewhere, and never what went wrong inside."""

import pytest
from django.test import Client, RequestFactory

from retailvision.views import server_error
from tests.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.retailvision.failing_urls")]

TEXTS = {
    400: ("bad_request", "This request cannot be read."),
    403: ("permission_denied", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    500: ("error", "Something went wrong on our side. It has been noted; try again in a minute."),
}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def shape(code: str, detail: str, kind: str = "client_error") -> dict[str, object]:
    return {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}


@pytest.mark.parametrize("status", TEXTS)
def test_below_api_an_error_has_the_one_shape(client: Client, status: int) -> None:
    answer = client.get(f"/api/fail/{status}/" if status != 404 else "/api/v1/nothing/")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    kind = "server_error" if status == 500 else "client_error"
    assert answer.json() == shape(*TEXTS[status], kind=kind)


@pytest.mark.parametrize("status", TEXTS)
def test_elsewhere_an_error_is_a_page(client: Client, status: int) -> None:
    answer = client.get(f"/fail/{status}/" if status != 404 else "/nothing/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert TEXTS[status][1] in page
    assert f"{status}" in page
    assert "detail of the fault" not in page


def test_a_fault_in_an_api_view_has_the_same_shape(client: Client) -> None:
    answer = client.get("/api/v1/fail/")
    assert answer.status_code == 500
    assert answer.json()["type"] == "server_error"
    assert answer.json()["errors"][0]["code"] == "error"
    assert "detail of the fault" not in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_method_that_the_api_does_not_have(client: Client, method: str) -> None:
    answer = getattr(client, method)("/api/v1/search/")
    assert answer.status_code == 405
    assert answer.json() == shape("method_not_allowed", f'Method "{method.upper()}" not allowed.')
    assert answer["Allow"] == "POST, OPTIONS"


def test_a_content_type_that_the_api_does_not_read(client: Client) -> None:
    answer = client.post("/api/v1/search/", b"<a/>", content_type="text/xml")
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["code"] == "unsupported_media_type"


def test_json_that_cannot_be_read(client: Client) -> None:
    answer = client.post("/api/v1/search/", b"{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "parse_error"


@pytest.mark.parametrize("path", ["/health/", "/"])
def test_a_method_that_a_page_does_not_have(client: Client, path: str) -> None:
    assert client.delete(path).status_code == 405


def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    answer = client.get("/nothing/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
    answer = client.get("/api/v1/nothing/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json() == shape(*TEXTS[400])


def test_a_form_that_is_out_of_date_is_refused_with_a_page_of_ours() -> None:
    answer = Client(enforce_csrf_checks=True).post("/", {"q": "apple"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This page was open for too long. Load it again, and send the form once more." in page
    assert "<style" not in page


def test_the_api_asks_for_no_token_of_a_form() -> None:
    answer = Client(enforce_csrf_checks=True).post("/api/v1/search/", {"text": "apple"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/products/%00/", "/stock/%00/", "/api/v1/%00/"])
def test_a_nul_in_the_path_is_a_400(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_a_nul_in_the_cookie_of_the_session_is_as_if_none_was_sent(
    db: None, client: Client
) -> None:
    client.cookies["sessionid"] = "aaaa\0bbbb"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("status", TEXTS)
def test_every_error_page_has_the_frame_and_a_search(client: Client, status: int) -> None:
    page = client.get(f"/fail/{status}/" if status != 404 else "/nothing/").content.decode()
    assert 'action="/"' in page
    assert 'name="q"' in page
    assert "site-header" in page
    assert "site-footer" in page
    assert '<meta name="robots" content="noindex" />' in page


def test_the_page_of_a_fault_asks_the_database_nothing(
    client: Client, django_assert_num_queries
) -> None:
    client.force_login(StaffFactory())
    with django_assert_num_queries(0):
        server_error(RequestFactory().get("/fail/500/"))


def test_where_the_page_itself_fails_the_words_remain(client: Client, settings) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    answer = server_error(RequestFactory().get("/fail/500/"))
    assert answer.status_code == 500
    assert TEXTS[500][1] in answer.content.decode()
