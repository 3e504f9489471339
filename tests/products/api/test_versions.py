"""ETags of products: what nobody has seen, nobody overwrites."""

import threading
from typing import Any

import pytest
from django.db import connections

from products.models import Product
from recognition.models import ImageEmbedding
from tests.factories import ProductFactory, with_photo
from tests.products.api.client import Api, editor, errors, new, partner, upload
from tests.stores.races import held, threads

pytestmark = pytest.mark.django_db


def test_304_where_nothing_changed(partner: Api) -> None:
    product = ProductFactory(sku="A-1")
    tag = partner.get("products/A-1/")["ETag"]
    again = partner.get("products/A-1/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    Product.objects.filter(pk=product.pk).update(name="Other")
    assert partner.get("products/A-1/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_names_the_version_that_it_means(method: str) -> None:
    api, product = editor(), ProductFactory(sku="A-1")
    answer = api.send(method, "products/A-1/", {"name": "B"})
    assert (answer.status_code, errors(answer)) == (428, [("if_match_missing", None)])
    old = api.get("products/A-1/")["ETag"]
    Product.objects.filter(pk=product.pk).update(price=3)
    for stale in (old, '"x"', f"W/{api.get('products/A-1/')['ETag']}", "nonsense"):
        answer = api.send(method, "products/A-1/", {"name": "B"}, If_Match=stale)
        assert (answer.status_code, errors(answer)) == (412, [("changed_meanwhile", None)])
    assert Product.objects.get().name == product.name
    tag = api.get("products/A-1/", fields="sku")["ETag"]
    answer = api.send(method, "products/A-1/", {"name": "B"}, If_Match=f'"other", {tag}')
    assert answer.status_code in {200, 204}


def test_what_recognition_finds_out_is_no_change(partner: Api, encoder: Any) -> None:
    with_photo(1, sku="A-1")
    tag = partner.get("products/A-1/")["ETag"]
    ImageEmbedding.objects.update(state="failed", reason="unreadable")
    assert partner.get("products/A-1/", headers={"If-None-Match": tag}).status_code == 200
    assert partner.send("PATCH", "products/A-1/", {"name": "B"}, If_Match=tag).status_code == 200


def test_another_photo_is_a_change(partner: Api, encoder: Any) -> None:
    ProductFactory(sku="A-1")
    tag = partner.get("products/A-1/")["ETag"]
    partner.form("products/A-1/photos/", {"photos": upload(1)})
    assert partner.send("PATCH", "products/A-1/", {"name": "B"}, If_Match=tag).status_code == 412


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_wins() -> None:
    api, product = partner(), ProductFactory(sku="A-1")
    tag = api.get("products/A-1/")["ETag"]

    def change(name: str) -> int:
        return int(api.send("PATCH", "products/A-1/", {"name": name}, If_Match=tag).status_code)

    with threads() as beside:
        with held(product) as blocked:
            both = [beside.start(change, name=name) for name in ("One", "Two")]
            blocked(2)
        statuses = [each.result(timeout=30) for each in both]
    assert sorted(statuses) == [200, 412]
    assert Product.objects.get().name == ("One", "Two")[statuses.index(200)]


@pytest.mark.django_db(transaction=True)
def test_of_two_products_of_one_sku_at_once_one_is_made() -> None:
    from products.models import Category

    Category.objects.at_path("Home/Lamps")
    api = partner()
    together = threading.Barrier(4)

    def make() -> Any:
        together.wait(timeout=10)
        answer = api.send("POST", "products/", new())
        return answer.status_code, [] if answer.status_code == 201 else errors(answer)

    with threads() as beside:
        found = [each.result(timeout=60) for each in [beside.start(make) for _ in range(4)]]
    assert sorted(found) == [(201, [])] + [(400, [("unique", "sku")])] * 3
    assert Product.objects.count() == 1
    connections.close_all()
