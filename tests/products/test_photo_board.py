"""The tiles on a product's page: every address behind them, its refusals and its permissions."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from products.models import Product, ProductImage
from recognition.models import ImageEmbedding
from tests.factories import ProductFactory, with_photo
from tests.pictures import product_photo

pytestmark = pytest.mark.django_db


def url(name: str, product: Product, *more: Any) -> str:
    return reverse(f"admin:products_product_{name}", args=[product.pk, *more])


def upload(data: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("photo.jpg", data, "image/jpeg")}


def page(client: Client, product: Product) -> str:
    answer = client.get(reverse("admin:products_product_change", args=[product.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_dropped_photo_becomes_the_last_tile(admin_client: Client) -> None:
    product = with_photo(1, name="Desk lamp").product
    answer = admin_client.post(url("photo_add", product), upload(product_photo(2)))
    assert answer.status_code == 200
    first, second = product.images.all()
    tiles = answer.json()["tiles"]
    assert tiles.index(f'data-photo="{first.pk}"') < tiles.index(f'data-photo="{second.pk}"')
    assert tiles.count("Face photo") == 1
    assert "Photo 2 of Desk lamp" in tiles
    assert LogEntry.objects.get().get_change_message() == "Added a photo."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty. Choose the photo again."),
        (b"no photo", "This file is not a photo that can be read."),
        (product_photo(1)[:-500], "The photo is damaged or incomplete."),
        (product_photo(1) + b"\0" * 21 * 2**20, "the limit is 20 MB"),
        (product_photo(1), "This product has this photo already."),
    ],
    ids=["empty", "text", "truncated", "21 MB", "twice"],
)
def test_a_bad_photo_has_an_error_of_its_own(
    admin_client: Client, data: bytes, message: str
) -> None:
    product = with_photo(1).product
    answer = admin_client.post(url("photo_add", product), upload(data))
    if answer.status_code == 413:  # refused before it was read
        return
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert f'data-photo="{product.face.pk}"' in answer.json()["tiles"]
    assert product.images.count() == 1


def test_an_upload_without_a_file_is_said(admin_client: Client) -> None:
    answer = admin_client.post(url("photo_add", ProductFactory()))
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "No photo arrived. Choose it again.",
    )


def test_tiles_are_ordered(admin_client: Client) -> None:
    product = ProductFactory()
    a, b, c = (with_photo(n, product).pk for n in range(3))
    answer = admin_client.post(url("photo_order", product), {"ids": f"{c},{a},{b}"})
    assert answer.status_code == 200
    assert list(product.images.values_list("pk", flat=True)) == [c, a, b]


@pytest.mark.parametrize("ids", ["", "x", "1,2", "9" * 5000, "1;2", "-1", "1.5"])
def test_an_order_that_cannot_be_is_refused(admin_client: Client, ids: str) -> None:
    product = ProductFactory()
    pks = [with_photo(n, product).pk for n in range(3)]
    answer = admin_client.post(url("photo_order", product), {"ids": ids})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert list(product.images.values_list("pk", flat=True)) == pks


def test_a_tile_is_deleted(admin_client: Client) -> None:
    product = ProductFactory()
    a, b = (with_photo(n, product).pk for n in range(2))
    answer = admin_client.post(url("photo_delete", product, a))
    assert f'data-photo="{b}"' in answer.json()["tiles"]
    assert [image.pk for image in product.images.all()] == [b]
    assert admin_client.post(url("photo_delete", product, a)).status_code == 200


@pytest.mark.usefixtures("encoder")
def test_a_failed_photo_shows_why_and_is_tried_again(admin_client: Client) -> None:
    image = with_photo(1)
    ImageEmbedding.objects.update(state="failed", reason="It broke the encoder.", attempts=3)
    again = url("photo_action", image.product, image.pk, "try-again")
    shown = page(admin_client, image.product)
    assert "It broke the encoder." in shown
    assert again in shown
    answer = admin_client.post(again)
    assert answer.json()["note"] == "1 photo is tried again."
    assert again not in answer.json()["tiles"]
    assert ImageEmbedding.objects.get().state == "pending"
    assert admin_client.post(url("photo_action", image.product, image.pk, "no")).status_code == 404
    gone = url("photo_action", image.product, 987654321, "try-again")
    assert admin_client.post(gone).status_code == 400


def test_the_tiles_of_a_product_that_is_gone_are_not_found(admin_client: Client) -> None:
    product = Product(pk=987654321)
    assert admin_client.get(url("photos", product)).status_code == 404
    assert admin_client.post(url("photo_add", product), upload(b"")).status_code == 404


def test_addresses_that_change_something_want_a_post(admin_client: Client) -> None:
    image = with_photo(1)
    for address in (
        url("photo_add", image.product),
        url("photo_order", image.product),
        url("photo_delete", image.product, image.pk),
        url("photo_action", image.product, image.pk, "try-again"),
    ):
        assert admin_client.get(address).status_code == 405
    assert ProductImage.objects.count() == 1


def test_a_forged_request_is_refused() -> None:
    User.objects.create_superuser("boss", password="secret")
    client = Client(enforce_csrf_checks=True)
    client.login(username="boss", password="secret")
    image = with_photo(1)
    answer = client.post(url("photo_delete", image.product, image.pk))
    assert answer.status_code == 403
    assert ProductImage.objects.count() == 1


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (["view_product"], set()),
        (["view_product", "add_productimage", "delete_productimage"], set()),
        (["view_product", "change_product"], set()),
        (["view_product", "change_product", "add_productimage"], {"add"}),
        (["view_product", "change_product", "change_productimage"], {"order", "do"}),
        (["view_product", "change_product", "delete_productimage"], {"delete"}),
    ],
)
def test_permissions_decide_what_may_be_done(
    client: Client, permissions: list[str], allowed: set[str]
) -> None:
    image = with_photo(1)
    product = image.product
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    answers = {
        "add": client.post(url("photo_add", product), upload(product_photo(2))),
        "order": client.post(
            url("photo_order", product),
            {"ids": ",".join(str(pk) for pk in product.images.values_list("pk", flat=True))},
        ),
        "do": client.post(url("photo_action", product, image.pk, "try-again")),
        "delete": client.post(url("photo_delete", product, image.pk)),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    assert all(answer.status_code in {200, 403} for answer in answers.values())
    assert client.get(url("photos", product)).status_code == 200


def test_strangers_see_no_tiles(client: Client) -> None:
    product = with_photo(1).product
    assert client.get(url("photos", product)).status_code == 302
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(url("photos", product)).status_code == 403


@pytest.mark.usefixtures("encoder")
def test_a_page_costs_the_same_for_ten_and_for_a_hundred_photos(admin_client: Client) -> None:
    product = ProductFactory()

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(admin_client, product)
        return len(captured)

    for n in range(10):
        with_photo(n, product)
    cost()
    few = cost()
    for n in range(10, 100):
        with_photo(n, product)
    assert cost() == few
