"""What the database holds by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories import StaffFactory
from tests.webhooks.receiver import Receiver
from webhooks.endpoints import rotate_secret, send_test
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db

# Fixed, since it stands in the names of cases.
_WHEN = datetime(2026, 3, 1, tzinfo=UTC)
GOOD: dict[str, Any] = {"url": "https://shop.example/hook", "events": ["stock.low"]}


@pytest.mark.parametrize(
    "fields",
    [
        {"events": []},
        {"events": ["nonsense"]},
        {"events": ["stock.low", "webhook.test"]},
        {"url": "ftp://shop.example/"},
        {"url": "https://shop.example/ x"},
        {"url": "https://"},
        {"secret": ""},
        {"secret": "whsec_short"},
        {"previous_secret": "whsec_" + "A" * 44},
        {"is_active": False},
        {"switched_off_reason": "though it is on"},
        {"consecutive_failures": 1},
    ],
    ids=str,
)
def test_an_endpoint_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        WebhookEndpoint.objects.create(owner=StaffFactory(), **{**GOOD, **fields})


def test_an_endpoint_that_can() -> None:
    endpoint = WebhookEndpoint.objects.create(owner=StaffFactory(), **GOOD)
    assert rotate_secret(endpoint=endpoint).signing_secrets(timezone.now())[1] == endpoint.secret


@pytest.mark.parametrize(
    "change",
    [
        {"state": "delivered"},
        {"delivered_at": _WHEN},
        {"state": "failed", "leased_until": _WHEN},
        {"state": "nonsense"},
    ],
    ids=str,
)
def test_a_delivery_that_cannot_be(
    change: dict[str, Any], site: Receiver, endpoint: WebhookEndpoint
) -> None:
    delivery = send_test(endpoint=endpoint, by=endpoint.owner)
    with pytest.raises(IntegrityError):
        WebhookDelivery.objects.filter(pk=delivery.pk).update(**change)


def test_an_event_goes_to_an_endpoint_once(site: Receiver, endpoint: WebhookEndpoint) -> None:
    delivery = send_test(endpoint=endpoint, by=endpoint.owner)
    with pytest.raises(IntegrityError):
        WebhookDelivery.objects.create(
            event=delivery.event, endpoint=endpoint, type=delivery.type, body="{}"
        )


def test_an_attempt_is_never_changed(site: Receiver, endpoint: WebhookEndpoint) -> None:
    delivery = send_test(endpoint=endpoint, by=endpoint.owner)
    WebhookAttempt.objects.create(delivery=delivery, at=timezone.now(), status=200, milliseconds=1)
    with pytest.raises(Error, match="Cannot update rows"), transaction.atomic():
        WebhookAttempt.objects.update(status=500)
    with pytest.raises(IntegrityError):
        WebhookAttempt.objects.create(delivery=delivery, at=timezone.now(), milliseconds=1)


def test_a_subject_is_told_once_for_a_transaction() -> None:
    WebhookEvent.objects.create(type="stock.low", subject_id=1)
    with pytest.raises(IntegrityError):
        WebhookEvent.objects.create(type="stock.low", subject_id=1)


def test_what_a_trigger_names_cannot_be_dropped_behind_its_back() -> None:
    with (
        pytest.raises(Error, match="webhooks_product_changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE products_product DROP COLUMN brand")
