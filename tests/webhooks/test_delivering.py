"""What becomes of a delivery: repeats, giving up, going off, and what is on its way at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tests.factories import ProductFactory, StaffFactory
from tests.webhooks.receiver import Receiver, receiver
from webhooks import payloads
from webhooks.backoff import asked_wait, pause_after
from webhooks.delivering import claim, deliver_due
from webhooks.endpoints import (
    create_endpoint,
    rotate_secret,
    send_again,
    send_test,
    switch_off,
    switch_on,
)
from webhooks.expanding import expand_events
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db(transaction=True)


def make_due() -> None:
    """As if the wait were over, for deliveries and endpoints alike."""
    now = timezone.now()
    WebhookDelivery.objects.filter(state="pending").update(due_at=now, leased_until=None)
    WebhookEndpoint.objects.update(paused_until=None)


def wait_of(delivery: WebhookDelivery) -> float:
    delivery.refresh_from_db()
    return (delivery.due_at - timezone.now()).total_seconds()


def test_an_answer_of_the_two_hundreds_is_delivered(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    site.status, site.answer = 202, b"thank you"
    ProductFactory()
    done = deliver_due()
    assert (done.delivered, done.failed) == (1, 0)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 202)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error, attempt.answer) == (202, "", "thank you")
    assert attempt.headers["webhook-id"] == site.ids()[0]
    assert deliver_due().total == 0


def test_back_off_and_giving_up(site: Receiver, endpoint: WebhookEndpoint, settings: Any) -> None:
    site.status = 500
    ProductFactory()
    waits = []
    for _ in range(len(settings.WEBHOOK_BACK_OFF_SECONDS)):
        make_due()
        deliver_due()
        waits.append(wait_of(WebhookDelivery.objects.get()))
    for wait, least in zip(waits, settings.WEBHOOK_BACK_OFF_SECONDS, strict=True):
        assert least - 5 <= wait <= least * 1.25
    make_due()
    deliver_due()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("failed", 10, 500)
    make_due()
    assert deliver_due().total == 0
    assert len(site.received) == 10
    assert len(set(site.ids())) == 1
    assert len({each.body for each in site.received}) == 1
    assert "It answers 500." in {each.error for each in WebhookAttempt.objects.all()}


def test_a_receiver_that_is_back_is_told_in_the_end(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    site.status = 503
    ProductFactory()
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.consecutive_failures == 1
    site.status = 200
    make_due()
    deliver_due()
    endpoint.refresh_from_db()
    assert (endpoint.consecutive_failures, endpoint.failing_since) == (0, None)
    assert WebhookDelivery.objects.get().state == "delivered"


def test_410_switches_the_endpoint_off(site: Receiver, endpoint: WebhookEndpoint) -> None:
    site.status = 410
    ProductFactory()
    deliver_due()
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert "410" in endpoint.switched_off_reason
    assert WebhookDelivery.objects.get().state == "failed"
    ProductFactory()
    assert deliver_due().total == 0


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7200", 7190, 7200), ("99999999999999999999", 21590, 21600), ("soon", 0, 7), ("", 0, 7)],
)
def test_retry_after_is_honoured_within_bounds(
    header: str, least: int, most: int, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    site.status, site.headers = 429, {"Retry-After": header}
    ProductFactory()
    deliver_due()
    assert least <= wait_of(WebhookDelivery.objects.get()) <= most
    endpoint.refresh_from_db()
    assert (endpoint.paused_until is not None) == (least > 0)
    ProductFactory()
    assert deliver_due().total == (0 if least else 1)


def test_retry_after_as_a_date() -> None:
    now = timezone.datetime(2026, 3, 1, 12, tzinfo=timezone.get_default_timezone())
    assert asked_wait("Sun, 01 Mar 2026 12:05:00 GMT", now) == timedelta(minutes=5)
    assert asked_wait("Sun, 01 Mar 2026 11:05:00 GMT", now) == timedelta(0)
    assert asked_wait("Sun, 01 Mar 2126 11:05:00 GMT", now) == timedelta(hours=6)
    assert asked_wait("²", now) is None


def test_an_endpoint_that_fails_in_a_row_rests(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    settings.WEBHOOK_THREADS = settings.WEBHOOK_PER_ENDPOINT = 1
    site.status = 500
    for _ in range(9):
        ProductFactory()
    deliver_due()
    # It was asked five times, and not once for each of what waits.
    assert len(site.received) == 5
    assert [pause_after(n) for n in (4, 5, 6)] == [
        None,
        timedelta(seconds=15),
        timedelta(seconds=30),
    ]
    assert pause_after(10_000) == timedelta(minutes=10)
    WebhookEndpoint.objects.update(paused_until=None)
    deliver_due()
    assert len(site.received) == 6


def test_after_five_days_of_failures_it_is_switched_off(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    site.status = 500
    ProductFactory()
    deliver_due()
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=4, hours=23))
    make_due()
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.is_active
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=5))
    make_due()
    deliver_due()
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert endpoint.switched_off_reason.startswith("Everything failed for 5 days")


def test_what_waited_is_sent_once_it_is_on_again(site: Receiver, endpoint: WebhookEndpoint) -> None:
    ProductFactory()
    expand_events()
    switch_off(endpoint=endpoint, reason="A pause")
    make_due()
    assert deliver_due().total == 0
    switch_on(endpoint=endpoint)
    assert deliver_due().delivered == 1


def test_a_redirect_is_not_followed(site: Receiver, endpoint: WebhookEndpoint) -> None:
    with receiver() as elsewhere:
        site.status, site.headers = 307, {"Location": elsewhere.url}
        ProductFactory()
        deliver_due()
        assert elsewhere.received == []
    attempt = WebhookAttempt.objects.get()
    assert attempt.status == 307
    assert "redirect" in attempt.error
    assert WebhookDelivery.objects.get().state == "pending"


def test_of_an_answer_only_the_beginning_is_kept(site: Receiver, endpoint: WebhookEndpoint) -> None:
    site.answer = b"\0" + b"x" * 5_000_000
    ProductFactory()
    deliver_due()
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.answer) == (204, "") or len(attempt.answer) == 1000
    site.status = 500
    ProductFactory()
    deliver_due()
    kept = WebhookAttempt.objects.filter(status=500).get().answer
    assert kept == "\ufffd" + "x" * 999


def test_a_slow_receiver_fails_and_holds_up_nobody(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    settings.WEBHOOK_TOTAL_SECONDS = 1.0
    with receiver() as quick:
        other = create_endpoint(owner=StaffFactory(), url=quick.url, events=["product.changed"])
        site.wait = 3.0
        for _ in range(12):
            ProductFactory()
        started = timezone.now()
        deliver_due(most_seconds=0.5)
        assert (timezone.now() - started).total_seconds() < 3
        assert len(quick.received) == 12
        assert len(quick.payloads(other.secret)) == 12
    assert site.most_at_once <= settings.WEBHOOK_PER_ENDPOINT
    assert "No answer within 1 seconds." in WebhookAttempt.objects.exclude(error="").first().error


def test_one_that_sends_a_byte_now_and_then_is_cut_off(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    settings.WEBHOOK_TOTAL_SECONDS = 0.6
    stop = threading.Event()

    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    site.instead = drip
    ProductFactory()
    deliver_due()
    stop.set()
    attempt = WebhookAttempt.objects.get()
    assert attempt.error == "No answer within 0.6 seconds."
    assert attempt.milliseconds < 2_000


def test_nobody_there(site: Receiver, endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/")
    ProductFactory()
    deliver_due()
    attempt = WebhookAttempt.objects.get()
    assert attempt.status is None
    assert "refuses connections" in attempt.error


def test_no_answer_that_is_none(site: Receiver, endpoint: WebhookEndpoint) -> None:
    def nonsense(handler: Any) -> None:
        handler.wfile.write(b"\x00\xff nonsense\r\n\r\n")
        handler.wfile.flush()
        handler.connection.close()

    site.instead = nonsense
    ProductFactory()
    deliver_due()
    assert WebhookAttempt.objects.get().error


def test_a_claim_is_of_one_worker_and_within_the_share_of_an_endpoint(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    for _ in range(10):
        ProductFactory()
    expand_events()
    first, second = claim(16), claim(16)
    assert len(first) == settings.WEBHOOK_PER_ENDPOINT
    assert second == []
    WebhookDelivery.objects.exclude(leased_until=None).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )
    assert {each.delivery_id for each in claim(16)} <= {each.delivery_id for each in first}


def test_endpoints_take_turns(site: Receiver, endpoint: WebhookEndpoint, settings: Any) -> None:
    """A long backlog of one takes no place from what another waits for since a moment."""
    settings.WEBHOOK_PER_ENDPOINT = 4
    for _ in range(10):
        ProductFactory()
    expand_events()
    other = create_endpoint(owner=StaffFactory(), url=site.url, events=["product.changed"])
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(events=["stock.low"])
    for _ in range(2):
        ProductFactory()
    expand_events()
    assert sorted(each.endpoint_id for each in claim(3)) == sorted(
        [endpoint.pk, endpoint.pk, other.pk]
    )
    # What falls free next is for the one that has less on its way.
    assert [each.endpoint_id for each in claim(1)] == [other.pk]


def test_two_workers_deliver_each_once(site: Receiver, endpoint: WebhookEndpoint) -> None:
    site.wait = 0.02
    for _ in range(30):
        ProductFactory()
    results = []

    def work() -> None:
        try:
            results.append(deliver_due().delivered)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sum(results) == 30
    assert len(site.ids()) == len(set(site.ids())) == 30


def test_a_repeat_by_hand_has_the_same_id_and_all_attempts_before_it(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    ProductFactory()
    deliver_due()
    delivery = WebhookDelivery.objects.get()
    assert send_again([delivery.pk]) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.delivered_at) == ("pending", 0, None)
    deliver_due()
    assert len(set(site.ids())) == 1
    assert len(site.received) == 2
    assert delivery.log.count() == 2


def test_the_former_secret_signs_for_a_day(site: Receiver, endpoint: WebhookEndpoint) -> None:
    former = endpoint.secret
    endpoint = rotate_secret(endpoint=endpoint)
    assert endpoint.secret != former
    send_test(endpoint=endpoint, by=endpoint.owner)
    deliver_due()
    (received,) = site.received
    assert received.verified(former)["type"] == "webhook.test"
    assert received.verified(endpoint.secret)["type"] == "webhook.test"
    WebhookEndpoint.objects.update(previous_secret_until=timezone.now())
    send_test(endpoint=endpoint, by=endpoint.owner)
    deliver_due()
    assert len(site.received[1].headers["webhook-signature"].split()) == 1
    assert site.received[1].verified(endpoint.secret)


def test_a_signature_is_of_this_body_and_this_secret(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    from webhooks.signing import new_secret

    ProductFactory()
    deliver_due()
    (received,) = site.received
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(received.body + b" ", received.headers)
    with pytest.raises(WebhookVerificationError):
        received.verified(new_secret())


def test_an_endpoint_that_is_deleted_meanwhile_is_no_trouble(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    from webhooks.endpoints import delete_endpoints

    site.wait = 0.5
    ProductFactory()
    worker = threading.Thread(target=lambda: (deliver_due(), connection.close()))
    worker.start()
    while not site.received:
        worker.join(0.02)
    delete_endpoints([endpoint.pk])
    worker.join()
    assert not WebhookDelivery.objects.exists()


def test_what_happened_before_a_switch_off_is_sent_once_it_is_on_again(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    create_endpoint(owner=StaffFactory(), url=site.url, events=["stock.low", "product.changed"])
    ProductFactory(sku="BEFORE")
    switch_off(endpoint=endpoint, reason="for a while")
    ProductFactory(sku="MEANWHILE")
    expand_events()
    (waiting,) = WebhookDelivery.objects.filter(endpoint=endpoint)
    assert '"BEFORE"' in waiting.body
    assert deliver_due().delivered == 2  # the other one's
    waiting.refresh_from_db()
    assert waiting.state == "pending"
    switch_on(endpoint=endpoint)
    assert deliver_due().delivered == 1


def _deleted_meanwhile(monkeypatch: pytest.MonkeyPatch, endpoint: WebhookEndpoint) -> list[int]:
    """Another connection deletes an endpoint after it was read to hand out events."""
    from webhooks import expanding
    from webhooks.endpoints import delete_endpoints

    left = [endpoint.pk]

    def elsewhere() -> None:
        try:
            delete_endpoints([left.pop()])
        finally:
            connection.close()

    def load_subjects(events: Any) -> Any:
        if left:
            other = threading.Thread(target=elsewhere)
            other.start()
            other.join()
        return payloads.load_subjects(events)

    monkeypatch.setattr(expanding, "load_subjects", load_subjects)
    return left


def test_an_endpoint_that_is_deleted_while_events_are_handed_out(
    site: Receiver, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_endpoint(owner=StaffFactory(), url=site.url, events=["product.changed"])
    for _ in range(3):
        ProductFactory()
    left = _deleted_meanwhile(monkeypatch, endpoint)
    assert deliver_due().delivered == 3
    assert left == []
    assert {each.endpoint_id for each in WebhookDelivery.objects.all()} == {other.pk}


def test_what_is_on_its_way_is_recorded_when_the_database_makes_trouble(
    site: Receiver, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.wait = 0.2
    ProductFactory()
    calls = []

    def breaks_the_second_time(*args: Any) -> int:
        calls.append(args)
        if len(calls) > 1:
            raise OperationalError("gone")
        return expand_events(*args)

    monkeypatch.setattr("webhooks.delivering._SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr("webhooks.delivering.expand_events", breaks_the_second_time)
    with pytest.raises(OperationalError):
        deliver_due()
    assert len(calls) == 2
    assert WebhookDelivery.objects.get().state == "delivered"
