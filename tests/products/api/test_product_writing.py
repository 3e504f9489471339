"""Products are made, changed and deleted through the API."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from api.scopes import Scope
from products.models import Category, Product, ProductImage
from products.timeline import entries, references
from recognition.models import Sighting
from stores.ledger import receive
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo
from tests.products.api.client import Api, errors, new, upload
from tests.products.api.client import partner as a_partner

pytestmark = pytest.mark.django_db


def test_a_product_is_made(partner: Api, lamps: Category) -> None:
    answer = partner.send(
        "POST",
        "products/",
        new(
            "A 1/4".replace("/", "-"), brand="Glow", price="3.5", barcode="400-6381-33393-1",
            attributes={"colour": ["red", 1.5, True]}, description=" Two\nlines ",
        ),
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    product = Product.objects.get()
    assert (product.sku, product.barcode, product.price) == (
        "A 1-4",
        "4006381333931",
        Decimal("3.50"),
    )
    assert (product.category, product.is_active, product.brand) == (lamps, True, "Glow")
    assert product.description == " Two\nlines "
    assert answer["Location"] == "http://testserver/api/v1/products/A%201-4/"
    read = partner.get(answer["Location"])
    assert read.json() == answer.json()
    assert read["ETag"] == answer["ETag"]


def test_as_a_form_with_its_photos(partner: Api, lamps: Category, encoder: Any) -> None:
    data = new(attributes='{"a": 1}', photos=[upload(1), upload(2), upload(1)])
    answer = partner.form("products/", data)
    assert answer.status_code == 201, answer.content
    product = Product.objects.get()
    assert (product.is_active, product.attributes) == (True, {"a": 1})
    assert [each["position"] for each in answer.json()["photos"]] == [0, 1]


def test_all_or_nothing(partner: Api, lamps: Category, settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = new(photos=[upload(1), SimpleUploadedFile("x.jpg", b"no photo")])
    answer = partner.form("products/", data)
    assert errors(answer) == [("not_an_image", "photos.1")]
    ProductFactory(sku="A-1")
    assert errors(partner.form("products/", new(photos=[upload(1)]))) == [("unique", "sku")]
    assert Product.objects.count() == 1
    assert not ProductImage.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*.jpg"))


BAD = [
    ({"sku": "A/B"}, "invalid", "sku"),
    ({"sku": " A"}, "invalid", "sku"),
    ({"sku": ".."}, "invalid", "sku"),
    ({"sku": "A\0"}, "null_characters_not_allowed", "sku"),
    ({"sku": "A\n"}, "invalid", "sku"),
    ({"sku": "A" * 65}, "max_length", "sku"),
    ({"sku": ["A"]}, "invalid", "sku"),
    ({"sku": 123}, "invalid", "sku"),
    ({"barcode": 4006381333931}, "invalid", "barcode"),
    ({"category": 1}, "invalid", "category"),
    ({"sku": None}, "null", "sku"),
    ({"name": ""}, "blank", "name"),
    ({"name": "n" * 201}, "max_length", "name"),
    ({"name": "\x00"}, "null_characters_not_allowed", "name"),
    ({"category": "Nowhere"}, "unknown_category", "category"),
    ({"category": {"a": 1}}, "invalid", "category"),
    ({"category": "Home\0"}, "null_characters_not_allowed", "category"),
    ({"description": "d" * 20_001}, "max_length", "description"),
    ({"barcode": "4006381333932"}, "gtin", "barcode"),
    ({"barcode": "1\0"}, "null_characters_not_allowed", "barcode"),
    ({"price": "-0.01"}, "min_value", "price"),
    ({"price": "1.234"}, "max_decimal_places", "price"),
    ({"price": "NaN"}, "invalid", "price"),
    ({"price": 1e300}, "max_digits", "price"),
    ({"price": 10**40}, "max_digits", "price"),
    ({"price": [1]}, "invalid", "price"),
    ({"is_active": "perhaps"}, "invalid", "is_active"),
    ({"is_active": None}, "null", "is_active"),
    ({"is_active": {"a": 1}}, "invalid", "is_active"),
    ({"attributes": [1]}, "invalid", "attributes"),
    ({"attributes": "red"}, "invalid", "attributes"),
    ({"attributes": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, "invalid", "attributes"),
    ({"attributes": {"a\0": 1}}, "invalid", "attributes"),
    ({"attributes": {"a": 10**20}}, "invalid", "attributes"),
]


@pytest.mark.parametrize(("fields", "code", "attr"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_what_no_product_can_be(
    partner: Api, lamps: Category, fields: dict, code: str, attr: str
) -> None:
    answer = partner.send("POST", "products/", new(**fields))
    assert answer.status_code == 400
    assert (code, attr) in errors(answer)
    if "sku" not in fields:
        product = ProductFactory(sku="A-1")
        answer = partner.send("PATCH", "products/A-1/", fields, If_Match="*")
        assert (code, attr) in errors(answer)
        assert answer.status_code == 400
        assert Product.objects.get() == product


@pytest.mark.parametrize(
    "body",
    [
        "[]", "1", "null", '"text"', "{", '{"price": NaN}', '{"price": Infinity}',
        '{"name": "\\ud800"}', '{"attributes": {"a": 1e999}}', "[" * 100_000,
        '{"price": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_bodies_that_are_no_product(partner: Api, lamps: Category, body: str) -> None:
    ProductFactory(sku="A-1")
    assert partner.send("POST", "products/", body).status_code == 400
    answer = partner.send("PATCH", "products/A-1/", body, If_Match="*")
    assert answer.status_code == 400
    assert errors(answer)


@pytest.mark.parametrize(
    "attributes", ["{", "[" * 100_000, '{"a": "\\ud800"}', "NaN", '{"a":1e999}']
)
def test_attributes_of_a_form_that_are_none(partner: Api, lamps: Category, attributes: str) -> None:
    answer = partner.form("products/", new(attributes=attributes))
    assert answer.status_code == 400
    assert errors(answer)


def test_a_sku_and_a_barcode_are_one_products(partner: Api, lamps: Category) -> None:
    ProductFactory(sku="A-1", barcode="4006381333931")
    both = partner.send("POST", "products/", new(barcode="4006381333931"))
    assert both.status_code == 400
    assert set(errors(both)) == {("unique", "sku"), ("unique", "barcode")}
    ProductFactory(sku="B")
    answer = partner.send("PATCH", "products/B/", {"barcode": "04006381333931"}, If_Match="*")
    assert errors(answer) == [("unique", "barcode")]


def test_a_change(partner: Api, lamps: Category) -> None:
    before = ProductFactory(sku="A-1", name="Lamp", price=3, attributes={"a": 1})
    tag = partner.get("products/A-1/")["ETag"]
    answer = partner.send(
        "PATCH",
        "products/A-1/",
        {"price": None, "attributes": {"b": 2}, "sku": "A-1"},
        If_Match=tag,
    )
    assert answer.status_code == 200, answer.content
    product = Product.objects.get()
    assert (product.price, product.attributes, product.name) == (None, {"b": 2}, "Lamp")
    assert product.updated_at > before.updated_at
    assert answer.json()["price"] is None
    assert answer["ETag"] != tag
    assert answer["ETag"] == partner.get("products/A-1/")["ETag"]


def test_what_changes_nothing_writes_nothing(partner: Api) -> None:
    product = ProductFactory(sku="A-1", name="Lamp", price=3)
    answer = partner.send("PATCH", "products/A-1/", {"name": "Lamp", "price": "3"}, If_Match="*")
    assert answer.status_code == 200
    assert Product.objects.get().updated_at == product.updated_at


def test_a_sku_never_changes(partner: Api) -> None:
    ProductFactory(sku="A-1")
    answer = partner.send("PATCH", "products/A-1/", {"sku": "B"}, If_Match="*")
    assert errors(answer) == [("sku_fixed", "sku")]
    assert partner.send("PUT", "products/A-1/", new()).status_code == 405


@pytest.mark.parametrize("sku", ["A B", "ж", "a%2fb", "a?b", "a#b", "a,b", "a&b=c", "...", "+"])
def test_any_sku_has_its_address(partner: Api, lamps: Category, sku: str) -> None:
    address = partner.send("POST", "products/", new(sku))["Location"]
    assert partner.get(address).json()["sku"] == sku
    assert partner.send("PATCH", address, {"name": "Other"}, If_Match="*").status_code == 200


def test_a_deletion(editor: Api, encoder: Any) -> None:
    with_photo(1, sku="A-1")
    tag = editor.get("products/A-1/")["ETag"]
    answer = editor.send("DELETE", "products/A-1/", If_Match=tag)
    assert (answer.status_code, answer.content) == (204, b"")
    assert editor.get("products/A-1/").status_code == 404
    assert not ProductImage.objects.exists()


def test_what_is_in_use_stays(editor: Api, encoder: Any) -> None:
    booked, heir = ProductFactory(sku="BOOKED"), ProductFactory(sku="HEIR")
    ProductFactory(sku="TWIN", merged_into=heir)
    receive(actor=StaffFactory(), store=StoreFactory(), lines=[(booked, 1)])
    Sighting.objects.create(
        encoder=encoder, source=Sighting.Source.SEARCH, distance=0.1,
        best_product=ProductFactory(sku="SEEN"),
    )  # fmt: skip
    for sku in ("BOOKED", "HEIR", "SEEN"):
        answer = editor.send("DELETE", f"products/{sku}/", If_Match="*")
        assert answer.status_code == 409
        assert errors(answer) == [("in_use", None)]
        assert "is_active to false" in answer.json()["errors"][0]["detail"]
    assert Product.objects.count() == 4


def test_who_may_not(partner: Api, lamps: Category) -> None:
    ProductFactory(sku="A-1")
    answer = partner.send("DELETE", "products/A-1/", If_Match="*")
    assert answer.status_code == 403
    assert "products.delete_product" in answer.json()["errors"][0]["detail"]
    reader = a_partner(Scope.CATALOGUE_READ)
    assert reader.get("products/A-1/").status_code == 200
    for method, path in (("POST", "products/"), ("PATCH", "products/A-1/")):
        answer = reader.send(method, path, new("B"), If_Match="*")
        assert answer.status_code == 403
        assert errors(answer) == [("scope_missing", None)]
    writer = a_partner(Scope.CATALOGUE_WRITE)
    assert writer.get("products/A-1/").status_code == 403


def test_the_history_says_who_and_by_which_key(partner: Api, lamps: Category) -> None:
    from accounts.models import User

    partner.send("POST", "products/", new(), Idempotency_Key="k")
    product = Product.objects.get()
    partner.send("PATCH", "products/A-1/", {"price": "5"}, If_Match="*")
    name = User.objects.get(groups__name="Partner").username
    found = entries(references(product.pk))
    assert [(each.who, each.source) for each in found] == [(name, "API: ERP")] * 2


def test_no_foreign_key_is_left_to_the_commit(partner: Api, lamps: Category) -> None:
    partner.send("POST", "products/", new())
    connection.check_constraints()
