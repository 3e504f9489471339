"""The same call twice by one `Idempotency-Key`: done once, answered the same."""

from typing import Any

import pytest

from products.models import Category, Product, ProductImage
from tests.factories import ProductFactory
from tests.products.api.client import Api, errors, new, upload

pytestmark = pytest.mark.django_db


def test_a_product_with_its_photos(partner: Api, lamps: Category, encoder: Any) -> None:
    def send(boundary: str, **fields: Any) -> Any:
        data = new(photos=[upload(1), upload(2)], **fields)
        return partner.form("products/", data, boundary, Idempotency_Key="one")

    first, second = send("first"), send("second")
    assert first.status_code == second.status_code == 201, first.content
    assert first.json() == second.json()
    assert len(first.json()["photos"]) == 2
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert second["Idempotency-Replayed"] == "true"
    assert (Product.objects.count(), ProductImage.objects.count()) == (1, 2)
    other = send("third", brand="Glow")
    assert (other.status_code, errors(other)) == (409, [("idempotency_key_reused", None)])


def test_what_was_refused_may_be_sent_anew(partner: Api, lamps: Category) -> None:
    bad = partner.send("POST", "products/", new(price="-1"), Idempotency_Key="one")
    assert bad.status_code == 400
    good = partner.send("POST", "products/", new(), Idempotency_Key="one")
    assert good.status_code == 201


def test_a_change_and_a_deletion(editor: Api) -> None:
    ProductFactory(sku="A-1", price=1)
    tag = editor.get("products/A-1/")["ETag"]
    for _ in range(2):
        answer = editor.send(
            "PATCH", "products/A-1/", {"price": "2"}, If_Match=tag, Idempotency_Key="one"
        )
        assert answer.status_code == 200, "by itself the second would be 412"
    for _ in range(2):
        gone = editor.send(
            "DELETE", "products/A-1/", If_Match=answer["ETag"], Idempotency_Key="two"
        )
        assert gone.status_code == 204
    assert not Product.objects.exists()
