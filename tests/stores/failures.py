"""What breaks under load, and what is counted of it."""

import logging
import random
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import psycopg

from products.models import Product
from tests.stores.races import session

# By which the sessions of the load are known.
NAME = "ledger-load"


class Chaos(threading.Thread):
    """Ends sessions of clerks, and locks rows against the order of the ledger."""

    def __init__(self, products: list[Product], seed: int, pause: float) -> None:
        super().__init__(daemon=True)
        self.random, self.pause = random.Random(seed), pause
        self.products = [each.pk for each in products]
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()
        self.connecting = session()

    def run(self) -> None:
        with self.connecting as other:
            while not self.over.wait(self.random.uniform(0.5, 1.5) * self.pause):
                if self.random.random() < 0.5:
                    done = other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                        " application_name = %s AND datname = current_database()"
                        " ORDER BY state = 'active' DESC, random() LIMIT 1",
                        [NAME],
                    )
                    self.counts["sessions ended"] += done.rowcount
                else:
                    with suppress(psycopg.Error):
                        self.lock_backwards(other)

    def lock_backwards(self, other: "psycopg.Connection[Any]") -> None:
        product = self.random.choice(self.products)
        with other.transaction():
            # A clerk notices the deadlock first, and is the loser.
            other.execute("SET LOCAL deadlock_timeout = '5s'; SET LOCAL lock_timeout = '200ms'")
            other.execute(
                "SELECT FROM stores_stocklevel WHERE product_id = %s FOR UPDATE", [product]
            )
            time.sleep(0.01)
            other.execute("SELECT FROM products_product WHERE id = %s FOR UPDATE", [product])
        self.counts["locked backwards"] += 1


class Retries(logging.Handler):
    """Counts what `retry_when_lost` says."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count = 0
        self.most_attempts = 1

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "api.retrying" and isinstance(record.args, tuple):
            self.count += 1
            self.most_attempts = max(self.most_attempts, int(str(record.args[-1])))


def deadlocks() -> int:
    """How many PostgreSQL has seen in this database."""
    with session() as other:
        row = other.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
