"""A mistyped name is refused where it would be left out without a word; so is an address without its
slash.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import PARTNER
from products.models import Category, Product
from tests.api.programs import Program, error, program
from tests.factories import ProductFactory, StoreFactory, person
from tests.pictures import product_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Program:
    return program(person(PARTNER, StoreFactory(code="MAIN")))


def test_a_field_that_is_none(partner: Program) -> None:
    ProductFactory(sku="A")
    answer = partner.send("PATCH", "products/A/", {"prise": "3.19"}, **{"If-Match": "*"})
    assert error(answer) == (400, "unknown_field", "prise")
    assert "price" in answer.json()["errors"][0]["detail"]
    booking = {"kind": "receive", "store": "MAIN", "lines": [], "referense": "x"}
    assert error(partner.post("movements/", booking)) == (400, "unknown_field", "referense")


def test_a_file_under_another_name(partner: Program) -> None:
    Category.objects.at_path("Lamps")
    photo = SimpleUploadedFile("a.png", product_photo(1))
    answer = partner.client.post(
        "/api/v1/products/", {"sku": "A", "name": "Lamp", "category": "Lamps", "photo": photo}
    )
    assert error(answer) == (400, "unknown_field", "photo")
    assert not Product.objects.exists()
    photo.seek(0)
    assert error(Client().post("/api/v1/search/", {"picture": photo}))[1] == "unknown_field"


@pytest.mark.parametrize("path", ["products/", "categories/", "stock/", "movements/", "stores/"])
def test_a_filter_that_is_none(partner: Program, path: str) -> None:
    assert error(partner.get(f"{path}?categry=Lamps")) == (400, "unknown_field", "categry")
    assert partner.get(f"{path}?limit=5").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_address_without_its_slash(partner: Program, method: str) -> None:
    answer = partner.send(method, "products", {"sku": "A"})
    assert error(answer) == (404, "slash_missing", None)
    assert "/api/v1/products/" in answer.json()["errors"][0]["detail"]


def test_a_key_that_is_none_is_told_how_it_is_sent() -> None:
    answer = Client(headers={"Authorization": "Bearer rv_1"}).get("/api/v1/whoami/")
    assert error(answer) == (401, "authentication_failed", None)
    assert "Bearer rv_" in answer.json()["errors"][0]["detail"]
