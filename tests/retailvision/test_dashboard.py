"""The admin's first page: what to look after, as far as somebody may see it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recognition.embedding import embed_pending
from recognition.models import ImageEmbedding, Sighting
from stores.models import StockLevel
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    UserFactory,
    clerk_of,
    with_photo,
    with_stock,
)

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


def figures(client: Client) -> dict[str, int]:
    return {each.label: each.value for each in client.get(INDEX).context["figures"]}


def test_it_counts_what_is_there(admin_client: Client, encoder) -> None:
    for n in range(3):
        with_photo(n)
    embed_pending(encoder)
    with_photo(7)
    ImageEmbedding.objects.filter(pk=ImageEmbedding.objects.ready().first().pk).update(
        state="failed", vector=None, reason="The file is gone."
    )
    ProductFactory()
    ProductFactory(is_active=False)
    assert figures(admin_client) == {
        "Products": 5,
        "Without a photo": 1,
        "Photos ready": 2,
        "Photos waiting": 1,
        "Photos failed": 1,
        "Low stock": 0,
    }
    page = admin_client.get(INDEX)
    assert "The file is gone." in page.content.decode()
    assert page.context["coverage"]["percent"] == 50


def test_every_figure_leads_to_the_rows_that_it_counts(admin_client: Client, encoder) -> None:
    with_photo(1, name="Lamp with a photo")
    ProductFactory(name="Faceless")
    store = StoreFactory()
    with_stock(store, ProductFactory(name="Running out"), 1)
    StockLevel.objects.update(reorder_point=5)
    for figure in admin_client.get(INDEX).context["figures"]:
        answer = admin_client.get(figure.url)
        assert answer.status_code == 200, figure.url
        if figure.label in {"Without a photo", "Low stock"}:
            text = answer.content.decode()
            assert "Lamp with a photo" not in text
            assert ("Faceless" if figure.label == "Without a photo" else "Running out") in text


def test_recent_sightings_are_shown(admin_client: Client, encoder) -> None:
    product = ProductFactory(name="Seen lamp")
    Sighting.objects.create(
        source="stocktake", encoder=encoder, best_product=product, distance=0.2, margin=0.1
    )
    assert "Seen lamp" in admin_client.get(INDEX).content.decode()


def test_a_clerk_sees_the_low_stock_of_own_stores_only(client: Client, encoder) -> None:
    own, other = StoreFactory(name="Own"), StoreFactory(name="Other")
    for store in (own, other):
        with_stock(store, ProductFactory(name=f"Tea of {store.name}"), 1)
    StockLevel.objects.update(reorder_point=5)
    client.force_login(clerk_of(own))
    assert figures(client) == {"Low stock": 1}
    page = client.get(INDEX).content.decode()
    assert "Tea of Own" in page
    assert "Tea of Other" not in page
    assert "Photos failed" not in page


def test_somebody_without_a_role_is_told(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert "You have no role yet" in client.get(INDEX).content.decode()


def test_it_costs_the_same_for_few_and_for_many_rows(client: Client, encoder) -> None:
    store = StoreFactory()
    client.force_login(StaffFactory())

    def add(count: int) -> None:
        for n in range(count):
            product = with_photo(n % 5).product
            with_stock(store, product, 1)
            Sighting.objects.create(
                source="stocktake", encoder=encoder, best_product=product, distance=0.2
            )
        StockLevel.objects.update(reorder_point=5)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(INDEX).status_code == 200
        return len(captured)

    add(10)
    queries()
    few = queries()
    add(40)
    assert queries() == few
