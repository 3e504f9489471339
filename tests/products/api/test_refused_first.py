"""What is refused is not done; what no database takes is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from products.models import Category, Product
from tests.factories import ProductFactory, UserFactory, with_photo
from tests.products.api.client import Api, errors, new

pytestmark = pytest.mark.django_db


def allowed(*names: str) -> Api:
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return Api(user)


def test_an_inactive_product_is_shown_to_who_made_it(lamps: Category) -> None:
    api = allowed("add_product", "view_product")
    answer = api.send("POST", "products/", new(is_active=False))
    assert (answer.status_code, answer.json()["is_active"]) == (201, False)
    assert answer["ETag"]
    assert api.get("products/A-1/").status_code == 404


def test_who_may_not_see_products_makes_none(lamps: Category) -> None:
    answer = allowed("add_product").send("POST", "products/", new())
    assert (answer.status_code, errors(answer)) == (403, [("not_allowed", None)])
    assert not Product.objects.exists()


def test_who_may_not_see_categories_makes_none() -> None:
    answer = allowed("add_category").send("POST", "categories/", {"path": "Fruit"})
    assert answer.status_code == 403
    assert not Category.objects.exists()


def test_who_may_not_see_photos_does_not_order_them(encoder: Any) -> None:
    product = ProductFactory(sku="A-1")
    a, b = (with_photo(seed, product).pk for seed in range(2))
    api = allowed("view_product", "change_product", "change_productimage")
    answer = api.send("PUT", "products/A-1/photos/order/", {"ids": [b, a]})
    assert answer.status_code == 403
    assert list(product.images.order_by("position").values_list("pk", flat=True)) == [a, b]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_outside_the_calendar(partner: Api, moment: str) -> None:
    answer = partner.get("products/", updated_since=moment)
    assert (answer.status_code, errors(answer)) == (400, [("invalid", "updated_since")])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_its_ends(partner: Api, moment: str) -> None:
    ProductFactory()
    number = len(partner.get("products/", updated_since=moment).json()["results"])
    assert number == (1 if moment.startswith("0") else 0)


def test_a_key_with_a_nul_is_not_known() -> None:
    answer = Client().get("/api/v1/products/", headers={"Authorization": "Bearer rv_a\0b"})
    assert (answer.status_code, errors(answer)) == (401, [("authentication_failed", None)])
