"""Attributes and SKUs that a page could not show, or the database not take."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def nested(depth: int) -> object:
    return "x" if depth == 0 else [nested(depth - 1)]


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        "a\0b",
        float("nan"),
        float("inf"),
        10**20,
        nested(400),
        {"a": {"b": {"c": {"d": 1}}}},
    ],
    ids=["surrogate", "nul", "nan", "infinite", "huge", "deep list", "deep object"],
)
def test_unfit_attributes_are_refused(value: object) -> None:
    product = ProductFactory()
    product.attributes = {"colour": value}
    with pytest.raises(ValidationError, match="Attributes hold text"):
        product.full_clean()


def test_plain_attributes_pass() -> None:
    product = ProductFactory()
    product.attributes = {"colour": "red", "sizes": ["S", "M"], "weight": 1.5, "new": True}
    product.full_clean()


@pytest.mark.parametrize("sku", [".", "..", "a\x01b", "a\x7fb", "a\x85b"])
def test_skus_that_no_address_could_hold_are_refused(sku: str) -> None:
    product = ProductFactory()
    product.sku = sku
    with pytest.raises(ValidationError):
        product.full_clean()


def test_a_description_beyond_what_search_can_take_is_refused() -> None:
    product = ProductFactory()
    product.description = "word " * 5000
    with pytest.raises(ValidationError, match="20000"):
        product.full_clean()
