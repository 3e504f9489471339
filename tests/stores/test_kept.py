"""What movements point to stays: it can be made inactive or merged, but not deleted."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement, StocktakeLine
from tests.factories import ProductFactory, StoreFactory, clerk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked():
    """A store, a product and a clerk, with a movement, a transfer and a count."""
    store, other, product = StoreFactory(), StoreFactory(), ProductFactory()
    clerk = clerk_of(store, other)
    ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    ledger.dispatch_transfer(actor=clerk, source=store, destination=other, lines=[(product, 1)])
    take = stocktaking.open_stocktake(actor=clerk, store=store)
    stocktaking.count_product(actor=clerk, stocktake=take, product=product, counted=4)
    stocktaking.approve(actor=clerk, stocktake=take)
    return {"product": product, "user": clerk, "store": store}


@pytest.mark.parametrize("what", ["product", "user", "store"])
def test_it_cannot_be_deleted(booked, what) -> None:
    with pytest.raises(ProtectedError):
        booked[what].delete()


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("product", "DELETE FROM products_product WHERE id = %s"),
        ("user", "DELETE FROM accounts_user WHERE id = %s"),
        ("store", "DELETE FROM stores_store WHERE id = %s"),
    ],
)
def test_nor_by_sql(booked, what, statement) -> None:
    StockLevel.objects.all().delete()  # which would be in the way before the movements are
    with connection.cursor() as cursor:
        cursor.execute(statement, [booked[what].pk])
        with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "table",
    ["stockmovement", "stockoperation", "stocktake", "stocktakeline"],
)
def test_the_books_themselves_cannot_be_changed_or_emptied(booked, table) -> None:
    for statement in ("UPDATE stores_{} SET id = id", "DELETE FROM stores_{}"):
        with (
            pytest.raises(DatabaseError, match="Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(table))
    assert StockMovement.objects.exists()
    assert StocktakeLine.objects.exists()


def test_an_inactive_user_books_nothing_more(booked) -> None:
    clerk = booked["user"]
    clerk.is_active = False
    clerk.save()
    with pytest.raises(ledger.Refusal, match="may not"):
        ledger.sell(actor=clerk, store=booked["store"], lines=[(booked["product"], 1)])
    assert clerk.stock_operations.exists()


def test_an_inactive_product_keeps_its_stock_and_can_be_moved_out(booked) -> None:
    product, clerk, store = booked["product"], booked["user"], booked["store"]
    product.is_active = False
    product.save()
    ledger.sell(actor=clerk, store=store, lines=[(product, 4)])
    assert StockLevel.objects.get(store=store).quantity == 0


def test_a_product_that_never_moved_goes_with_its_level(booked) -> None:
    from stores.low_stock import set_reorder_point

    product = ProductFactory()
    set_reorder_point(actor=booked["user"], store=booked["store"], product=product, reorder_point=3)
    product.delete()
    assert not StockLevel.objects.filter(reorder_point=3).exists()
