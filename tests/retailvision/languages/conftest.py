"""Readers of Russian."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client


def russian(client: Client) -> Client:
    """As it is once somebody chose Russian on a page."""
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "ru"
    return client


@pytest.fixture
def reader(db: Any) -> Client:
    return russian(Client())
