"""Photos of a product through the API: several at once, their order, their states."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Product, ProductImage
from products.timeline import entries, references
from recognition.models import ImageEmbedding
from tests.factories import ProductFactory, with_photo
from tests.products.api.client import Api, errors, upload

pytestmark = pytest.mark.django_db
PATH = "products/A-1/photos/"


@pytest.fixture
def product(encoder: Any) -> Product:
    return ProductFactory(sku="A-1")


def ids(answer: Any) -> list[int]:
    assert answer.status_code in {200, 201}, answer.content
    return [each["id"] for each in answer.json()["photos"]]


def test_several_at_once(partner: Api, product: Product) -> None:
    answer = partner.form(PATH, {"photos": [upload(1), upload(2), upload(1)]})
    assert answer.status_code == 201
    photos = answer.json()["photos"]
    assert [(each["position"], each["created"]) for each in photos] == [
        (0, True), (1, True), (0, False),
    ]  # fmt: skip
    assert photos[0]["id"] == photos[2]["id"]
    again = partner.form(PATH, {"photos": upload(2)})
    assert (again.status_code, again.json()["photos"][0]["created"]) == (200, False)
    assert ids(partner.get(PATH)) == [photos[0]["id"], photos[1]["id"]]


def test_all_or_none(partner: Api, product: Product, settings: Any) -> None:
    bad = SimpleUploadedFile("x.jpg", upload(3).read()[:500])
    empty = SimpleUploadedFile("y.jpg", b"")
    answer = partner.form(PATH, {"photos": [upload(1), bad, upload(2), empty]})
    assert answer.status_code == 400
    assert errors(answer) == [("truncated", "photos.1"), ("empty", "photos.3")]
    assert not ProductImage.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, ("required", "photos")),
        ({"photos": "text"}, ("invalid", "photos.0")),
        ({"photo": upload(1)}, ("unknown_field", "photo")),
        ({"photos": [upload(1)] * 17}, ("too_many", "photos")),
    ],
    ids=["nothing", "text", "another name", "too many"],
)
def test_what_are_no_photos(partner: Api, product: Product, data: Any, error: tuple) -> None:
    answer = partner.form(PATH, data)
    assert (answer.status_code, errors(answer)) == (400, [error])


def test_json_has_no_files(partner: Api, product: Product) -> None:
    assert partner.send("POST", PATH, {"photos": []}).status_code == 415


def test_the_state_of_each(partner: Api, product: Product) -> None:
    images = [with_photo(seed, product) for seed in range(4)]
    rows = [ImageEmbedding.objects.get(image=image) for image in images]
    ImageEmbedding.objects.filter(pk=rows[1].pk).update(state="failed", reason="unreadable")
    rows[2].delete()
    found = [(each["state"], each["reason"]) for each in partner.get(PATH).json()["photos"]]
    assert found == [("pending", ""), ("failed", "unreadable"), ("none", ""), ("pending", "")]
    assert partner.get(f"{PATH}{images[1].pk}/").json()["state"] == "failed"
    shown = partner.get("products/A-1/").json()["photos"]
    assert [each["state"] for each in shown] == ["pending", "failed", "none", "pending"]


def test_their_order(partner: Api, product: Product) -> None:
    made = [with_photo(seed, product).pk for seed in range(3)]
    order = [made[2], made[0], made[1]]
    assert ids(partner.send("PUT", f"{PATH}order/", {"ids": order})) == order
    assert ids(partner.get(PATH)) == order
    for wrong in (made[:2], [*made, made[0]], [], [1, 2, 3]):
        answer = partner.send("PUT", f"{PATH}order/", {"ids": wrong})
        assert (answer.status_code, errors(answer)) == (409, [("photos_changed", None)])
    for wrong in ({}, {"ids": "1"}, {"ids": ["x"]}, {"ids": [2**70]}, {"ids": [1] * 1001}, []):
        assert partner.send("PUT", f"{PATH}order/", wrong).status_code == 400
    assert ids(partner.get(PATH)) == order


def test_a_deletion(partner: Api, product: Product) -> None:
    image, other = with_photo(1, product), with_photo(2)
    assert partner.send("DELETE", f"{PATH}{other.pk}/").status_code == 404
    assert partner.send("DELETE", f"{PATH}{image.pk}/").status_code == 204
    assert partner.send("DELETE", f"{PATH}{image.pk}/").status_code == 404
    assert partner.get(f"{PATH}{image.pk}/").status_code == 404
    assert list(ProductImage.objects.all()) == [other]


def test_a_merged_product_takes_none(partner: Api, product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(merged_into=ProductFactory())
    answer = partner.form(PATH, {"photos": upload(1)})
    assert (answer.status_code, errors(answer)) == (409, [("product_merged", None)])


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_a_photo_that_is_none(partner: Api, product: Product, number: str) -> None:
    assert partner.get(f"{PATH}{number}/").status_code == 404
    assert partner.get(f"photos/{number}/thumbnail/").status_code == 404


def test_a_photo_whose_file_is_gone_has_no_thumbnail(partner: Api, product: Product) -> None:
    image = with_photo(1, product)
    image.file.storage.delete(image.file.name)
    assert partner.get(f"photos/{image.pk}/thumbnail/").status_code == 404


def test_the_history_names_the_partner(partner: Api, product: Product) -> None:
    partner.form(PATH, {"photos": upload(1)})
    newest = entries(references(product.pk))[0]
    assert (newest.source, [each.text for each in newest.photos]) == ("API: ERP", ["Photo added"])
    assert newest.who.startswith("user")


def test_ten_photos_and_a_hundred_cost_the_same(partner: Api, product: Product) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert partner.get(path).status_code == 200
        return len(queries)

    for seed in range(10):
        with_photo(seed, product)
    partner.get(PATH)
    few = [cost(path) for path in (PATH, "products/A-1/")]
    for seed in range(10, 100):
        with_photo(seed, product)
    assert [cost(path) for path in (PATH, "products/A-1/")] == few
