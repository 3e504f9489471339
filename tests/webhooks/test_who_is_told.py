"""An endpoint is told what its owner may see, and not more."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import ANALYST, PARTNER, STORE_CLERK
from recognition.models import Encoder, Sighting
from stores.ledger import receive
from tests.factories import ProductFactory, StaffFactory, StoreFactory, UserFactory, person
from tests.webhooks.receiver import Receiver
from webhooks.delivering import deliver_due
from webhooks.endpoints import create_endpoint
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)


def told(site: Receiver, endpoint: WebhookEndpoint) -> list[Any]:
    deliver_due()
    return [each["data"] for each in site.payloads(endpoint.secret)]


def test_a_clerk_is_told_of_their_own_stores(site: Receiver) -> None:
    own, other = StoreFactory(code="OWN"), StoreFactory(code="OTHER")
    endpoint = create_endpoint(
        owner=person(STORE_CLERK, own), url=site.url, events=["stock.changed"]
    )
    for store in (own, other):
        receive(actor=StaffFactory(), store=store, lines=[(ProductFactory(), 5)])
    (data,) = told(site, endpoint)
    assert (data["store"], data["kind"]) == ("OWN", "receive")
    # Both were handed out; of the other store there was nobody to tell.
    assert WebhookEvent.objects.filter(expanded_at=None).count() == 0


def test_who_reads_no_ledger_is_told_the_level_alone(site: Receiver) -> None:
    """A partner sees the stock of all stores, and the movements of those where they book."""
    own, other = StoreFactory(code="OWN"), StoreFactory(code="OTHER")
    endpoint = create_endpoint(owner=person(PARTNER, own), url=site.url, events=["stock.changed"])
    for store in (own, other):
        receive(actor=StaffFactory(), store=store, lines=[(ProductFactory(), 5)])
    found = {each["store"]: each for each in told(site, endpoint)}
    assert found["OWN"]["kind"] == "receive"
    assert (found["OTHER"]["level"], found["OTHER"]["kind"], found["OTHER"]["operation"]) == (
        5, None, None,
    )  # fmt: skip


def test_an_inactive_owner_is_told_nothing(site: Receiver, endpoint: WebhookEndpoint) -> None:
    owner = endpoint.owner
    owner.is_active = False
    owner.save()
    ProductFactory()
    assert told(site, endpoint) == []
    assert not WebhookDelivery.objects.exists()


def test_who_lost_the_permission_is_told_nothing(site: Receiver) -> None:
    owner = person(PARTNER)
    endpoint = create_endpoint(owner=owner, url=site.url, events=["product.changed"])
    owner.groups.clear()
    ProductFactory()
    assert told(site, endpoint) == []


def test_events_that_the_owner_may_not_see_are_refused(site: Receiver) -> None:
    nobody = UserFactory()
    for event in ("product.changed", "stock.changed", "stock.low", "photo.ready"):
        with pytest.raises(ValidationError) as refused:
            create_endpoint(owner=nobody, url=site.url, events=[event])
        assert refused.value.code == "not_allowed"
    assert create_endpoint(owner=nobody, url=site.url, events=["recognised"])


def test_whose_queries_are_told_to_whom(site: Receiver, encoder: Encoder) -> None:
    partner, analyst = person(PARTNER), person(ANALYST)
    theirs, all_of_them = (
        create_endpoint(owner=owner, url=site.url, events=["recognised"])
        for owner in (partner, analyst)
    )
    own = Sighting.objects.create(encoder=encoder, source=Sighting.Source.API, user=partner)
    Sighting.objects.create(encoder=encoder, source=Sighting.Source.SEARCH)
    deliver_due()
    bodies = {
        endpoint: [each.body for each in WebhookDelivery.objects.filter(endpoint=endpoint)]
        for endpoint in (theirs, all_of_them)
    }
    (to_partner,) = bodies[theirs]
    assert str(own.token) in to_partner
    assert len(bodies[all_of_them]) == 2
    # Who may look at sightings need not be able to speak for whoever asked.
    assert not any(str(own.token) in each for each in bodies[all_of_them])
    for body in (*bodies[theirs], *bodies[all_of_them]):
        assert "vector" not in body
        assert "photo" not in body


def test_too_many_endpoints_are_refused(site: Receiver, settings: Any) -> None:
    settings.WEBHOOK_MAX_ENDPOINTS = 1
    owner = person(PARTNER)
    create_endpoint(owner=owner, url=site.url, events=["recognised"])
    with pytest.raises(ValidationError) as refused:
        create_endpoint(owner=owner, url=site.url, events=["recognised"])
    assert refused.value.code == "too_many"


def test_an_owner_is_not_deleted_with_what_they_are_told(endpoint: WebhookEndpoint) -> None:
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        endpoint.owner.delete()
