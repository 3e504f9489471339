"""Proof that the levels are what the ledger says."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something in the books that cannot be."""

    store: str
    product: str
    problem: str


# A level and the sum of its movements, whichever of the two is there.
_SUMS = """
SELECT s.code, p.sku, format('level %s, but the movements add up to %s',
    coalesce(l.quantity, 0), coalesce(m.total, 0)) AS problem
FROM stores_stocklevel l
FULL JOIN (
    SELECT store_id, product_id, sum(delta) AS total FROM stores_stockmovement
    GROUP BY store_id, product_id
) m ON m.store_id = l.store_id AND m.product_id = l.product_id
JOIN stores_store s ON s.id = coalesce(l.store_id, m.store_id)
JOIN products_product p ON p.id = coalesce(l.product_id, m.product_id)
WHERE coalesce(l.quantity, 0) <> coalesce(m.total, 0)
"""
# Each movement wrote down the level that it left; the next one must have begun there.
_CHAINS = """
SELECT s.code, p.sku, format(
    'movement %s says that it left %s, but the movements up to it leave %s',
    m.id, m.level_after, m.running)
FROM (
    SELECT *, sum(delta) OVER (PARTITION BY store_id, product_id ORDER BY id) AS running
    FROM stores_stockmovement
) m
JOIN stores_store s ON s.id = m.store_id
JOIN products_product p ON p.id = m.product_id
WHERE m.level_after <> m.running
"""
_TRANSFERS = """
SELECT s.code, p.sku, format('transfer %s has %s on the way or lost, but its movements say %s',
    t.id, l.dispatched - l.received - l.returned, -coalesce(m.total, 0))
FROM stores_transferline l
JOIN stores_transfer t ON t.id = l.transfer_id
JOIN stores_store s ON s.id = t.source_id
JOIN products_product p ON p.id = l.product_id
LEFT JOIN (
    SELECT o.transfer_id, m.product_id, sum(m.delta) AS total
    FROM stores_stockmovement m JOIN stores_stockoperation o ON o.id = m.operation_id
    WHERE o.transfer_id IS NOT NULL
    GROUP BY o.transfer_id, m.product_id
) m ON m.transfer_id = t.id AND m.product_id = l.product_id
WHERE l.dispatched - l.received - l.returned <> -coalesce(m.total, 0)
   OR (t.state NOT IN ('dispatched', 'short') AND l.dispatched <> l.received + l.returned)
"""
_MERGED = """
SELECT s.code, p.sku, format('%s left on a product that was merged into another', l.quantity)
FROM stores_stocklevel l
JOIN stores_store s ON s.id = l.store_id
JOIN products_product p ON p.id = l.product_id
WHERE p.merged_into_id IS NOT NULL AND l.quantity <> 0
"""


def discrepancies() -> list[Discrepancy]:
    """All of them; an empty list is the proof.

    One statement, and so one snapshot: a sale that commits meanwhile is no discrepancy.
    """
    parts = " UNION ALL ".join(f"({each})" for each in (_SUMS, _CHAINS, _TRANSFERS, _MERGED))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({parts}) AS found ORDER BY 1, 2, 3")  # noqa: S608
        return [Discrepancy(*row) for row in cursor.fetchall()]
