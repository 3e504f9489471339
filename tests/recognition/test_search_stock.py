"""One query gives the product and the shelf."""

import pytest
from django.test import Client

from recognition.embedding import embed_pending
from recognition.filters import Filters
from recognition.search import Query, search
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/"


@pytest.fixture
def lamps(encoder) -> list:
    products = [ProductFactory(sku=f"L{n}", name=f"Lamp {n}") for n in range(3)]
    for n, product in enumerate(products):
        with_photo(n, product)
    embed_pending(encoder)
    return products


def test_without_stores_nothing_is_said_of_stock(client: Client, lamps) -> None:
    answer = client.post(URL, {"text": "lamp", "include": "stock"})
    assert {each["stock"] for each in answer.json()["results"]} == {None}
    assert b"In no store" not in client.get("/?q=lamp").content
    assert b"Where it is now" not in client.get(lamps[0].get_absolute_url()).content


def test_each_result_names_the_open_stores_that_hold_it(client: Client, lamps) -> None:
    north, south = StoreFactory(code="north", name="North"), StoreFactory(code="south")
    closed = StoreFactory()
    with_stock(north, lamps[0], 2)
    with_stock(south, lamps[0], 5)
    with_stock(closed, lamps[0], 9)
    closed.is_active = False
    closed.save()
    answer = client.post(URL, {"text": "lamp", "include": "stock"}).json()
    results = {r["product"]["sku"]: r for r in answer["results"]}
    assert [(shelf["store"], shelf["quantity"]) for shelf in results["L0"]["stock"]] == [
        ("south", 5),
        ("north", 2),
    ]
    assert results["L1"]["stock"] == []
    page = client.get(lamps[0].get_absolute_url()).content.decode()
    assert "North" in page
    assert closed.name not in page
    assert "In no store at the moment" in client.get("/?q=lamp").content.decode()


@pytest.mark.parametrize("where", ["field", "address", "json", "json list"])
def test_stock_is_said_when_it_is_asked_for(client: Client, lamps, where: str) -> None:
    with_stock(StoreFactory(code="north"), lamps[0], 2)
    words = {"text": "lamp"}
    as_json = {"content_type": "application/json"}
    answer = {
        "field": lambda: client.post(URL, {**words, "include": "stock"}),
        "address": lambda: client.post(f"{URL}?include=stock", words),
        "json": lambda: client.post(URL, {**words, "include": "stock"}, **as_json),
        "json list": lambda: client.post(URL, {**words, "include": ["stock"]}, **as_json),
    }[where]()
    assert answer.status_code == 200
    assert all("stock" in each for each in answer.json()["results"])
    unasked = client.post(URL, words).json()["results"]
    assert len(unasked) == 3
    assert not any("stock" in each for each in unasked)


@pytest.mark.parametrize("wanted", ["price", "stock,price"])
def test_what_cannot_be_included_is_refused(client: Client, lamps, wanted: str) -> None:
    for answer in (
        client.post(URL, {"text": "lamp", "include": wanted}),
        client.post(f"{URL}?include={wanted}", {"text": "lamp"}),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "unknown"
        assert answer.json()["errors"][0]["attr"] == "include"
        assert "what can is: stock" in answer.json()["errors"][0]["detail"]


def test_filters_by_store_and_stock_cost_no_result(client: Client, lamps) -> None:
    store = StoreFactory(code="north")
    with_stock(StoreFactory(), lamps[1], 1)
    with_stock(store, lamps[2], 1)
    found = [
        r["product"]["sku"]
        for r in client.post(URL, {"text": "lamp", "store": "north"}).json()["results"]
    ]
    assert found == ["L2"]
    found = [
        r["product"]["sku"]
        for r in client.post(URL, {"text": "lamp", "in_stock": "true"}).json()["results"]
    ]
    assert sorted(found) == ["L1", "L2"]
    refused = client.post(URL, {"text": "lamp", "store": "nowhere"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == "store"

    from products.imaging import PhotoLimits, open_photo

    photo = open_photo(phone_photo(0), PhotoLimits(max_bytes=10**8, max_pixels=10**8))
    by_photo = search(Query(photo=photo, filters=Filters(stores=(store,))))
    assert [result.product.sku for result in by_photo.results] == ["L2"]


def test_stock_costs_the_same_for_few_and_many_results(
    client: Client, encoder, django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    store = StoreFactory()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(URL, {"text": "lamp", "limit": 100, "include": "stock"})
        return len(captured)

    for n in range(10):
        with_stock(store, ProductFactory(name=f"Lamp {n}"), 1)
    few = queries()
    for n in range(40):
        with_stock(store, ProductFactory(name=f"Lamp {n}"), 1)
    assert queries() == few
