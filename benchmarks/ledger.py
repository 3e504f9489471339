"""The ledger under load: 32 threads x 200 operations over 50 levels, with and without failures.

The load is that of `tests/stores/load.py`: sales, receipts, adjustments, transfers, reversals,
counts and merges of several products each, in any order, some inside transactions of the caller.
Failures: sessions ended by the database, timeouts of locks and statements, callers who give up after
booking, rows locked against the ledger's order so that deadlocks are certain. The peers, in the same
run, without failures: one global lock around every operation, and a single thread. Then what the
audit costs on 500,000 movements, beside the plain sum of them.
"""

from time import perf_counter

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from stores.audit import discrepancies
from stores.models import StockMovement
from tests.stores.load import Outcome, open_shop, run

THREADS, OPERATIONS, MOVEMENTS = 32, 200, 500_000


def main() -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        total = THREADS * OPERATIONS
        print(
            f"{'':22}{'ops/s':>7}{'booked':>8}{'refused':>9}{'deadlocks':>11}{'retries':>9}"
            f"{'most attempts':>14}  wrong"
        )
        broken = run(open_shop(clerks=THREADS), threads=THREADS, operations=OPERATIONS)
        row("with failures", broken, total)
        print("   failures:", ", ".join(f"{n} {name}" for name, n in broken.failures.items()))
        print("   refused:", ", ".join(f"{n} {name}" for name, n in broken.refused.items()))
        empty()
        plain = measure(THREADS, OPERATIONS)
        row("without", plain, total)
        empty()
        locked = measure(THREADS, OPERATIONS, one_at_a_time=True)
        row("one global lock", locked, total)
        empty()
        single = measure(1, total)
        row("one thread", single, total)
        print(
            f"ratio to one global lock {locked.seconds / plain.seconds:.2f},"
            f" to one thread {single.seconds / plain.seconds:.2f}"
        )
        empty()
        measure_audit()
    finally:
        teardown_databases(old, verbosity=0)


def measure(threads: int, operations: int, *, one_at_a_time: bool = False) -> Outcome:
    return run(
        open_shop(clerks=THREADS), threads=threads, operations=operations, failures=False,
        one_at_a_time=one_at_a_time,
    )  # fmt: skip


def row(name: str, outcome: Outcome, total: int) -> None:
    print(
        f"{name:22}{total / outcome.seconds:7.0f}{len(outcome.booked):8d}"
        f"{outcome.refused.total():9d}{outcome.deadlocks:11d}{outcome.retries:9d}"
        f"{outcome.most_attempts:14d}  {len(outcome.problems)}"
    )
    for problem in outcome.problems[:10]:
        print("   WRONG:", problem)


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE stores_store, products_product, accounts_user CASCADE")


def measure_audit() -> None:
    """The cost of the proof: 500,000 movements over 10,000 levels."""
    shop = open_shop(clerks=1, stores=10, products=1000)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_stockmovement"
            " (operation_id, kind, store_id, product_id, delta, level_after, evidence)"
            " SELECT o.id, 'receive', l.store_id, l.product_id, 1, l.quantity + n, ''"
            " FROM generate_series(1, %s) n CROSS JOIN stores_stocklevel l"
            " CROSS JOIN (SELECT min(id) AS id FROM stores_stockoperation) o ORDER BY n",
            [MOVEMENTS // 10_000],
        )
        cursor.execute(
            "UPDATE stores_stocklevel SET quantity = quantity + %s", [MOVEMENTS // 10_000]
        )
        cursor.execute("VACUUM ANALYZE stores_stockmovement, stores_stocklevel")
        started = perf_counter()
        cursor.execute("SELECT sum(delta) FROM stores_stockmovement GROUP BY store_id, product_id")
        summed = perf_counter() - started
    started = perf_counter()
    found = discrepancies()
    seconds = perf_counter() - started
    print(
        f"audit of {StockMovement.objects.count()} movements, {len(shop.stores) * 1000} levels:"
        f" {seconds:.2f} s, {len(found)} found; summing them alone {summed:.2f} s,"
        f" ratio {seconds / summed:.1f}"
    )
