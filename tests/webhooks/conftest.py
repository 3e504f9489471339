"""A receiver, and an endpoint that leads to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import StaffFactory
from tests.webhooks.receiver import Receiver, receiver
from webhooks.endpoints import create_endpoint
from webhooks.event_types import SUBSCRIBABLE
from webhooks.models import WebhookEndpoint

EVERYTHING = [value for value, _label in SUBSCRIBABLE]


@pytest.fixture
def loopback(settings: Any) -> None:
    """Receivers of tests are on this machine, without TLS."""
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    settings.WEBHOOK_PLAIN_HTTP = True


@pytest.fixture
def site(loopback: None) -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def endpoint(db: None, site: Receiver) -> WebhookEndpoint:
    """A superuser's, who is told of everything."""
    return create_endpoint(owner=StaffFactory(), url=site.url, events=EVERYTHING)
