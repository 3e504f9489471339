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
# What a transfer's movements took from and gave to its stores, against what its lines say.
_TRANSFERS = """
SELECT s.code, p.sku, format('transfer %s says %s here, but its movements say %s',
    coalesce(l.transfer_id, m.transfer_id), coalesce(l.total, 0), coalesce(m.total, 0))
FROM (
    SELECT l.transfer_id, t.source_id AS store_id, l.product_id, l.returned - l.dispatched AS total
    FROM stores_transferline l JOIN stores_transfer t ON t.id = l.transfer_id
    UNION ALL
    SELECT l.transfer_id, t.destination_id, l.product_id, l.received
    FROM stores_transferline l JOIN stores_transfer t ON t.id = l.transfer_id
) l
FULL JOIN (
    SELECT o.transfer_id, m.store_id, m.product_id, sum(m.delta) AS total
    FROM stores_stockmovement m JOIN stores_stockoperation o ON o.id = m.operation_id
    WHERE m.kind = 'transfer' OR o.transfer_id IS NOT NULL
    GROUP BY o.transfer_id, m.store_id, m.product_id
) m ON m.transfer_id = l.transfer_id AND m.store_id = l.store_id AND m.product_id = l.product_id
JOIN stores_store s ON s.id = coalesce(l.store_id, m.store_id)
JOIN products_product p ON p.id = coalesce(l.product_id, m.product_id)
WHERE coalesce(l.total, 0) <> coalesce(m.total, 0)
"""
_OPEN_ENDS = """
SELECT s.code, p.sku, format('transfer %s is over (%s), but %s are still on the way',
    t.id, t.state, l.dispatched - l.received - l.returned)
FROM stores_transferline l
JOIN stores_transfer t ON t.id = l.transfer_id
JOIN stores_store s ON s.id = t.source_id
JOIN products_product p ON p.id = l.product_id
WHERE t.state NOT IN ('dispatched', 'short') AND l.dispatched <> l.received + l.returned
"""
_REVERSALS = """
SELECT s.code, p.sku, format('movement %s takes back %s, but is not its opposite', m.id, t.id)
FROM stores_stockmovement m
JOIN stores_stockmovement t ON t.id = m.reverses_id
JOIN stores_store s ON s.id = m.store_id
JOIN products_product p ON p.id = m.product_id
WHERE m.delta <> -t.delta OR m.store_id <> t.store_id OR m.product_id <> t.product_id
"""
# What an approval posted of a product, against its lines. Of a product without lines all was
# posted away.
_COUNTS = """
SELECT s.code, p.sku, format('stocktake %s found a difference of %s, but posted %s',
    coalesce(l.stocktake_id, m.stocktake_id), coalesce(l.difference, -m.before),
    coalesce(m.total, 0))
FROM (
    SELECT l.stocktake_id, t.store_id, l.product_id,
        sum(l.counted) - (array_agg(l.expected ORDER BY l.counted_at, l.id))[1] AS difference
    FROM stores_stocktakeline l
    JOIN stores_stocktake t ON t.id = l.stocktake_id AND t.state = 'approved'
    WHERE NOT l.is_replaced
    GROUP BY l.stocktake_id, t.store_id, l.product_id
) l
FULL JOIN (
    SELECT o.stocktake_id, m.store_id, m.product_id, sum(m.delta) AS total,
        min(m.level_after - m.delta) AS before
    FROM stores_stockmovement m JOIN stores_stockoperation o ON o.id = m.operation_id
    WHERE m.kind = 'count'
    GROUP BY o.stocktake_id, m.store_id, m.product_id
) m ON m.stocktake_id = l.stocktake_id AND m.store_id = l.store_id AND m.product_id = l.product_id
JOIN stores_store s ON s.id = coalesce(l.store_id, m.store_id)
JOIN products_product p ON p.id = coalesce(l.product_id, m.product_id)
WHERE coalesce(l.difference, -m.before) <> coalesce(m.total, 0)
"""
_MERGED = """
SELECT s.code, p.sku, format('%s left on a product that was merged into another', l.quantity)
FROM stores_stocklevel l
JOIN stores_store s ON s.id = l.store_id
JOIN products_product p ON p.id = l.product_id
WHERE p.merged_into_id IS NOT NULL AND l.quantity <> 0
"""
_QUESTIONS = (_SUMS, _CHAINS, _TRANSFERS, _OPEN_ENDS, _REVERSALS, _COUNTS, _MERGED)


def discrepancies() -> list[Discrepancy]:
    """All of them; an empty list is the proof.

    One statement, and so one snapshot: a sale that commits meanwhile is no discrepancy.
    """
    parts = " UNION ALL ".join(f"({each})" for each in _QUESTIONS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({parts}) AS found ORDER BY 1, 2, 3")  # noqa: S608
        return [Discrepancy(*row) for row in cursor.fetchall()]
