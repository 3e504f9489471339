"""Merging from a product's page takes the stock along, and says what stands in the way."""

from typing import Any

import pytest
from django.core.management import call_command

from products.models import Product
from stores import ledger
from stores.models import StockLevel, StockMovement
from stores.stocktaking import count_product, open_stocktake
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_stock
from tests.products.test_merging_admin import save

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory()


def merge_error(answer: Any) -> str:
    return str(answer.context["adminform"].form.errors["merged_into"])


def held() -> dict[str, int]:
    levels = StockLevel.objects.filter(quantity__gt=0)
    return dict(levels.values_list("product__name", "quantity"))


def test_the_stock_goes_along_by_movements_under_the_name_of_who_saved(admin_client, store) -> None:
    product, heir = ProductFactory(name="Old"), ProductFactory(name="New")
    with_stock(store, product, 5)
    with_stock(store, heir, 2)
    answer = save(admin_client, product, merged_into=heir.pk)
    assert "its photos and its stock are now those of" in answer.content.decode()
    assert held() == {"New": 7}
    moved = StockMovement.objects.filter(operation__reference=f"merge:{product.sku}")
    assert sorted(moved.values_list("delta", flat=True)) == [-5, 5]
    assert {each.operation.actor.username for each in moved} == {"admin"}
    call_command("stock_audit")


def test_goods_on_their_way_stand_in_the_way(admin_client, store) -> None:
    product, heir = ProductFactory(), ProductFactory()
    with_stock(store, product, 5)
    ledger.dispatch_transfer(
        actor=StaffFactory(), source=store, destination=StoreFactory(), lines=[(product, 2)]
    )
    answer = save(admin_client, product, merged_into=heir.pk, name="Half done")
    assert "is on its way between stores" in merge_error(answer)
    product.refresh_from_db()
    assert product.merged_into is None
    assert product.name != "Half done"


def test_a_count_stands_in_the_way(admin_client, store) -> None:
    product, heir = ProductFactory(), ProductFactory()
    actor = StaffFactory()
    stocktake = open_stocktake(actor=actor, store=store)
    count_product(actor=actor, stocktake=stocktake, product=product, counted=1)
    assert "is being counted" in merge_error(save(admin_client, product, merged_into=heir.pk))
    assert not Product.objects.exclude(merged_into=None).exists()


def test_a_merged_product_is_not_merged_elsewhere_at_once(admin_client) -> None:
    heir, other = ProductFactory(name="First heir"), ProductFactory()
    product = ProductFactory(merged_into=heir)
    assert "First heir" in merge_error(save(admin_client, product, merged_into=other.pk))
    product.refresh_from_db()
    assert product.merged_into == heir


def test_taking_a_merge_away_says_that_the_stock_stays(admin_client, store) -> None:
    product, heir = ProductFactory(name="Old"), ProductFactory(name="New")
    with_stock(store, product, 5)
    save(admin_client, product, merged_into=heir.pk)
    answer = save(admin_client, product, merged_into="")
    assert "stay with New" in answer.content.decode()
    product.refresh_from_db()
    assert product.merged_into is None
    assert held() == {"New": 5}
    call_command("stock_audit")
