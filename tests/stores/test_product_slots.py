"""What stores show in the catalogue's admin: a column, filters and a box."""

import pytest
from django.urls import reverse

from stores.low_stock import set_reorder_point
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_stock
from tests.stores.admin_pages import analyst, assert_constant, logged_in, staff_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_product_changelist")


@pytest.fixture
def store():
    return StoreFactory(name="Altona")


def panel(product) -> str:
    return reverse("admin:products_product_panel", args=[product.pk, "stock"])


def test_the_list_shows_what_open_stores_hold_together_and_each(admin_client, store) -> None:
    product = ProductFactory()
    with_stock(store, product, 5)
    with_stock(StoreFactory(name="Barmbek"), product, 7)
    closed = StoreFactory(name="Closed")
    with_stock(closed, product, 1)
    closed.is_active = False
    closed.save()
    page = admin_client.get(LIST).content.decode()
    assert ">12</span>" in page
    assert 'title="Altona: 5\nBarmbek: 7"' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stock=there", {"Apple", "Pear"}),
        ("stock=low", {"Pear"}),
        ("stock=none", {"Fig"}),
        ("held_by=STORE", {"Apple"}),
        ("held_by=x", {"Apple", "Pear", "Fig"}),
    ],
)
def test_the_list_is_filtered_by_stock(admin_client, store, query, found) -> None:
    apple, pear = ProductFactory(name="Apple"), ProductFactory(name="Pear")
    ProductFactory(name="Fig")
    other = StoreFactory()
    with_stock(store, apple, 5)
    with_stock(other, pear, 2)
    set_reorder_point(actor=StaffFactory(), store=other, product=pear, reorder_point=2)
    answer = admin_client.get(f"{LIST}?{query.replace('STORE', str(store.pk))}")
    assert {each.name for each in answer.context["cl"].result_list} == found


def test_filters_offer_the_stores_that_one_sees(store) -> None:
    other = StoreFactory(name="Barmbek")
    product = ProductFactory(name="Apple")
    with_stock(other, product, 5)
    client = logged_in(staff_of(store))
    page = client.get(LIST, {"held_by": other.pk}).content.decode()
    assert f'<option value="{other.pk}"' not in page
    assert not client.get(LIST, {"stock": "there"}).context["cl"].result_list
    assert logged_in(analyst()).get(LIST, {"stock": "there"}).context["cl"].result_list


def test_the_box_shows_what_one_may_see(store) -> None:
    other = StoreFactory(name="Barmbek")
    product = ProductFactory()
    with_stock(store, product, 5)
    with_stock(other, product, 7)
    text = logged_in(staff_of(store)).get(panel(product)).content.decode()
    assert "Altona" in text
    assert "+5" in text
    assert "Barmbek" not in text
    both = logged_in(analyst()).get(panel(product)).content.decode()
    assert "+7" in both


def test_the_list_costs_the_same_for_ten_and_for_a_hundred(store, monkeypatch) -> None:
    from products.admin import ProductAdmin

    monkeypatch.setattr(ProductAdmin, "list_per_page", 200)

    def add(numbers: range) -> None:
        for _n in numbers:
            with_stock(store, ProductFactory(), 1)

    assert_constant(logged_in(StaffFactory()), LIST, add)
