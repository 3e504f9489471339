"""An endpoint is told what its owner may see, and not more."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.roles import ANALYST, PARTNER, STORE_CLERK
from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from stores.ledger import receive
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    UserFactory,
    person,
    with_photo,
)
from tests.webhooks.receiver import Receiver
from webhooks.delivering import Claim, claim, deliver_due
from webhooks.endpoints import create_endpoint
from webhooks.expanding import expand_events
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from webhooks.queue import something_is_due

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


def new_for(endpoint: WebhookEndpoint) -> list[Any]:
    """What was made for one of several endpoints since it was asked last."""
    deliver_due()
    log = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk")
    found = [json.loads(each.body)["data"] for each in log]
    log.delete()
    return found


def viewer(*codenames: str) -> Any:
    """Somebody who may look at these things and do nothing else."""
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_who_may_not_see_unpublished_products_is_told_nothing_of_them(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    theirs = create_endpoint(owner=viewer("view_product"), url=site.url, events=["product.changed"])
    secret = ProductFactory(sku="SECRET", name="Not yet", price="9.99", is_active=False)
    Product.objects.filter(pk=secret.pk).update(name="Still not")
    with_photo(1, secret)
    assert new_for(theirs) == []
    assert len(new_for(endpoint)) == 3  # who changes products sees all of it
    Product.objects.filter(pk=secret.pk).update(is_active=True)
    (published,) = new_for(theirs)
    assert (published["change"], published["product"]["name"]) == ("updated", "Still not")


def test_of_what_went_inactive_the_sku_alone_is_told(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    theirs = create_endpoint(owner=viewer("view_product"), url=site.url, events=["product.changed"])
    product = ProductFactory(sku="A-1")
    new_for(theirs)
    new_for(endpoint)
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(is_active=False)
        with_photo(1, product)
        Product.objects.filter(pk=product.pk).update(price=5)
    Product.objects.filter(pk=product.pk).update(price=6)  # nobody's who does not see it
    assert new_for(theirs) == [
        {"sku": "A-1", "change": "withdrawn", "former_sku": None, "product": None}
    ]
    assert [each["product"]["is_active"] for each in new_for(endpoint)] == [False, False]
    Product.objects.filter(pk=product.pk).delete()
    assert [each["change"] for each in new_for(theirs)] == ["deleted"]


def test_what_is_made_and_hidden_at_once_was_never_there(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    theirs = create_endpoint(owner=viewer("view_product"), url=site.url, events=["product.changed"])
    with transaction.atomic():
        product = ProductFactory()
        Product.objects.filter(pk=product.pk).update(is_active=False)
    assert new_for(theirs) == []


def test_photos_are_told_to_who_may_see_them(site: Receiver, encoder: Encoder) -> None:
    with pytest.raises(ValidationError):
        create_endpoint(owner=viewer("view_product"), url=site.url, events=["photo.ready"])
    looks, changes = (
        create_endpoint(owner=owner, url=site.url, events=["photo.ready"])
        for owner in (viewer("view_product", "view_productimage"), person(PARTNER))
    )
    with_photo(1, ProductFactory(sku="SHOWN"))
    with_photo(2, ProductFactory(sku="HIDDEN", is_active=False))
    embed_pending(encoder)
    assert [each["sku"] for each in new_for(looks)] == ["SHOWN"]
    assert [each["sku"] for each in new_for(changes)] == ["SHOWN", "HIDDEN"]


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


def make_due() -> None:
    WebhookDelivery.objects.filter(state="pending").update(due_at=timezone.now())


def test_what_waits_for_an_owner_who_went_inactive_waits_on(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    ProductFactory()
    expand_events()
    owner = endpoint.owner
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert not something_is_due()
    assert deliver_due().total == 0
    assert WebhookDelivery.objects.get().state == "pending"
    type(owner).objects.filter(pk=owner.pk).update(is_active=True)
    assert something_is_due()
    assert deliver_due().delivered == 1


def test_who_went_inactive_after_the_claim_is_not_sent_to(
    site: Receiver, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = endpoint.owner
    ProductFactory()

    def claim_and_deactivate(most: int) -> list[Claim]:
        claims = claim(most)
        type(owner).objects.filter(pk=owner.pk).update(is_active=False)
        return claims

    monkeypatch.setattr("webhooks.delivering.claim", claim_and_deactivate)
    assert deliver_due().total == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.leased_until, delivery.log.count()) == ("pending", None, 0)


def test_what_waits_for_who_lost_the_permission_is_given_up(site: Receiver) -> None:
    owner = person(PARTNER, username="shop")
    endpoint = create_endpoint(owner=owner, url=site.url, events=["product.changed"])
    site.status = 500
    ProductFactory()
    deliver_due()
    site.status = 204
    owner.groups.clear()
    make_due()
    assert deliver_due().total == 0
    assert len(site.received) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.leased_until) == ("failed", None)
    log = delivery.log.last()
    assert log.error == "Not sent: shop may not see any more what product.changed is about."
    assert not something_is_due()
    endpoint.refresh_from_db()
    assert endpoint.consecutive_failures == 1  # it is no failure of the receiver's


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
