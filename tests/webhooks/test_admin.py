"""Endpoints and the log in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import ProductFactory, StaffFactory, UserFactory, person
from tests.webhooks.receiver import Receiver
from webhooks.delivering import deliver_due
from webhooks.endpoints import create_endpoint, switch_off
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = "https://93.184.216.34/hook"


@pytest.fixture
def boss() -> Any:
    return StaffFactory(username="boss")


@pytest.fixture
def client(boss: Any) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def manager(*more: str, username: str = "integrator") -> Any:
    """Somebody who may do all with webhooks, and is no superuser."""
    user = UserFactory(username=username, is_staff=True)
    user.user_permissions.set(
        [
            *Permission.objects.filter(content_type__app_label="webhooks"),
            *Permission.objects.filter(codename__in=more),
        ]
    )
    return user


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:webhooks_{name}", args=args)


def add(client: Client, **changes: Any) -> Any:
    data = {"url": PUBLIC, "description": "ERP", "events": ["stock.low"], **changes}
    return client.post(page("webhookendpoint_add"), data)


def test_a_secret_is_shown_once(client: Client, boss: Any) -> None:
    response = add(client, owner=boss.pk)
    endpoint = WebhookEndpoint.objects.get()
    assert response["Location"] == page("webhookendpoint_secret", endpoint.pk)
    shown = client.get(response["Location"])
    assert endpoint.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    again = client.get(response["Location"])
    assert again["Location"] == page("webhookendpoint_change", endpoint.pk)
    row = client.get(again["Location"]).content.decode()
    assert endpoint.secret not in row
    assert endpoint.secret[-4:] in row


@pytest.mark.parametrize("suffix", ["", "__startswith", "__gt", "__isnull"])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("webhookendpoint", "secret"),
        ("webhookendpoint", "previous_secret"),
        ("webhookdelivery", "endpoint__secret"),
        ("webhookdelivery", "endpoint__previous_secret"),
    ],
)
def test_no_list_is_asked_by_a_secret(
    name: str, field: str, suffix: str, client: Client, boss: Any
) -> None:
    add(client, owner=boss.pk)
    endpoint = WebhookEndpoint.objects.get()
    value = {"__startswith": endpoint.secret[:8], "__isnull": "0"}.get(suffix, endpoint.secret)
    response = client.get(page(f"{name}_changelist"), {f"{field}{suffix}": value})
    assert response.status_code == 400


@pytest.mark.parametrize("looks", [True, False])
def test_who_adds_and_changes_none_sees_the_secret_once(looks: bool) -> None:
    user = UserFactory(is_staff=True)
    wanted = ["add_webhookendpoint", "view_stocklevel", *(["view_webhookendpoint"] * looks)]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client = Client()
    client.force_login(user)
    response = add(client)
    endpoint = WebhookEndpoint.objects.get(owner=user)
    shown = client.get(response["Location"])
    assert endpoint.secret in shown.content.decode()
    back = page("webhookendpoint_change", endpoint.pk) if looks else reverse("admin:index")
    assert f'href="{back}"' in shown.content.decode()
    assert client.get(back).status_code == 200
    assert client.get(response["Location"]).status_code == 403


def test_a_new_secret_is_shown_once_too(
    client: Client, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    asked = client.get(page("webhookendpoint_rotate", endpoint.pk))
    assert asked.status_code == 200
    former = endpoint.secret
    response = client.post(page("webhookendpoint_rotate", endpoint.pk))
    endpoint.refresh_from_db()
    assert (endpoint.previous_secret, endpoint.secret == former) == (former, False)
    shown = client.get(response["Location"]).content.decode()
    assert endpoint.secret in shown
    assert former not in shown


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"url": "https://127.0.0.1/"}, "not an address on the internet"),
        ({"url": "http://93.184.216.34/"}, "begins with https://"),
        ({"url": "https://a:b@93.184.216.34/"}, "no user name"),
        ({"url": "nonsense"}, "begins with https://"),
        ({"events": []}, "This field is required"),
        ({"events": ["webhook.test"]}, "webhook.test is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_an_error_of_the_form(
    changes: dict[str, Any], text: str, client: Client, boss: Any
) -> None:
    response = add(client, owner=boss.pk, **changes)
    assert response.status_code == 200
    assert text in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_events_that_the_owner_may_not_see(client: Client) -> None:
    response = add(client, owner=UserFactory(username="nobody").pk)
    assert "may not see what stock.low is about" in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_who_is_no_superuser_makes_and_sees_their_own_alone(
    client: Client, boss: Any, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    user = manager("view_stocklevel")
    own = Client()
    own.force_login(user)
    # An owner that they name is none of their business.
    add(own, owner=boss.pk, url=site.url)
    made = WebhookEndpoint.objects.get(owner=user)
    ProductFactory()
    deliver_due()
    foreign = WebhookDelivery.objects.get()
    listed = own.get(page("webhookendpoint_changelist")).content.decode()
    assert page("webhookendpoint_change", made.pk) in listed
    assert page("webhookendpoint_change", endpoint.pk) not in listed
    for name in ("change", "secret", "rotate", "turn_off", "test", "delete"):
        response = own.get(page(f"webhookendpoint_{name}", endpoint.pk))
        assert response.status_code == 302, name
        own.post(page(f"webhookendpoint_{name}", endpoint.pk), {"post": "yes"})
    endpoint.refresh_from_db()
    assert endpoint.is_active
    assert endpoint.previous_secret == ""
    log = own.get(page("webhookdelivery_changelist")).content.decode()
    assert page("webhookdelivery_change", foreign.pk) not in log
    assert str(endpoint) + "</option>" not in log
    assert own.get(page("webhookdelivery_change", foreign.pk)).status_code == 302
    own.post(page("webhookdelivery_send_one_again", foreign.pk))
    own.post(
        page("webhookdelivery_changelist"),
        {"action": "send_chosen_again", "_selected_action": [foreign.pk]},
    )
    foreign.refresh_from_db()
    assert foreign.state == "delivered"


def test_a_partner_finds_no_admin() -> None:
    client = Client()
    client.force_login(person("Partner"))
    response = client.get(page("webhookendpoint_changelist"))
    assert response["Location"].startswith(reverse("admin:login"))


def test_a_test_event(client: Client, site: Receiver, endpoint: WebhookEndpoint) -> None:
    assert client.get(page("webhookendpoint_test", endpoint.pk)).status_code == 200
    assert not WebhookEvent.objects.exists()
    response = client.post(page("webhookendpoint_test", endpoint.pk))
    delivery = WebhookDelivery.objects.get()
    assert response["Location"] == page("webhookdelivery_change", delivery.pk)
    deliver_due()
    (payload,) = site.payloads(endpoint.secret)
    assert payload["type"] == "webhook.test"
    shown = client.get(response["Location"]).content.decode()
    assert str(delivery.message_id) in shown
    assert "webhook-signature" in shown


def test_off_and_on(client: Client, site: Receiver, endpoint: WebhookEndpoint) -> None:
    row = client.get(page("webhookendpoint_change", endpoint.pk)).content.decode()
    assert page("webhookendpoint_turn_off", endpoint.pk) in row
    assert page("webhookendpoint_turn_on", endpoint.pk) not in row
    client.post(page("webhookendpoint_turn_off", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.switched_off_reason == "Switched off by boss."
    row = client.get(page("webhookendpoint_change", endpoint.pk)).content.decode()
    assert "Switched off by boss." in row
    assert page("webhookendpoint_turn_on", endpoint.pk) in row
    client.post(page("webhookendpoint_turn_on", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.is_active


def test_one_that_is_changed_keeps_its_owner(
    client: Client, boss: Any, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    data = {"owner": boss.pk, "url": endpoint.url, "description": "New", "events": ["stock.low"]}
    client.post(page("webhookendpoint_change", endpoint.pk), data)
    owner = endpoint.owner_id
    endpoint.refresh_from_db()
    assert (endpoint.owner_id, endpoint.description, endpoint.events) == (
        owner, "New", ["stock.low"],
    )  # fmt: skip


def test_sent_again_by_one_click_and_many(
    client: Client, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    for _ in range(3):
        ProductFactory()
    deliver_due()
    one, *others = WebhookDelivery.objects.order_by("pk")
    assert client.get(page("webhookdelivery_send_one_again", one.pk)).status_code == 200
    client.post(page("webhookdelivery_send_one_again", one.pk))
    assert deliver_due().delivered == 1
    chosen = {"action": "send_chosen_again", "_selected_action": [each.pk for each in others]}
    response = client.post(page("webhookdelivery_changelist"), chosen, follow=True)
    assert "2 deliveries are sent again." in response.content.decode()
    assert deliver_due().delivered == 2
    assert len(site.received) == 6
    assert len(set(site.ids())) == 3


def test_filters_of_the_log(client: Client, site: Receiver, endpoint: WebhookEndpoint) -> None:
    site.status = 500
    ProductFactory()
    deliver_due()
    delivery = WebhookDelivery.objects.get()
    link = page("webhookdelivery_change", delivery.pk)
    url = page("webhookdelivery_changelist")
    for query, there in (
        ("state__exact=pending", True), ("state__exact=failed", False),
        ("type__exact=product.changed", True), ("type__exact=stock.low", False),
        (f"endpoint__id__exact={endpoint.pk}", True), (f"q={delivery.message_id}", True),
    ):  # fmt: skip
        assert (link in client.get(f"{url}?{query}").content.decode()) is there, query
    assert client.get(f"{url}?q=nonsense").status_code == 200


def test_what_strangers_write_is_shown_as_text(
    client: Client, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    site.status, site.answer = 500, evil.encode()
    ProductFactory(name=evil)
    deliver_due()
    WebhookEndpoint.objects.update(description=evil)
    switch_off(endpoint=endpoint, reason=evil)
    pages = [
        page("webhookdelivery_changelist"),
        page("webhookdelivery_change", WebhookDelivery.objects.get().pk),
        page("webhookendpoint_changelist"),
        page("webhookendpoint_change", endpoint.pk),
        page("webhookendpoint_delete", endpoint.pk),
        page("webhookendpoint_rotate", endpoint.pk),
    ]
    for url in pages:
        text = client.get(url).content.decode()
        assert "<script>alert(1)" not in text, url
        assert "<img src=x" not in text, url
    assert "&lt;script&gt;alert(1)" in client.get(pages[1]).content.decode()


def test_deleting_takes_the_log_along_and_says_how_much(
    client: Client, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    ProductFactory()
    ProductFactory()
    deliver_due()
    url = page("webhookendpoint_delete", endpoint.pk)
    assert "2 deliveries of its log" in client.get(url).content.decode()
    client.post(url, {"post": "yes"})
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookAttempt.objects.exists()


def test_a_long_list_costs_as_many_queries_as_a_short_one(
    client: Client, site: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_MAX_ENDPOINTS = 1000
    costs = {}
    for number in (10, 100):
        while WebhookEndpoint.objects.count() < number:
            create_endpoint(
                owner=StaffFactory(), url=site.url, events=["product.changed"],
            )  # fmt: skip
        ProductFactory()
        deliver_due()
        for name in ("webhookendpoint_changelist", "webhookdelivery_changelist"):
            client.get(page(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page(name)).status_code == 200
            costs.setdefault(name, []).append(len(queries))
    for name, counts in costs.items():
        assert len(set(counts)) == 1, (name, counts)


def test_the_log_does_not_read_what_it_does_not_show(
    client: Client, site: Receiver, endpoint: WebhookEndpoint
) -> None:
    ProductFactory()
    deliver_due()
    with CaptureQueriesContext(connection) as queries:
        client.get(page("webhookdelivery_changelist"))
    assert not any('"body"' in each["sql"] for each in queries)
