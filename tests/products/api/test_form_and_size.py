"""Fields of a form that stand twice, and attributes without end."""

import json
from typing import Any

import pytest

from products.models import Category, Product
from products.models.product import ATTRIBUTES_MAX_BYTES
from tests.products.api.client import Api, errors, new

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["sku", "name", "is_active", "attributes"])
def test_a_field_that_is_sent_twice(partner: Api, lamps: Category, name: str) -> None:
    answer = partner.form("products/", {**new(), name: ["{}", "{}"]})
    assert (answer.status_code, errors(answer)) == (400, [("sent_twice", name)])
    assert not Product.objects.exists()


def attributes(size: int) -> dict[str, str]:
    """Of so many bytes as JSON, in letters of two bytes."""
    rest = size - len(json.dumps({"a": ""}))
    return {"a": "я" * (rest // 2) + "x" * (rest % 2)}


def test_attributes_have_a_limit(partner: Api, lamps: Category) -> None:
    large: Any = attributes(ATTRIBUTES_MAX_BYTES + 1)
    answer = partner.send("POST", "products/", new(attributes=large))
    assert (answer.status_code, errors(answer)) == (400, [("attributes_too_large", "attributes")])
    most = attributes(ATTRIBUTES_MAX_BYTES)
    assert partner.send("POST", "products/", new(attributes=most)).status_code == 201
    answer = partner.send("PATCH", "products/A-1/", {"attributes": large}, If_Match="*")
    assert (answer.status_code, errors(answer)) == (400, [("attributes_too_large", "attributes")])
