"""Passwords cannot be guessed by trying them all."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

PAGES = ["accounts:login", "admin:login"]


def tried(client: Client, page: str, name: str, password: str = "wrong", **more: Any) -> Any:  # noqa: S107
    return client.post(reverse(page), {"username": name, "password": password}, **more)


@pytest.fixture(autouse=True)
def rates(settings: Any) -> None:
    settings.LOG_IN_RATES = {"address": "4/h", "name": "2/h"}


@pytest.mark.parametrize("page", PAGES)
def test_a_name_is_tried_a_few_times_from_wherever(client: Client, page: str) -> None:
    StaffFactory(username="maria")
    for n in range(2):
        assert tried(client, page, "maria", REMOTE_ADDR=f"10.0.0.{n}").status_code == 200
    answer = tried(client, page, " MARIA ", "secret", REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 1800
    html = answer.content.decode()
    assert "Too many attempts to log in. Try again in" in html
    assert 'name="password"' in html
    assert "_auth_user_id" not in client.session


def test_an_address_tries_a_few_names_on_both_pages_together(client: Client) -> None:
    for n in range(4):
        assert tried(client, PAGES[n % 2], f"name{n}").status_code == 200
    assert tried(client, PAGES[0], "name5").status_code == 429
    assert tried(client, PAGES[1], "name6").status_code == 429
    StaffFactory(username="jonas")
    answer = tried(client, PAGES[0], "jonas", "secret", REMOTE_ADDR="10.0.0.1")
    assert answer.status_code == 302  # others are not held up


def test_looking_at_the_form_and_odd_names_cost_nothing_else(client: Client) -> None:
    for _ in range(9):
        assert client.get(reverse(PAGES[0])).status_code == 200
    assert tried(client, PAGES[0], "x" * 9000).status_code == 200
    assert client.post(reverse(PAGES[0]), {}).status_code == 200
