"""A count rests on a photo only if whoever enters it took it, for this count."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from products.models import Product
from recognition.models import Encoder, Sighting
from stores import stocktaking
from stores.models import Stocktake, StocktakeLine, Store
from tests.factories import ProductFactory, StoreFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return StoreFactory(code="center")


@pytest.fixture
def maria(store: Store) -> Any:
    return person("Store clerk", store, username="maria", is_staff=False)


@pytest.fixture
def stocktake(maria: Any, store: Store) -> Stocktake:
    ProductFactory(sku="P1")
    return stocktaking.open_stocktake(actor=maria, store=store)


@pytest.fixture
def sighting(encoder: Encoder, maria: Any, stocktake: Stocktake) -> Sighting:
    """Of a photo that Maria took to count."""
    return Sighting.objects.create(
        user=maria, source=Sighting.Source.STOCKTAKE, store=stocktake.store, encoder=encoder
    )


def enter(client: Client, who: Any, stocktake: Stocktake, sighting: Sighting) -> StocktakeLine:
    """The line that comes of it; whatever the photo, what was counted is not lost."""
    client.force_login(who)
    address = f"/stock/{stocktake.store.code}/counts/{stocktake.pk}/products/P1/"
    key = f"{who}-{stocktake.pk}"
    answer = client.post(address, {"quantity": 4, "key": key, "seen": sighting.token})
    assert answer.status_code == 302
    sighting.refresh_from_db()
    return StocktakeLine.objects.latest("pk")


def proves_nothing(line: StocktakeLine, sighting: Sighting) -> bool:
    return (line.counted, line.evidence, line.method, sighting.review) == (4, "", "hand", "")


def test_ones_own_photo_of_this_count(client, maria, stocktake, sighting) -> None:
    line = enter(client, maria, stocktake, sighting)
    assert (line.evidence, line.method) == (sighting.evidence, "photo")
    assert sighting.reviewed_by == maria


def test_somebody_elses_photo(client, maria, store, stocktake, sighting) -> None:
    jonas = person("Store clerk", store, username="jonas", is_staff=False)
    assert proves_nothing(enter(client, jonas, stocktake, sighting), sighting)
    # Nor is a photo nobody's to take whose log-in is gone.
    Sighting.objects.update(user=None)
    assert proves_nothing(enter(client, maria, stocktake, sighting), sighting)


@pytest.mark.parametrize("source", ["booking", "search", "api"])
def test_a_photo_that_was_not_taken_to_count(client, maria, stocktake, sighting, source) -> None:
    Sighting.objects.update(source=source)
    assert proves_nothing(enter(client, maria, stocktake, sighting), sighting)


def test_a_photo_from_before_this_count(client, maria, stocktake, sighting) -> None:
    stocktaking.cancel(actor=maria, stocktake=stocktake)
    later = stocktaking.open_stocktake(actor=maria, store=stocktake.store)
    assert proves_nothing(enter(client, maria, later, sighting), sighting)


def test_a_photo_that_is_the_evidence_of_another_count(client, maria, stocktake, sighting) -> None:
    category = Product.objects.get().category
    other = stocktaking.open_stocktake(actor=maria, store=stocktake.store, category=category)
    Sighting.objects.update(created_at=timezone.now())
    enter(client, maria, stocktake, sighting)
    line = enter(client, maria, other, sighting)
    assert (line.stocktake, line.evidence, line.method) == (other, "", "hand")


def test_a_photo_of_another_store(client, maria, stocktake, sighting) -> None:
    Sighting.objects.update(store=StoreFactory())
    assert proves_nothing(enter(client, maria, stocktake, sighting), sighting)


def test_two_places_rest_on_one_photo(client, maria, stocktake, sighting) -> None:
    client.force_login(maria)
    address = f"/stock/center/counts/{stocktake.pk}/products/P1/"
    for key in ("shelf", "storeroom"):
        client.post(address, {"quantity": 4, "key": key, "seen": sighting.token})
    evidence = StocktakeLine.objects.values_list("evidence", flat=True)
    assert list(evidence) == [sighting.evidence] * 2
