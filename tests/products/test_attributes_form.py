"""Attributes in the admin's form: whatever is sent is saved whole or said to be wrong."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from products.models import Category, Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def send(client: Client, attributes: str, product: Product | None = None) -> Any:
    name, args = ("change", [product.pk]) if product else ("add", [])
    return client.post(
        reverse(f"admin:products_product_{name}", args=args),
        {
            "sku": "A-1",
            "name": "Apple",
            "category": Category.objects.at_path("Fruit").pk,
            "attributes": attributes,
            "is_active": "on",
            "images-TOTAL_FORMS": 0,
            "images-INITIAL_FORMS": 0,
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ',
        "{a: 1}",
        "NaN",
        '{"a": NaN}',
        '"text"',
        "[1]",
        '{"a": {"b": {"c": {"d": {"e": 1}}}}}',
        '{"a": "\\u0000"}',
    ],
    ids=lambda text: text[:12],
)
def test_what_no_product_can_hold_is_an_error_of_the_form(admin_client: Client, text: str) -> None:
    for product in (None, ProductFactory(sku=f"B-{len(text)}")):
        answer = send(admin_client, text, product)
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["attributes"]
    assert Product.objects.count() == 1


@pytest.mark.parametrize("text", ["", "{}", "null"])
def test_no_attributes_are_none(admin_client: Client, text: str) -> None:
    assert send(admin_client, text).status_code == 302
    assert Product.objects.get().attributes == {}


def test_nested_values_stay_as_they_are(admin_client: Client) -> None:
    text = '{"colour": "red", "sizes": [1, 2.5, {"eu": "42"}], "new": true, "note": null}'
    assert send(admin_client, text).status_code == 302
    assert Product.objects.get().attributes == {
        "colour": "red",
        "sizes": [1, 2.5, {"eu": "42"}],
        "new": True,
        "note": None,
    }


def test_the_field_is_there_without_its_script(admin_client: Client) -> None:
    product = ProductFactory(attributes={"colour": "röd"})
    url = reverse("admin:products_product_change", args=[product.pk])
    page = admin_client.get(url).content.decode()
    assert "<textarea" in page
    assert "{&quot;colour&quot;: &quot;röd&quot;}" in page
