"""What stands in a warehouse is stock for clerks, and nowhere for customers to go."""

from typing import Any

import pytest
from django.test import Client

from products.models import Product
from recognition.facets import count_facets
from recognition.filters import Filters
from stores.models import Store
from tests.factories import ProductFactory, StoreFactory, person, with_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Store:
    return StoreFactory(code="SHOP", name="Altona", latitude=53.55, longitude=9.93)


@pytest.fixture
def warehouse() -> Store:
    return StoreFactory(
        code="HALL", name="Great Hall", latitude=53.54, longitude=10.06, is_public=False
    )


@pytest.fixture
def lamp(shop: Store, warehouse: Store) -> Product:
    """In the warehouse alone."""
    product = ProductFactory(sku="L1", name="Desk lamp", price=20)
    with_stock(warehouse, product, 40)
    return product


def html(client: Client, address: str, **query: Any) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_is_no_store_for_customers(client: Client, lamp: Product, warehouse: Store) -> None:
    assert "Great Hall" not in html(client, "/stores/")
    assert client.get(warehouse.get_absolute_url()).status_code == 404
    assert warehouse.get_absolute_url() not in html(client, "/sitemaps/stores.xml")
    assert "HALL" not in client.get("/store-places.json").content.decode()


def test_what_it_holds_is_in_no_store(client: Client, lamp: Product, shop: Store) -> None:
    page = html(client, lamp.get_absolute_url())
    assert "Great Hall" not in page
    assert "https://schema.org/OutOfStock" in page
    found = html(client, "/", q="lamp")
    assert "Desk lamp" in found
    assert "Great Hall" not in found
    assert "Desk lamp" not in html(client, "/", q="lamp", in_stock="1")
    assert count_facets(words="lamp", filters=Filters()).in_stock == 0
    with_stock(shop, lamp, 2)
    assert "Desk lamp" in html(client, "/", q="lamp", in_stock="1")
    assert count_facets(words="lamp", filters=Filters()).in_stock == 1
    assert "https://schema.org/InStoreOnly" in html(client, lamp.get_absolute_url())


def test_it_cannot_be_asked_for(client: Client, lamp: Product) -> None:
    answer = client.get("/", {"q": "lamp", "store": "HALL"})
    assert answer.status_code == 400
    assert "There is no open store" in answer.content.decode()


def test_clerks_work_in_it(client: Client, lamp: Product, warehouse: Store) -> None:
    client.force_login(person("Store clerk", warehouse, username="maria", is_staff=False))
    assert "Great Hall" in html(client, "/stock/")
    assert "40" in html(client, "/stock/HALL/products/L1/")


def test_a_site_with_warehouses_alone_says_nothing_of_stock(client: Client) -> None:
    with_stock(StoreFactory(is_public=False), ProductFactory(sku="L2", price=20), 3)
    assert "schema.org/OutOfStock" not in html(client, "/products/L2/")
    assert "schema.org/InStoreOnly" not in html(client, "/products/L2/")
