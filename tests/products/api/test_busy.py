"""Photos are decoded two at a time, whoever sends them; others wait a while, then come back later."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Timer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from products import decoding
from products.models import Category, Product, ProductImage
from tests.factories import ProductFactory
from tests.pictures import product_photo
from tests.products.api.client import Api, errors, new, upload
from tests.products.import_runs import begun, counts, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """Photos that are being decoded; closed, they are done."""
    monkeypatch.setattr(decoding, "_MOST_SECONDS_WAITING", 0.01)
    with ExitStack() as stack:
        stack.enter_context(decoding.room_to_decode())
        stack.enter_context(decoding.room_to_decode())
        yield stack


@pytest.mark.parametrize("path", ["products/", "products/A-1/photos/"])
def test_a_program_is_told_when_to_come_back(
    partner: Api, lamps: Category, encoder: Any, others: ExitStack, path: str
) -> None:
    ProductFactory(sku="A-1")
    partner.client.raise_request_exception = False
    fields = new("A-2") if path == "products/" else {}
    data = {**fields, "photos": [upload(1)]}
    answer = partner.form(path, data, Idempotency_Key="k")
    assert (answer.status_code, errors(answer)) == (503, [("busy", None)])
    assert int(answer["Retry-After"]) > 0
    assert (Product.objects.count(), ProductImage.objects.count()) == (1, 0)
    others.close()
    data["photos"] = [upload(1)]
    assert partner.form(path, data, Idempotency_Key="k").status_code == 201


def test_the_tiles_say_so(admin_client: Client, others: ExitStack) -> None:
    product = ProductFactory()
    url = reverse("admin:products_product_photo_add", args=[product.pk])
    answer = admin_client.post(url, {"file": upload(1)})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Too many photos are being read at once.")
    others.close()
    assert admin_client.post(url, {"file": upload(1)}).status_code == 200


def test_a_form_says_so(admin_client: Client, lamps: Category, others: ExitStack) -> None:
    data = {
        "sku": "A-1", "name": "Lamp", "category": lamps.pk, "attributes": "{}",
        "images-TOTAL_FORMS": 1, "images-INITIAL_FORMS": 0, "images-0-file": upload(1),
    }  # fmt: skip
    answer = admin_client.post(reverse("admin:products_product_add"), data)
    assert answer.status_code == 200
    assert "Too many photos are being read at once." in answer.content.decode()
    assert not Product.objects.exists()


def test_an_import_waits(lamps: Category, encoder: Any, others: ExitStack) -> None:
    run = begun("A-1,Lamp,Home/Lamps,,,,,a.jpg", photos={"a.jpg": product_photo(1)})
    timer = Timer(0.2, others.close)
    timer.start()
    run = worked(run)
    timer.join()
    assert (counts(run), run.counts["images_created"]) == ((1, 0, 0, 0), 1)
