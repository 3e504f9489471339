"""Merging from a product's page: prefilled by a link, done with the form."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from products.models import Product
from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db


def url(product: Product) -> str:
    return reverse("admin:products_product_change", args=[product.pk])


def save(client: Client, product: Product, **fields: Any) -> Any:
    data = {
        "sku": product.sku, "name": product.name, "category": product.category_id,
        "attributes": "{}", "is_active": "on", "images-TOTAL_FORMS": 0, "images-INITIAL_FORMS": 0,
    }  # fmt: skip
    return client.post(url(product), {**data, **fields}, follow=True)


def test_a_link_fills_the_heir_in_and_changes_nothing(admin_client: Client) -> None:
    product, heir = ProductFactory(), ProductFactory(name="The heir")
    answer = admin_client.get(url(product), {"merged_into": heir.pk})
    assert answer.context["adminform"].form["merged_into"].value() == heir.pk
    assert "The heir" in answer.content.decode()
    product.refresh_from_db()
    assert product.merged_into is None


@pytest.mark.parametrize("value", ["", "x", "987654321", "9" * 30])
def test_a_broken_link_shows_the_plain_form(admin_client: Client, value: str) -> None:
    assert admin_client.get(url(ProductFactory()), {"merged_into": value}).status_code == 200


def test_saving_moves_the_photos_to_the_heir(admin_client: Client) -> None:
    image, heir = with_photo(1), ProductFactory()
    answer = save(admin_client, image.product, merged_into=heir.pk, name="New name")
    assert answer.status_code == 200
    product = Product.objects.get(pk=image.product.pk)
    assert (product.merged_into, product.name) == (heir, "New name")
    assert [each.pk for each in heir.images.all()] == [image.pk]
    assert "is merged" in answer.content.decode()


def test_what_was_merged_itself_is_no_heir(admin_client: Client) -> None:
    product, end = ProductFactory(), ProductFactory()
    middle = ProductFactory(merged_into=end, name="Middle")
    answer = save(admin_client, product, merged_into=middle.pk)
    assert "Middle" in str(answer.context["errors"])
    product.refresh_from_db()
    assert product.merged_into is None


def test_a_merged_product_is_still_edited(admin_client: Client) -> None:
    heir = ProductFactory()
    product = ProductFactory(merged_into=heir)
    answer = save(admin_client, product, merged_into=heir.pk, name="New name")
    assert answer.redirect_chain
    product.refresh_from_db()
    assert (product.merged_into, product.name) == (heir, "New name")
