"""Where the stores are, as a browser asks that finds out for itself which are near."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stores.models import Store
from tests.factories import ProductFactory, StoreFactory, with_stock

pytestmark = pytest.mark.django_db


def test_open_stores_with_a_place(client: Client, db: None) -> None:
    StoreFactory(code="A", name="Altona", latitude=53.55234567, longitude=9.92861234)
    StoreFactory(code="B", name="Nowhere")
    StoreFactory(code="C", name="Closed", latitude=1, longitude=1, is_active=False)
    answer = client.get(reverse("recognition:store-places"))
    assert answer.json() == {"stores": [["A", "Altona", 53.5523, 9.9286]]}
    assert "public" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")


def many(number: int) -> None:
    Store.objects.bulk_create(
        [
            Store(
                code=f"S{n:04d}", name=f"Store {n:04d}", address=f"Street {n}\nTown {n % 50}",
                latitude=50 + n / 1000, longitude=10,
            )
            for n in range(number)
        ]
    )  # fmt: skip


def test_a_chain_is_one_small_answer(client: Client, db: None) -> None:
    many(2000)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(reverse("recognition:store-places"))
    assert len(captured) == 1
    assert len(answer.json()["stores"]) == 2000
    assert len(answer.content) < 150_000


def test_of_a_chain_stores_are_found_by_name_street_or_town(client: Client, db: None) -> None:
    many(60)
    product = ProductFactory(name="Lamp")
    with_stock(Store.objects.get(code="S0007"), product, 2)
    page = client.get("/", {"q": "lamp"}).content.decode()
    assert 'name="find_store"' in page
    assert 'name="store"' not in page
    for words in ("Store 0007", "street 7", "TOWN 7", "s0007"):
        found = client.get("/", {"q": "lamp", "find_store": words}).content.decode()
        assert 'value="S0007"' in found, words
    chosen = client.get("/", {"q": "lamp", "store": ["S0007", "S0008"]}).content.decode()
    assert chosen.count("checked") >= 2
    assert "Store 0007: only 2 left" in chosen
    odd = client.get("/", {"find_store": "x" * 81})
    assert odd.status_code == 400
