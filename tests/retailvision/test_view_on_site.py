"""The admin leads to the public page of a product or a store where there is one, and nowhere else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import ProductFactory, StoreFactory

pytestmark = pytest.mark.django_db


def leads_on(client: Client, obj: Any) -> str | None:
    """The address that "View on site" leads to in the end; None: the button is not there."""
    meta = obj._meta
    change = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
    page = client.get(change)
    assert page.status_code == 200
    url = page.context["absolute_url"]
    if url is None:
        assert "/r/" not in page.content.decode()
        return None
    assert url in page.content.decode()
    answer = client.get(url, follow=True)
    assert answer.status_code == 200
    return answer.request["PATH_INFO"]


def test_of_a_product(admin_client: Client) -> None:
    heir = ProductFactory(sku="P1")
    assert leads_on(admin_client, heir) == "/products/P1/"
    assert leads_on(admin_client, ProductFactory(sku="P2", is_active=False)) is None
    merged = ProductFactory(sku="P3", is_active=False, merged_into=heir)
    assert leads_on(admin_client, merged) == "/products/P1/"


def test_of_a_store(admin_client: Client) -> None:
    assert leads_on(admin_client, StoreFactory(code="A")) == "/stores/A/"
    assert leads_on(admin_client, StoreFactory(code="B", is_active=False)) is None
    assert leads_on(admin_client, StoreFactory(code="C", is_public=False)) is None
