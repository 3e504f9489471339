"""The address that load balancers ask."""

from typing import Any

import pytest
from django.test import Client

from tests.retailvision.subprocesses import PRODUCTION, run


@pytest.mark.django_db
def test_it_answers_while_the_database_does(client: Client) -> None:
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok"}
    assert "no-cache" in answer["Cache-Control"]
    assert client.head("/health/").status_code == 200
    assert client.post("/health/").status_code == 405


def test_it_says_when_the_database_is_gone() -> None:
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client(headers={'Host': 'shop.example'}).get('/health/')\n"
        "print(answer.status_code, answer.json())\n"
    )
    answer = run("-c", code, **{**PRODUCTION, "DJANGO_HTTPS": "false"})
    assert answer.stdout == "503 {'database': 'unreachable'}\n", answer.stderr


@pytest.mark.django_db
def test_a_load_balancer_may_ask_by_any_host_and_without_tls(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["shop.example"]
    assert client.get("/health/", headers={"host": "10.0.0.7:8000"}).status_code == 200
