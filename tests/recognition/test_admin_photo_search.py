"""Search by photo above the admin's list of products."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.models import Product, ProductImage
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, phone_photo, product_photo
from tests.products.importing import stored_files

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_product_changelist")
BY_PHOTO = reverse("admin:products_product_by_photo")


def ask(client: Client, data: bytes, **filters: str) -> Any:
    upload = SimpleUploadedFile("query.jpg", data, "image/jpeg")
    answer = client.post(BY_PHOTO, {"photo": upload})
    assert answer.status_code == 302
    return client.get(answer["Location"], filters) if filters else client.get(answer["Location"])


def skus(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [product.sku for product in answer.context["cl"].result_list]


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    images = [
        with_photo(n, sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n % 2}") for n in range(6)
    ]
    embed_pending(encoder)
    return [image.product for image in images]


def test_the_nearest_products_come_first_with_their_distance(
    admin_client: Client, shop: list[Product]
) -> None:
    answer = ask(admin_client, phone_photo(3))
    assert skus(answer)[0] == "P3"
    assert len(skus(answer)) == len(shop)
    distances = [product.photo_distance for product in answer.context["cl"].result_list]
    assert distances == sorted(distances)
    page = answer.content.decode()
    assert f"{distances[0]:.3f}" in page
    assert "The photo was not kept" in page
    assert "Show all products" in page


def test_the_photo_is_not_kept(admin_client: Client, shop: list[Product]) -> None:
    files, photos = stored_files(), ProductImage.objects.count()
    ask(admin_client, phone_photo(3))
    assert [name for name in stored_files() if "thumbnails" not in name] == files
    assert ProductImage.objects.count() == photos


def test_filters_and_words_narrow_what_was_found(admin_client: Client, shop: list[Product]) -> None:
    where = ask(admin_client, phone_photo(3)).wsgi_request.get_full_path()
    assert set(skus(admin_client.get(where + "&brand=Brand 0"))) == {"P0", "P2", "P4"}
    assert skus(admin_client.get(where + "&q=P5")) == ["P5"]
    assert skus(admin_client.get(where + "&o=4")) == [f"P{n}" for n in range(6)]
    page = admin_client.get(where + "&brand=Brand 0").content.decode()
    assert f'name="photo" value="{where.split("photo=")[1]}"' in page


def test_a_barcode_in_the_photo_leads(admin_client: Client, encoder: Encoder) -> None:
    ProductFactory(sku="CODE", barcode="4006381333931")
    with_photo(1, sku="OTHER")
    embed_pending(encoder)
    answer = ask(admin_client, encoded(ean13_picture("4006381333931")))
    assert skus(answer)[0] == "CODE"
    assert "Barcode in the photo: 4006381333931" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"no photo", "This file is not a photo that can be read."),
        (product_photo(1)[:-500], "The photo is damaged or incomplete."),
    ],
)
def test_a_bad_photo_is_a_message(
    admin_client: Client, shop: list[Product], data: bytes, message: str
) -> None:
    upload = SimpleUploadedFile("query.jpg", data, "image/jpeg")
    answer = admin_client.post(BY_PHOTO, {"photo": upload}, follow=True)
    assert message in answer.content.decode()
    assert len(skus(answer)) == len(shop)


def test_no_photo_is_a_message(admin_client: Client) -> None:
    answer = admin_client.post(BY_PHOTO, {}, follow=True)
    assert "Choose a photo to search with." in answer.content.decode()
    assert admin_client.get(BY_PHOTO).status_code == 405


def test_a_site_without_an_encoder_says_so(admin_client: Client) -> None:
    ProductFactory(sku="A")
    upload = SimpleUploadedFile("query.jpg", product_photo(1), "image/jpeg")
    answer = admin_client.post(BY_PHOTO, {"photo": upload}, follow=True)
    assert "Search by photo is not available" in answer.content.decode()
    assert skus(answer) == ["A"]


def test_a_search_that_is_gone_is_said(admin_client: Client, shop: list[Product]) -> None:
    answer = admin_client.get(LIST, {"photo": "nonsense"})
    assert skus(answer) == []
    assert "Search with it again." in answer.content.decode()


def test_one_person_does_not_see_what_another_searched(
    admin_client: Client, shop: list[Product]
) -> None:
    where = ask(admin_client, phone_photo(3)).wsgi_request.get_full_path()
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    assert skus(other.get(where)) == []


def test_only_the_last_searches_are_remembered(admin_client: Client, shop: list[Product]) -> None:
    first = ask(admin_client, phone_photo(0)).wsgi_request.get_full_path()
    for n in range(1, 6):
        last = ask(admin_client, phone_photo(n))
    assert skus(admin_client.get(first)) == []
    assert skus(last)[0] == "P5"
    assert len(admin_client.session["admin_photo_searches"]) == 5


def test_those_who_may_not_see_products_may_not_search(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    upload = SimpleUploadedFile("query.jpg", product_photo(1), "image/jpeg")
    assert client.post(BY_PHOTO, {"photo": upload}).status_code == 403


def test_products_by_the_state_of_their_photos(admin_client: Client, encoder: Encoder) -> None:
    images = {name: with_photo(n, sku=name) for n, name in enumerate(["ready", "failed", "none"])}
    embed_pending(encoder)
    with_photo(9, images["failed"].product)
    ImageEmbedding.objects.filter(image=images["failed"]).update(
        state="failed", vector=None, reason="broken"
    )
    ImageEmbedding.objects.filter(image=images["none"]).delete()
    ProductFactory(sku="empty")

    def found(state: str) -> list[str]:
        return skus(admin_client.get(LIST, {"recognition": state}))

    assert found("ready") == ["ready"]
    assert found("failed") == ["failed"]
    assert found("pending") == ["failed"]
    assert found("none") == ["none"]
    assert len(found("nonsense")) == 4
