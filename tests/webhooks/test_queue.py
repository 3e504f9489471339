"""Who rings for the workers, and what they clear away. The worker is the queue's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.embedding import embed_pending
from recognition.models import Encoder
from stores.low_stock import flag_low_stock
from stores.models import StockLevel
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo
from tests.webhooks.receiver import Receiver
from webhooks.delivering import deliver_due
from webhooks.endpoints import send_test, switch_on
from webhooks.expanding import expand_events
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from webhooks.queue import DELIVER_TASK, knock, something_is_due
from webhooks.retention import forget_old_events
from webhooks.tasks import sweep_webhooks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs(db: None) -> None:
    """The queue's tables are none of Django's, and are not emptied after a test."""
    ProcrastinateJob.objects.all().delete()


def jobs() -> int:
    return int(ProcrastinateJob.objects.filter(task_name=DELIVER_TASK, status="todo").count())


def test_the_worker_delivers_and_leaves_no_jobs(site: Receiver, endpoint: WebhookEndpoint) -> None:
    ProductFactory()
    knock()
    knock()
    assert jobs() == 1
    call_command("worker", once=True)
    assert len(site.payloads(endpoint.secret)) == 1
    assert not ProcrastinateJob.objects.filter(task_name=DELIVER_TASK).exists()


def test_a_request_rings_when_it_wrote_something_to_tell(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    client = Client()
    client.get("/")
    assert jobs() == 0
    photo = SimpleUploadedFile("photo.jpg", phone_photo(1), "image/jpeg")
    assert client.post("/api/v1/search/", {"image": photo}, format="multipart").status_code == 200
    assert WebhookEvent.objects.get().type == "recognised"
    assert jobs() == 1


def test_a_request_that_wrote_nothing_costs_one_question(
    db: None, django_assert_max_num_queries: Any
) -> None:
    # The other counts the call.
    with django_assert_max_num_queries(2):
        Client().post("/api/v1/search/", {"text": ""}, content_type="application/json")
    assert jobs() == 0


def test_a_batch_of_photos_rings(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    with_photo(1)
    deliver_due()
    embed_pending(encoder)
    assert WebhookEvent.objects.filter(expanded_at=None, type="photo.ready").count() == 1
    assert jobs() == 1


def test_low_stock_rings(site: Receiver, endpoint: WebhookEndpoint) -> None:
    with_stock(StoreFactory(), ProductFactory(), 1)
    StockLevel.objects.update(reorder_point=5)
    deliver_due()
    flag_low_stock()
    assert jobs() == 1


def test_the_sweep_rings_only_for_what_is_due(site: Receiver, endpoint: WebhookEndpoint) -> None:
    sweep_webhooks(timestamp=0)
    assert jobs() == 0
    site.status = 500
    ProductFactory()
    assert something_is_due()
    deliver_due()
    assert not something_is_due()  # it waits for its second attempt
    WebhookDelivery.objects.update(due_at=timezone.now())
    sweep_webhooks(timestamp=0)
    assert jobs() == 1


def test_a_test_and_switching_on_ring(site: Receiver, endpoint: WebhookEndpoint) -> None:
    send_test(endpoint=endpoint, by=endpoint.owner)
    assert jobs() == 1
    ProcrastinateJob.objects.all().delete()
    switch_on(endpoint=endpoint)
    assert jobs() == 1


def test_what_is_old_is_forgotten(site: Receiver, endpoint: WebhookEndpoint, settings: Any) -> None:
    for _ in range(3):
        ProductFactory()
    deliver_due()
    ProductFactory()
    expand_events()
    old = WebhookEvent.objects.order_by("pk")[1:]
    before = timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS, minutes=1)
    WebhookEvent.objects.filter(pk__in=[each.pk for each in old]).update(created_at=before)
    assert forget_old_events() == 3
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.count() == 1
    assert WebhookAttempt.objects.count() == 1
    assert forget_old_events() == 0
