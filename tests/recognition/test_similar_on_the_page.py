"""What a product's page shows as similar, and the order of look-alikes in an answer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from products.models import Product
from recognition import search as searching
from recognition.embedding import embed_pending
from recognition.models import Encoder
from recognition.search import Query, search
from recognition.verdicts import Verdict
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import product_picture

pytestmark = pytest.mark.django_db


def shop(encoder: Encoder, number: int, *, first: int = 0) -> list[Product]:
    products = [ProductFactory(sku=f"S{at:03d}") for at in range(first, first + number)]
    for at, product in enumerate(products, start=first):
        with_photo(at, product)
    embed_pending(encoder)
    return products


def test_the_nearest_others_that_are_sold(encoder: Encoder, client: Client) -> None:
    products = shop(encoder, 9)
    products[3].is_active = False
    products[3].save()
    page = client.get(products[0].get_absolute_url()).content.decode()
    shown = [product.sku for product in products if f'data-sku="{product.sku}"' in page]
    assert len(shown) == 6
    assert products[0].sku not in shown
    assert products[3].sku not in shown


def test_they_say_where_they_are_in_stock(encoder: Encoder, client: Client) -> None:
    gone, there, _other = shop(encoder, 3)
    with_stock(StoreFactory(name="Main Street"), there, 4)
    page = client.get(gone.get_absolute_url()).content.decode()
    similar = page[page.index('data-testid="similar"') :]
    assert similar.count('data-testid="card-stock"') == 2
    assert "Main Street: 4 in stock" in " ".join(similar.split())


def test_nothing_where_nothing_is_known(encoder: Encoder, client: Client) -> None:
    product = ProductFactory()
    assert "Looks similar" not in client.get(product.get_absolute_url()).content.decode()
    with_photo(1, product)
    embed_pending(encoder)
    assert "Looks similar" not in client.get(product.get_absolute_url()).content.decode()


def test_as_many_queries_for_many_as_for_a_few(encoder: Encoder, client: Client) -> None:
    products, numbers = shop(encoder, 4), []
    for more in (0, 20):
        shop(encoder, more, first=len(products))
        client.get(products[0].get_absolute_url())  # makes the thumbnails
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(products[0].get_absolute_url())
        numbers.append(len([each for each in asked if "easy_thumbnails" not in each["sql"]]))
    assert numbers[0] == numbers[1]


def test_look_alikes_come_first_and_the_rest_keeps_its_order(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(encoder, 8)
    photo: Image.Image = product_picture(2)
    before = [result.product for result in search(Query(photo=photo)).results]
    named = (before[4], before[0])
    verdict: Any = Verdict.__new__(Verdict)
    for name, value in (("kind", "lookalike"), ("products", named)):
        object.__setattr__(verdict, name, value)
    monkeypatch.setattr(searching, "_judge", lambda *_given: verdict)
    after = [result.product for result in search(Query(photo=photo)).results]
    rest = [product for product in before if product not in named]
    assert after == [before[0], before[4], *rest]
    # No more than asked for, and the look-alikes among them.
    assert [each.product for each in search(Query(photo=photo, limit=2)).results] == after[:2]
