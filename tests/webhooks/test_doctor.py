"""What the doctor says of webhooks."""

import pytest

from retailvision.diagnosis import diagnose
from tests.factories import ProductFactory
from tests.webhooks.receiver import Receiver
from webhooks.endpoints import switch_off
from webhooks.expanding import expand_events
from webhooks.models import WebhookEndpoint

pytestmark = pytest.mark.django_db


def lines() -> list[str]:
    return [each.text for each in diagnose() if each.subject == "webhooks"]


def test_none() -> None:
    assert lines() == ["no endpoints"]


def test_what_waits_and_what_is_off(site: Receiver, endpoint: WebhookEndpoint) -> None:
    ProductFactory()
    expand_events()
    switch_off(endpoint=endpoint, reason="Switched off by boss.")
    assert lines() == [
        "1 endpoints, 1 deliveries and 0 events wait",
        f"{endpoint.url} is switched off: Switched off by boss.",
    ]
