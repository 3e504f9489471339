"""Photos of products: what the database holds them to, and files that follow their rows."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from PIL import Image

from api.stored_files import atomic_with_files
from products.imaging import digest_of
from products.models import Product, ProductImage
from products.photos import add_photo
from products.thumbnails import thumbnail_url
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_photo, product_picture

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def stored_files() -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def write(**fields: Any) -> ProductImage:
    """A row written past `save` and past the door."""
    values = {"digest": "a" * 64, "source_digest": "b" * 64, "width": 1, "height": 1, **fields}
    values.setdefault("product", ProductFactory())
    image = ProductImage(**values)
    with transaction.atomic():
        ProductImage.objects.bulk_create([image])
    return image


# --- the database -----------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["digest", "source_digest"])
@pytest.mark.parametrize("value", ["", "a" * 63, "A" * 64, "g" * 64])
def test_a_digest_is_a_sha256(field: str, value: str) -> None:
    with pytest.raises(IntegrityError, match="image_digests_are_sha256"):
        write(**{field: value})


@pytest.mark.parametrize("field", ["width", "height"])
def test_a_photo_has_pixels(field: str) -> None:
    with pytest.raises(IntegrityError, match="image_has_pixels"):
        write(**{field: 0})


def test_a_product_has_a_photo_once() -> None:
    image = write()
    with pytest.raises(IntegrityError, match="image_once_per_product"):
        write(product=image.product)
    write(product=ProductFactory())
    assert ProductImage.objects.count() == 2


# --- adding -----------------------------------------------------------------------------------


def test_a_photo_is_stored_with_its_facts() -> None:
    product, data = ProductFactory(), product_photo(1, side=200)
    added = add_photo(product=product, data=data)
    image = ProductImage.objects.get()
    assert added.created
    assert added.image == image
    assert (image.width, image.height, image.position) == (200, 200, 0)
    assert image.source_digest == digest_of(data)
    with image.file.open() as file:
        assert digest_of(file.read()) == image.digest
    assert stored_files() == [image.file.name]


def test_a_file_has_a_name_that_tells_nothing() -> None:
    names = {with_photo(seed).file.name for seed in (1, 2)}
    assert len(names) == 2
    for name in names:
        folder, first, rest = name.split("/")
        assert (folder, len(first)) == ("products", 2)
        assert rest.endswith(".jpg")
        assert len(rest) == 34
        assert int(first + rest.removesuffix(".jpg"), 16) >= 0


def test_the_same_bytes_twice_are_one_photo() -> None:
    product, data = ProductFactory(), product_photo(1)
    first = add_photo(product=product, data=data)
    second = add_photo(product=product, data=data)
    assert (first.created, second.created) == (True, False)
    assert second.image == first.image
    assert ProductImage.objects.count() == 1
    assert len(stored_files()) == 1


def test_two_products_may_have_the_same_photo() -> None:
    data = product_photo(1)
    assert add_photo(product=ProductFactory(), data=data).created
    assert add_photo(product=ProductFactory(), data=data).created
    assert len(stored_files()) == 2


def test_photos_stand_in_the_order_in_which_they_came() -> None:
    product = ProductFactory()
    images = [with_photo(seed, product) for seed in (3, 1, 2)]
    assert [image.position for image in images] == [0, 1, 2]
    assert list(product.images.all()) == images
    assert product.face == images[0]
    images[0].delete()
    assert with_photo(4, product).position == 3


def test_a_product_without_photos_has_no_face() -> None:
    assert ProductFactory().face is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty. Choose the photo again."),
        (b"Hello", "This file is not a photo that can be read."),
        (product_photo(1)[:900], "The photo is damaged or incomplete."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG files are not accepted."),
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(data: bytes, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        add_photo(product=ProductFactory(), data=data)
    assert refused.value.messages[0].startswith(message)
    assert not ProductImage.objects.exists()
    assert stored_files() == []


def test_formats_that_browsers_do_not_show_are_stored_as_one_that_they_do() -> None:
    data = encoded(product_picture(1), "GIF")
    assert add_photo(product=ProductFactory(), data=data).image.file.name.endswith(".png")


@pytest.mark.django_db(transaction=True)
def test_the_same_photo_added_at_once_is_one_row_and_one_file() -> None:
    product, data = ProductFactory(), product_photo(1)
    together = Barrier(4)

    def add(_number: int) -> bool:
        try:
            together.wait(10)
            return add_photo(product=product, data=data).created
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(add, range(4)))
    assert sorted(created) == [False, False, False, True]
    assert stored_files() == [ProductImage.objects.get().file.name]


@pytest.mark.django_db(transaction=True)
def test_photos_added_at_once_get_positions_of_their_own() -> None:
    product = ProductFactory()
    together = Barrier(4)

    def add(seed: int) -> None:
        try:
            together.wait(10)
            add_photo(product=product, data=product_photo(seed))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert [image.position for image in product.images.all()] == [0, 1, 2, 3]


# --- rollback ---------------------------------------------------------------------------------


def test_a_row_that_cannot_be_written_leaves_no_file() -> None:
    image = ProductImage(product=ProductFactory(), digest="no digest", width=1, height=1)
    image.file = ContentFile(product_photo(1), name="photo.jpg")
    with pytest.raises(IntegrityError), transaction.atomic():
        image.save()
    assert stored_files() == []


def test_a_product_that_is_gone_leaves_no_file() -> None:
    product = ProductFactory()
    type(product).objects.filter(pk=product.pk).delete()
    with pytest.raises(type(product).DoesNotExist):
        add_photo(product=product, data=product_photo(1))
    assert stored_files() == []


def test_a_rollback_takes_the_files_of_its_transaction_along_and_no_others() -> None:
    kept = with_photo(1)

    def fail() -> None:
        with atomic_with_files():
            add_photo(product=kept.product, data=product_photo(1))  # is there already
            add_photo(product=kept.product, data=product_photo(2))
            with atomic_with_files():
                add_photo(product=kept.product, data=product_photo(3))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert list(ProductImage.objects.all()) == [kept]
    assert stored_files() == [kept.file.name]


def add_and_fail(product: Product) -> None:
    with atomic_with_files():
        add_photo(product=product, data=product_photo(2))
        raise InterruptedError


def test_a_savepoint_that_fails_takes_only_its_own_files_along() -> None:
    product = ProductFactory()
    with atomic_with_files():
        kept = add_photo(product=product, data=product_photo(1)).image
        with pytest.raises(InterruptedError):
            add_and_fail(product)
    assert list(ProductImage.objects.all()) == [kept]
    assert stored_files() == [kept.file.name]


# --- deleting and replacing -------------------------------------------------------------------


def test_the_file_and_its_thumbnails_go_with_the_commit_and_not_before(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    image, other = with_photo(1), with_photo(2)
    assert thumbnail_url(image.file, "small")
    assert thumbnail_url(image.file, "card")
    name = image.file.name
    assert len(stored_files()) == 4
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
        assert len(stored_files()) == 4
    assert name not in stored_files()
    assert stored_files() == [other.file.name]


def test_files_go_with_their_product(django_capture_on_commit_callbacks: Capture) -> None:
    product = ProductFactory()
    with_photo(1, product)
    with_photo(2, product)
    with django_capture_on_commit_callbacks(execute=True):
        product.delete()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_delete_that_is_rolled_back_keeps_the_file() -> None:
    image = with_photo(1)

    def delete() -> None:
        with transaction.atomic():
            image.delete()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        delete()
    assert ProductImage.objects.exists()
    assert stored_files() == [image.file.name]


def test_deleting_a_photo_whose_file_is_missing_is_no_error(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    image = with_photo(1)
    Path(image.file.path).unlink()
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert not ProductImage.objects.exists()


def test_a_new_file_takes_the_place_of_the_old_one_with_the_commit(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    image = with_photo(1)
    old = image.file.name
    assert thumbnail_url(image.file, "small")
    with django_capture_on_commit_callbacks(execute=True):
        image.file = ContentFile(product_photo(2), name="photo.jpg")
        image.save()
        assert old in stored_files()
    image.refresh_from_db()
    assert image.file.name != old
    assert stored_files() == [image.file.name]


@pytest.mark.django_db(transaction=True)
def test_a_replacement_that_is_rolled_back_keeps_the_old_file_and_no_other() -> None:
    image = with_photo(1)
    old = image.file.name

    def replace() -> None:
        with atomic_with_files():
            image.file = ContentFile(product_photo(2), name="photo.jpg")
            image.save()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        replace()
    assert ProductImage.objects.get().file.name == old
    assert stored_files() == [old]


def test_saving_a_row_without_a_new_file_touches_no_file() -> None:
    image = with_photo(1)
    image.position = 7
    image.save()
    image.refresh_from_db()
    assert image.position == 7
    assert stored_files() == [image.file.name]


# --- thumbnails -------------------------------------------------------------------------------


def test_a_thumbnail_fits_its_size() -> None:
    image = with_photo(1)
    url = thumbnail_url(image.file, "small")
    assert url.startswith("/media/")
    with default_storage.open(url.removeprefix("/media/")) as file:
        assert max(Image.open(io.BytesIO(file.read())).size) == 120


def test_a_missing_file_has_no_thumbnail_and_is_no_error() -> None:
    image = with_photo(1)
    Path(image.file.path).unlink()
    assert thumbnail_url(image.file, "small") == ""
    assert thumbnail_url(None, "small") == ""


def test_a_broken_file_has_no_thumbnail_and_is_no_error() -> None:
    image = with_photo(1)
    Path(image.file.path).write_bytes(os.urandom(100))
    assert thumbnail_url(image.file, "small") == ""
