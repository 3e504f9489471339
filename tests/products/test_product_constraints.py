"""What the database itself refuses of products, whoever writes past the forms."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import F, ProtectedError

from products.models import Category, Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

BARCODE = "4006381333931"


def write(**fields: Any) -> None:
    """A product written as a bulk load does, without `save` and without forms."""
    values = {"sku": "A-1", "name": "Apple", **fields}
    category = Category.objects.at_path("Fruit")
    with transaction.atomic():
        Product.objects.bulk_create([Product(category=category, **values)])


def test_a_plain_product_is_written() -> None:
    write(barcode=BARCODE, price=Decimal("0.00"))
    assert Product.objects.values_list("sku", "name", "barcode", "price").get() == (
        "A-1", "Apple", BARCODE, Decimal("0.00"),
    )  # fmt: skip


@pytest.mark.parametrize("sku", ["", " ", " A", "A ", "A  B", "A/B", "A\\B", "A\nB", "A\tB"])
def test_a_bad_sku_is_refused(sku: str) -> None:
    with pytest.raises(IntegrityError, match="product_sku_is_clean"):
        write(sku=sku)
    assert not Product.objects.exists()


@pytest.mark.parametrize("sku", ["A", "A B", "Ä-1", "1.2_3#4?5%6", "Яблоко 1"])
def test_a_sku_of_plain_characters_is_accepted(sku: str) -> None:
    write(sku=sku)
    assert Product.objects.get().sku == sku


def test_a_sku_stands_once() -> None:
    write()
    with pytest.raises(IntegrityError, match="sku"):
        write()


@pytest.mark.parametrize("name", ["", " ", "\n\t "])
def test_a_blank_name_is_refused(name: str) -> None:
    with pytest.raises(IntegrityError, match="product_has_a_name"):
        write(name=name)


@pytest.mark.parametrize(
    "barcode",
    [
        "1",
        "123456789",
        "40063813339310x",
        "4006381-33393",
        "٤٠٠٦٣٨١٣",
        "00000000",
        # A second spelling of a shorter number could stand beside it.
        "0036000291452",
        "000040170725",
        "00036000291452",
    ],
)
def test_a_barcode_that_is_no_gtin_in_its_one_spelling_is_refused(barcode: str) -> None:
    with pytest.raises((IntegrityError, DataError), match=r"product_barcode_is_gtin|too long"):
        write(barcode=barcode)


@pytest.mark.parametrize("barcode", ["40170725", "036000291452", BARCODE, "10614141000415"])
def test_each_length_of_gtin_is_accepted(barcode: str) -> None:
    write(barcode=barcode)
    assert Product.objects.get().barcode == barcode


def test_a_barcode_stands_at_one_product() -> None:
    write(barcode=BARCODE)
    with pytest.raises(IntegrityError, match="product_barcode_unique"):
        write(sku="A-2", barcode=BARCODE)


def test_any_number_of_products_may_have_no_barcode() -> None:
    write()
    write(sku="A-2")
    assert Product.objects.filter(barcode="").count() == 2


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(IntegrityError, match="product_price_not_negative"):
        write(price=Decimal("-0.01"))


def test_a_price_of_eleven_digits_is_refused() -> None:
    with pytest.raises(DataError, match="numeric field overflow"):
        write(price=Decimal(10**10))


def test_a_product_is_not_merged_into_itself() -> None:
    write()
    with (
        pytest.raises(IntegrityError, match="product_not_merged_into_itself"),
        transaction.atomic(),
    ):
        Product.objects.update(merged_into=F("pk"))


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("sku", "a/b", "product_sku_is_clean"),
        ("name", "  ", "product_has_a_name"),
        ("barcode", "12", "product_barcode_is_gtin"),
        ("price", Decimal(-1), "product_price_not_negative"),
    ],
)
def test_an_update_is_held_to_the_same(field: str, value: Any, constraint: str) -> None:
    write()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Product.objects.update(**{field: value})


def test_a_category_with_products_cannot_go() -> None:
    product = ProductFactory()
    with pytest.raises(ProtectedError):
        product.category.delete()
    assert Category.objects.filter(pk=product.category_id).exists()


def test_forms_say_it_in_words() -> None:
    product = Product(
        sku="a/b", name="", barcode="4006381333930", price=Decimal(-1), attributes=["red"],
        category=Category.objects.at_path("Fruit"),
    )  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        product.full_clean()
    messages = refused.value.message_dict
    assert messages["sku"] == ["A SKU has no slashes and no blanks at its ends."]
    assert messages["barcode"] == [
        "“4006381333930” is not a GTIN: 8, 12, 13 or 14 digits, the last a check digit."
    ]
    assert messages["price"] == ["Ensure this value is greater than or equal to 0."]
    assert messages["attributes"] == ["Attributes are names with values, as in {“colour”: “red”}."]
    assert messages["name"] == ["This field cannot be blank."]


def test_a_barcode_of_another_product_is_said_in_words() -> None:
    ProductFactory(barcode="036000291452")
    twin = ProductFactory.build(barcode="0036000291452", category=Category.objects.at_path("Fruit"))
    with pytest.raises(ValidationError) as refused:
        twin.full_clean()
    assert refused.value.message_dict == {"__all__": ["Another product has this barcode."]}
