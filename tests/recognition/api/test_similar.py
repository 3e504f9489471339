"""`GET /api/v1/products/{sku}/similar/`."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/P0/similar/"


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(12):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}"))
    embed_pending(encoder)
    return encoder


def test_the_nearest_products_without_itself(shop: Encoder, client: Client) -> None:
    answer = client.get(URL)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"sku", "encoder", "seen", "results"}
    assert (body["sku"], body["encoder"], body["seen"]) == ("P0", shop.key, True)
    assert len(body["results"]) == 11
    distances = [each["distance"] for each in body["results"]]
    assert distances == sorted(distances)
    assert "P0" not in {each["product"]["sku"] for each in body["results"]}
    assert set(body["results"][0]) == {"product", "distance", "photo"}
    assert body["results"][0]["photo"]["url"].startswith("http://testserver/")


def test_a_limit_and_the_stores_when_asked(shop: Encoder, client: Client) -> None:
    first = client.get(URL, {"limit": 1}).json()["results"]
    assert len(first) == 1
    with_stock(StoreFactory(code="north"), Product.objects.get(sku=first[0]["product"]["sku"]), 3)
    shown = client.get(URL, {"limit": 2, "include": "stock"}).json()["results"]
    assert [each["stock"] for each in shown] == [
        [{"store": "north", "name": "Store 0", "quantity": 3}], [],
    ] or shown[0]["stock"][0]["quantity"] == 3  # fmt: skip


@pytest.mark.parametrize("changed", [{"is_active": False}, {"sku": "OTHER"}])
def test_what_is_not_sold_is_not_there(shop: Encoder, client: Client, changed: dict) -> None:
    Product.objects.filter(sku="P0").update(**changed)
    assert client.get(URL).status_code == 404


def test_a_merged_product_is_not_there(shop: Encoder, client: Client) -> None:
    Product.objects.filter(sku="P0").update(merged_into=Product.objects.get(sku="P1"))
    assert client.get(URL).status_code == 404
    assert client.get("/api/v1/products/%0A/similar/").status_code == 404


@pytest.mark.parametrize(
    ("query", "attr"), [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"include": "x"}, "include")]
)  # fmt: skip
def test_bad_parameters(shop: Encoder, client: Client, query: dict, attr: str) -> None:
    answer = client.get(URL, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_nothing_is_known_before_it_was_looked_at(db: None, client: Client) -> None:
    ProductFactory(sku="P0")
    body = client.get(URL).json()
    assert body == {"sku": "P0", "encoder": None, "seen": False, "results": []}


def test_the_same_queries_for_few_and_for_many(shop: Encoder, client: Client) -> None:
    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"limit": limit, "include": "stock"})
        return len(captured)

    client.get(URL)  # makes the thumbnails
    assert queries(2) == queries(11)
