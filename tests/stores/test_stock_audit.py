"""The audit finds whatever cannot be, and says so by its exit code."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.audit import discrepancies
from stores.models import StockLevel, StockMovement, Stocktake, Transfer
from tests.factories import ProductFactory, StoreFactory, clerk_of

pytestmark = pytest.mark.django_db

TABLES = ("stockmovement", "stockoperation", "stocktake", "stocktakeline")


@pytest.fixture
def books() -> Iterator[None]:
    """A bit of everything: sales, a reversal, transfers, counts, a merge; tampering is allowed."""
    here, there = StoreFactory(code="HERE"), StoreFactory(code="THERE")
    clerk = clerk_of(here, there)
    apple, pear = ProductFactory(sku="APPLE"), ProductFactory(sku="PEAR")
    gone = ProductFactory(sku="GONE")
    for store in (here, there):
        lines = [(apple, 20), (pear, 20), (gone, 5)]
        ledger.receive(actor=clerk, store=store, lines=lines)
    sale = ledger.sell(actor=clerk, store=here, lines=[(apple, 3)])
    ledger.reverse(actor=clerk, operation=sale.operation, reason="brought back")
    for arrives in (4, 2):
        transfer = ledger.dispatch_transfer(
            actor=clerk, source=here, destination=there, lines=[(apple, 4), (pear, 1)]
        )
        ledger.receive_transfer(
            actor=clerk, transfer=transfer, lines=[(apple, arrives)], close=arrives == 2
        )
    ledger.return_transfer(actor=clerk, transfer=Transfer.objects.order_by("pk")[0], reason="late")
    merge_product(product=gone, into=pear, actor=clerk)
    take = stocktaking.open_stocktake(actor=clerk, store=here)
    stocktaking.count_product(actor=clerk, stocktake=take, product=apple, counted=9)
    ledger.sell(actor=clerk, store=here, lines=[(apple, 1)])
    stocktaking.count_product(actor=clerk, stocktake=take, product=apple, counted=8, replace=True)
    stocktaking.approve(actor=clerk, stocktake=take, uncounted_are_zero=True)
    open_take = stocktaking.open_stocktake(actor=clerk, store=there)
    stocktaking.count_product(actor=clerk, stocktake=open_take, product=apple, counted=1)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE stores_{table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE stores_{table} ENABLE TRIGGER USER")


def tamper(sql: str) -> None:
    for name, rows in ROWS.items():
        sql = sql.replace(name, rows)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1


def test_clean_books_end_with_0(books, capsys) -> None:
    assert discrepancies() == []
    call_command("stock_audit")
    levels, movements = StockLevel.objects.count(), StockMovement.objects.count()
    assert f"{levels} levels agree with {movements} movements." in capsys.readouterr().out


def test_an_empty_shop_is_clean(db) -> None:
    call_command("stock_audit")


# Names that the statements below use, each for some rows.
ROWS = {
    "THE_LAST": "id = (SELECT max(id) FROM stores_stockmovement WHERE APPLE_HERE)",
    "THE_SALE": (
        "id = (SELECT min(id) FROM stores_stockmovement WHERE kind = 'sell' AND APPLE_HERE)"
    ),
    "APPLE_HERE": (
        "store_id = (SELECT id FROM stores_store WHERE code = 'HERE')"
        " AND product_id = (SELECT id FROM products_product WHERE sku = 'APPLE')"
    ),
    "THE_COUNT": (
        "id = (SELECT max(l.id) FROM stores_stocktakeline l"
        " JOIN stores_stocktake t ON t.id = l.stocktake_id WHERE t.state = 'approved')"
    ),
    "THE_SHORT_LINE": (
        "id = (SELECT min(l.id) FROM stores_transferline l"
        " JOIN stores_transfer t ON t.id = l.transfer_id WHERE t.state = 'short')"
    ),
    "THE_RETURNED_LINE": (
        "id = (SELECT max(l.id) FROM stores_transferline l"
        " JOIN stores_transfer t ON t.id = l.transfer_id WHERE t.state = 'returned')"
    ),
}


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (
            "UPDATE stores_stocklevel SET quantity = quantity + 1 WHERE APPLE_HERE",
            ["APPLE\tlevel 9, but the movements add up to 8"],
        ),
        (
            "DELETE FROM stores_stocklevel WHERE APPLE_HERE",
            ["APPLE\tlevel 0, but the movements add up to 8"],
        ),
        (
            (
                "INSERT INTO stores_stocklevel (store_id, product_id, quantity)"
                " SELECT s.id, p.id, 7 FROM stores_store s, products_product p"
                " WHERE s.code = 'NEW' AND p.sku = 'NEW'"
            ),
            ["NEW\tNEW\tlevel 7, but the movements add up to 0"],
        ),
        (
            "UPDATE stores_stockmovement SET delta = delta - 1 WHERE THE_SALE",
            ["add up to 7", "says that it left 17, but", "but is not its opposite"],
        ),
        (
            "DELETE FROM stores_stockmovement WHERE THE_LAST",
            ["add up to", "found a difference of", "but posted 0"],
        ),
        (
            "UPDATE stores_stockmovement SET level_after = level_after + 1 WHERE THE_SALE",
            ["says that it left 18, but the movements up to it leave 17"],
        ),
        (
            "UPDATE stores_transferline SET received = received - 1 WHERE THE_SHORT_LINE",
            ["THERE\tAPPLE\ttransfer", "says 1 here, but its movements say 2"],
        ),
        (
            (
                "UPDATE stores_transferline SET returned = 0, received = 0, dispatched = 1"
                " WHERE THE_RETURNED_LINE"
            ),
            ["is over (returned), but 1 are still on the way", "says -1 here"],
        ),
        (
            "DELETE FROM stores_transferline WHERE THE_SHORT_LINE",
            ["HERE\tAPPLE", "says 0 here, but its movements say -4", "movements say 2"],
        ),
        (
            (
                "UPDATE stores_stockoperation SET transfer_id = NULL WHERE id ="
                " (SELECT min(id) FROM stores_stockoperation WHERE transfer_id IS NOT NULL)"
            ),
            ["HERE\tPEAR\ttransfer", "but its movements say 0"],
        ),
        (
            "UPDATE stores_stocktakeline SET counted = counted + 5 WHERE THE_COUNT",
            ["HERE\tAPPLE\tstocktake", "found a difference of 2, but posted -3"],
        ),
        (
            "UPDATE stores_stocktakeline SET is_replaced = true WHERE THE_COUNT",
            ["HERE\tAPPLE\tstocktake", "found a difference of -11, but posted -3"],
        ),
        (
            (
                "UPDATE products_product SET merged_into_id ="
                " (SELECT id FROM products_product WHERE sku = 'PEAR') WHERE sku = 'APPLE'"
            ),
            ["8 left on a product that was merged into another"],
        ),
    ],
)
def test_whatever_cannot_be_is_found(books, capsys, sql, says) -> None:
    if "NEW" in sql:
        StoreFactory(code="NEW"), ProductFactory(sku="NEW")
    tamper(sql)
    with pytest.raises(SystemExit) as ended:
        call_command("stock_audit")
    out = capsys.readouterr()
    assert ended.value.code == 1
    for text in says:
        assert text in out.out, out.out
    assert f"{len(out.out.splitlines())} rows do not agree" in out.err


def test_a_line_that_was_never_posted_is_found(books) -> None:
    """As when somebody approves a stocktake by SQL."""
    tamper("UPDATE stores_stocktake SET state = 'cancelled' WHERE state = 'approved'")
    assert Stocktake.objects.filter(state="cancelled").exists()
    found = {each.problem for each in discrepancies()}
    assert any("but posted -3" in problem for problem in found), found
