"""An error that says to try again has something to press."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.retailvision.failing_urls")]


def address(answer: HttpResponse) -> str:
    """Where the button leads; "" where there is none."""
    found = re.search(r'href="([^"]*)"[^>]*data-testid="load-again"', answer.content.decode())
    return found.group(1) if found else ""


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_a_fault_leads_to_the_same_page(client: Client) -> None:
    answer = client.get("/fail/500/", {"q": "a b", "page": "2"})
    assert answer.status_code == 500
    assert address(answer) == "/fail/500/?q=a+b&amp;page=2"


def test_a_form_that_is_out_of_date_leads_to_its_page() -> None:
    client = Client(enforce_csrf_checks=True)
    headers = {"Referer": "http://testserver/accounts/login/?next=/stock/"}
    answer = client.post("/accounts/login/", {"username": "maria"}, headers=headers)
    assert answer.status_code == 403
    assert address(answer) == "/accounts/login/?next=/stock/"


@pytest.mark.parametrize(
    "page", ["", "https://elsewhere.example/stock/", "javascript:alert(1)", "//elsewhere.example/"]
)
def test_a_form_whose_page_is_not_ours_leads_nowhere(client: Client, page: str) -> None:
    answer = client.post("/fail/500/", headers={"Referer": page} if page else {})
    assert answer.status_code == 500
    assert address(answer) == ""


def test_a_path_that_looks_like_a_host_stays_a_path(client: Client) -> None:
    headers = {"Referer": "http://testserver//elsewhere.example/"}
    answer = client.post("/fail/500/", headers=headers)
    assert address(answer) == "/%2Felsewhere.example/"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_would_be_the_same_again_has_no_button(client: Client, status: int) -> None:
    assert address(client.get(f"/fail/{status}/" if status != 404 else "/nothing/")) == ""
