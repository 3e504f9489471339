"""Products and their photos in the admin."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from products.imaging import digest_of
from products.models import Category, Product, ProductImage
from products.thumbnails import thumbnail_url
from recognition.models import Encoder, ImageEmbedding
from tests.factories import ProductFactory, with_photo
from tests.pictures import product_photo
from tests.products.importing import stored_files

pytestmark = pytest.mark.django_db

Capture = Callable[..., AbstractContextManager[Any]]
LIST = reverse("admin:products_product_changelist")
ADD = reverse("admin:products_product_add")


def change_url(product: Product) -> str:
    return reverse("admin:products_product_change", args=[product.pk])


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def form(
    product: Product | None = None, photos: list[dict[str, Any]] | None = None, **fields: Any
) -> dict[str, Any]:
    """What a browser sends: the product's fields, its photos' rows, and further rows."""
    images = list(product.images.all()) if product else []
    rows: list[dict[str, Any]] = [
        {"id": image.pk, "product": image.product_id, "position": image.position}
        for image in images
    ]
    for number, photo in enumerate(photos or []):
        if number < len(rows):
            rows[number].update(photo)
        else:
            rows.append({"position": 0, **photo})
    data: dict[str, Any] = {
        "sku": "A-1",
        "name": "Apple",
        "category": Category.objects.at_path("Fruit").pk,
        "attributes": "{}",
        "is_active": "on",
        "images-TOTAL_FORMS": len(rows),
        "images-INITIAL_FORMS": len(images),
        **fields,
    }
    for number, row in enumerate(rows):
        data.update({f"images-{number}-{name}": value for name, value in row.items()})
    return data


def errors(answer: Any) -> list[str]:
    """The messages of all forms of an admin page that came back."""
    assert answer.status_code == 200
    return [str(message) for group in answer.context["errors"] for message in group]


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.usefixtures("encoder")
def test_the_list_costs_the_same_for_ten_and_for_a_hundred_products(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from products.admin import ProductAdmin

    monkeypatch.setattr(ProductAdmin, "list_per_page", 200)

    def add(numbers: range) -> None:
        for n in numbers:
            with_photo(n % 7, category_path=f"Things/Kind {n}", sku=f"N-{n}")

    add(range(10))
    queries(admin_client, LIST)  # thumbnails are made at their first showing
    few = queries(admin_client, LIST)
    add(range(10, 100))
    queries(admin_client, LIST)
    many = queries(admin_client, LIST)
    assert admin_client.get(LIST).content.count(b"<img src=") >= 100
    assert len(many) == len(few), "\n".join(many)


def test_the_list_shows_category_paths_and_photos(admin_client: Client) -> None:
    image = with_photo(1, category_path="Home/Lamps/Desk", sku="L-1", name="Lamp")
    thumbnail = thumbnail_url(image.file, "small")
    page = admin_client.get(LIST).content.decode()
    assert "Home/Lamps/Desk" in page
    assert thumbnail in page
    assert f'href="{change_url(image.product)}' in page


def test_a_photo_whose_file_is_missing_does_not_take_the_list_along(admin_client: Client) -> None:
    image = with_photo(1, name="Lamp")
    Path(image.file.path).unlink()
    answer = admin_client.get(LIST)
    assert answer.status_code == 200
    assert "Lamp" in answer.content.decode()
    assert admin_client.get(change_url(image.product)).status_code == 200


@pytest.mark.parametrize("words", ["lamp", "L-1", "acme", "4006381333931"])
def test_the_list_is_searched(admin_client: Client, words: str) -> None:
    ProductFactory(sku="L-1", name="Lamp", brand="Acme", barcode="4006381333931")
    ProductFactory(sku="X-1", name="Other")
    page = admin_client.get(LIST, {"q": words}).content.decode()
    assert "L-1" in page
    assert "X-1" not in page


def test_a_product_is_added_with_a_photo(admin_client: Client, encoder: Encoder) -> None:
    data = product_photo(1)
    answer = admin_client.post(
        ADD, form(photos=[{"file": upload(data)}], price="3.49", barcode="0-36000-29145-2 ")
    )
    assert answer.status_code == 302, errors(answer)
    product = Product.objects.get()
    assert (product.sku, str(product.price), product.barcode) == ("A-1", "3.49", "036000291452")
    image = product.images.get()
    assert image.source_digest == digest_of(data)
    assert (image.width, image.height) == (160, 160)
    assert stored_files() == [image.file.name]
    assert ImageEmbedding.objects.get().state == ImageEmbedding.State.PENDING


def test_a_new_photo_without_a_position_stands_last(admin_client: Client) -> None:
    photos = [{"file": upload(product_photo(n)), "position": n} for n in (3, 5)]
    admin_client.post(ADD, form(photos=photos))
    product = Product.objects.get()
    more = [{}, {}, {"file": upload(product_photo(7)), "position": ""}]
    assert admin_client.post(change_url(product), form(product, photos=more)).status_code == 302
    assert list(product.images.values_list("source_digest", "position")) == [
        (digest_of(product_photo(3)), 3),
        (digest_of(product_photo(5)), 5),
        (digest_of(product_photo(7)), 6),
    ]


def test_photos_get_their_positions(admin_client: Client) -> None:
    photos = [
        {"file": upload(product_photo(1)), "position": 2},
        {"file": upload(product_photo(2)), "position": 1},
    ]
    assert admin_client.post(ADD, form(photos=photos)).status_code == 302
    assert [image.source_digest for image in Product.objects.get().images.all()] == [
        digest_of(product_photo(2)),
        digest_of(product_photo(1)),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty. Choose the photo again."),
        (b"no photo", "This file is not a photo that can be read. Send a JPEG"),
        (product_photo(1)[:-500], "The photo is damaged or incomplete."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG files are not accepted."),
        (product_photo(1) + b"\0" * 21 * 2**20, "The photo has 20.0 MB; the limit is 20 MB."),
    ],
    ids=["empty", "text", "truncated", "svg", "21 MB"],
)
def test_a_bad_photo_is_an_error_of_the_form(
    admin_client: Client, data: bytes, message: str
) -> None:
    answer = admin_client.post(ADD, form(photos=[{"file": upload(data)}]))
    assert any(message in text for text in errors(answer)), errors(answer)
    assert message.encode() in answer.content
    assert not Product.objects.exists()
    assert stored_files() == []


TWICE = "This product has this photo already."


def test_a_photo_that_the_product_has_is_an_error_of_the_form(admin_client: Client) -> None:
    product = with_photo(1).product
    before = stored_files()
    answer = admin_client.post(
        change_url(product), form(product, [{}, {"file": upload(product_photo(1))}])
    )
    assert TWICE in errors(answer)
    assert TWICE.encode() in answer.content
    assert product.images.count() == 1
    assert [name for name in stored_files() if "thumbnails" not in name] == before


def test_one_photo_twice_in_a_form_is_an_error(admin_client: Client) -> None:
    photos = [{"file": upload(product_photo(1))}, {"file": upload(product_photo(1))}]
    assert TWICE in errors(admin_client.post(ADD, form(photos=photos)))
    assert not Product.objects.exists()
    assert stored_files() == []


def test_replacing_a_photo_by_another_of_the_product_is_an_error(admin_client: Client) -> None:
    product = with_photo(1).product
    with_photo(2, product)
    answer = admin_client.post(
        change_url(product), form(product, [{"file": upload(product_photo(2))}])
    )
    assert TWICE in errors(answer)


def test_a_photo_replaced_by_itself_is_no_error(admin_client: Client) -> None:
    image = with_photo(1)
    answer = admin_client.post(
        change_url(image.product), form(image.product, [{"file": upload(product_photo(1))}])
    )
    assert answer.status_code == 302
    assert ProductImage.objects.get().source_digest == image.source_digest


def test_replacing_a_photo_keeps_the_row_and_drops_the_old_file_with_the_commit(
    admin_client: Client, encoder: Encoder, django_capture_on_commit_callbacks: Capture
) -> None:
    image = with_photo(1, sku="A-1")
    ImageEmbedding.objects.update(
        state="ready", vector=[1.0] + [0.0] * (encoder.dimension - 1), attempts=1
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(
            change_url(image.product),
            form(image.product, [{"file": upload(product_photo(2, side=200))}]),
        )
        assert answer.status_code == 302
        assert default_storage.exists(image.file.name)
    new = ProductImage.objects.get()
    assert new.pk == image.pk
    assert new.file.name != image.file.name
    assert new.source_digest == digest_of(product_photo(2, side=200))
    assert new.digest != image.digest
    assert (new.width, new.height) == (200, 200)
    assert stored_files() == [new.file.name]
    embedding = ImageEmbedding.objects.get()
    assert (embedding.state, embedding.digest, embedding.vector) == ("pending", new.digest, None)


def test_deleting_a_photo_drops_its_file(
    admin_client: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    product = with_photo(1, sku="A-1").product
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(change_url(product), form(product, [{"DELETE": "on"}]))
    assert answer.status_code == 302
    assert not product.images.exists()
    assert stored_files() == []


def test_a_failure_after_the_photo_was_stored_leaves_nothing(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.admin.models import LogEntry

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise InterruptedError

    monkeypatch.setattr(LogEntry, "save", fail)
    monkeypatch.setattr(type(LogEntry.objects), "log_actions", fail)
    with pytest.raises(InterruptedError):
        admin_client.post(ADD, form(photos=[{"file": upload(product_photo(1))}]))
    assert not Product.objects.exists()
    assert stored_files() == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("sku", "a/b", "A SKU has no slashes and no blanks at its ends."),
        ("barcode", "4006381333930", "“4006381333930” is not a GTIN: 8, 12, 13 or 14 digits"),
        ("barcode", "036000291452", "Another product has this barcode."),
        ("barcode", "0 036000 291452", "Another product has this barcode."),
        ("price", "-1", "Ensure this value is greater than or equal to 0."),
        ("attributes", "[1]", "Attributes are names with values, as in {“colour”: “red”}."),
        ("sku", "TAKEN", "Product with this SKU already exists."),
    ],
)
def test_a_bad_field_is_an_error_of_the_form(
    admin_client: Client, field: str, value: str, message: str
) -> None:
    ProductFactory(sku="TAKEN", barcode="036000291452")
    answer = admin_client.post(ADD, form(**{field: value}))
    assert any(text.startswith(message) for text in errors(answer)), errors(answer)
    assert Product.objects.count() == 1


def test_products_are_not_merged_into_each_other(admin_client: Client) -> None:
    first = ProductFactory(sku="A-1")
    third = ProductFactory(merged_into=ProductFactory(merged_into=first))
    answer = admin_client.post(change_url(first), form(first, merged_into=third.pk))
    assert "These products would be merged into each other." in errors(answer)
    answer = admin_client.post(change_url(first), form(first, merged_into=first.pk))
    assert "These products would be merged into each other." in errors(answer)
    other = ProductFactory()
    assert (
        admin_client.post(change_url(first), form(first, merged_into=other.pk)).status_code == 302
    )
    first.refresh_from_db()
    assert first.merged_into == other


def test_deleting_an_heir_is_refused_and_says_why(admin_client: Client) -> None:
    heir = ProductFactory()
    ProductFactory(merged_into=heir, name="Merged one")
    url = reverse("admin:products_product_delete", args=[heir.pk])
    assert "Merged one" in admin_client.get(url).content.decode()
    admin_client.post(url, {"post": "yes"})
    assert Product.objects.filter(pk=heir.pk).exists()


def test_staff_without_permission_may_not_look(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.get(change_url(ProductFactory())).status_code == 403


def test_staff_who_may_only_look_see_the_product(client: Client) -> None:
    from django.contrib.auth.models import Permission

    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(clerk)
    image = with_photo(1, name="Lamp")
    answer = client.get(change_url(image.product))
    assert answer.status_code == 200
    assert "Lamp" in answer.content.decode()
    assert client.post(change_url(image.product), form(image.product)).status_code == 403
