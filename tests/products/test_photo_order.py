"""The order of a product's photos, and their deletion, as the admin and others ask for them."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from products.models import Product, ProductImage
from products.photos import delete_photo, reorder_photos
from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db


def photos(product: Product) -> list[int]:
    return list(product.images.order_by("position", "pk").values_list("pk", flat=True))


@pytest.fixture
def product() -> Product:
    product = ProductFactory(name="Desk lamp")
    for seed in range(4):
        with_photo(seed, product)
    return product


def test_photos_are_ordered(product: Product) -> None:
    a, b, c, d = photos(product)
    reorder_photos(product=product, ids=[c, a, d, b])
    assert photos(product) == [c, a, d, b]
    assert list(product.images.values_list("position", flat=True)) == [0, 1, 2, 3]
    assert Product.objects.get(pk=product.pk).face.pk == c


def test_gaps_close_when_photos_are_ordered(product: Product) -> None:
    a, b, c, d = photos(product)
    ProductImage.objects.filter(pk=d).update(position=4_000_000)
    delete_photo(product=product, photo_id=a)
    reorder_photos(product=product, ids=[d, b, c])
    assert list(product.images.values_list("pk", "position")) == [(d, 0), (b, 1), (c, 2)]


def test_an_order_that_is_not_of_this_product_changes_nothing(product: Product) -> None:
    foreign = with_photo(9).pk
    before = photos(product)
    a, b, c, d = before
    for ids in (
        [],
        [a, b, c],
        [a, b, c, d, foreign],
        [a, b, c, foreign],
        [a, a, b, c],
        [d, c, b, b],
    ):
        with pytest.raises(ValidationError, match="changed meanwhile"):
            reorder_photos(product=product, ids=ids)
        assert photos(product) == before


def test_ordering_does_not_send_photos_to_recognition_again(product: Product) -> None:
    digests = set(product.images.values_list("digest", flat=True))
    reorder_photos(product=product, ids=photos(product)[::-1])
    assert set(product.images.values_list("digest", flat=True)) == digests


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_end_as_one_of_them(product: Product) -> None:
    first = photos(product)
    orders = [first[::-1], [*first[2:], *first[:2]]]
    start = Barrier(len(orders))
    failures: list[Exception] = []

    def order(ids: list[int]) -> None:
        try:
            start.wait()
            for _ in range(10):
                reorder_photos(product=product, ids=ids)
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=order, args=[ids]) for ids in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert photos(product) in orders


def test_a_photo_of_another_product_is_not_deleted(product: Product) -> None:
    foreign = with_photo(9)
    delete_photo(product=product, photo_id=foreign.pk)
    delete_photo(product=product, photo_id=987654321)
    assert ProductImage.objects.count() == 5


def test_a_photo_says_which_it_is(product: Product) -> None:
    assert [str(image) for image in product.images.all()][:2] == [
        "Photo 1 of Desk lamp",
        "Photo 2 of Desk lamp",
    ]
