"""What the triggers of the webhooks' outbox cost on writing products and booking stock.

The peer, in the same run, is the same site with these triggers disabled; then with them while no
endpoint wants anything, and with an endpoint that wants everything. What PostgreSQL itself says that
a call of a trigger took (EXPLAIN ANALYZE) is printed beside it, since it is far below the noise of the
rest.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

from products.models import Category, Product
from stores.ledger import receive
from stores.models import Store
from webhooks.event_types import SUBSCRIBABLE
from webhooks.models import WebhookEndpoint, WebhookEvent

PRODUCTS, ROUNDS = 1000, 9
MODES = ["without", "nobody wants it", "wanted"]


def drawn(run: int) -> list[Product]:
    category = Category.objects.at_path("Bench")
    return [
        Product(
            sku=f"{run}-{n}", name=f"Product {n}", category=category, price=3,
            description="A thing of everyday use, well made. " * 10,
        )
        for n in range(PRODUCTS)
    ]  # fmt: skip


def insert_in_bulk(run: int) -> None:
    Product.objects.bulk_create(drawn(run))


def save_one_by_one(run: int) -> None:
    for product in list(Product.objects.filter(sku__startswith=f"{run}-")):
        product.price = 4
        product.save()


def update_all(run: int) -> None:
    Product.objects.filter(sku__startswith=f"{run}-").update(price=5)


def update_unseen(run: int) -> None:
    """What no partner sees: the triggers' conditions are all that it costs."""
    Product.objects.filter(sku__startswith=f"{run}-").update(price=5)


def book_in_one(run: int) -> None:
    lines = [(each, 3) for each in Product.objects.filter(sku__startswith=f"{run}-")]
    receive(actor=_boss(), store=Store.objects.get(), lines=lines)


def book_one_by_one(run: int) -> None:
    boss, store = _boss(), Store.objects.get()
    for product in Product.objects.filter(sku__startswith=f"{run}-")[:100]:
        receive(actor=boss, store=store, lines=[(product, 1)])


STEPS: list[Callable[[int], None]] = [
    insert_in_bulk, save_one_by_one, update_all, update_unseen, book_in_one, book_one_by_one,
]  # fmt: skip


def _boss() -> Any:
    return get_user_model().objects.get()


def switch_triggers(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname LIKE 'webhooks\\_%' AND NOT tgisinternal"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {state} TRIGGER {name}")


def prepare(mode: str) -> None:
    switch_triggers("DISABLE" if mode == "without" else "ENABLE")
    WebhookEndpoint.objects.all().delete()
    if mode == "wanted":
        events = [value for value, _label in SUBSCRIBABLE]
        WebhookEndpoint.objects.create(owner=_boss(), url="https://shop.example/", events=events)


def measure(mode: str, run: int) -> list[float]:
    """Milliseconds of each step, a transaction each."""
    prepare(mode)
    taken = []
    for step in STEPS:
        started = perf_counter()
        with transaction.atomic():
            step(run)
        taken.append((perf_counter() - started) * 1000)
    WebhookEvent.objects.all().delete()
    return taken


def microseconds_a_call() -> float:
    """Of the trigger alone, in an UPDATE that changes what partners see of each product."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) UPDATE products_product SET price = price + 1"
            " WHERE id IN (SELECT id FROM products_product LIMIT 1000)"
        )
        triggers = cursor.fetchone()[0][0]["Triggers"]
    (ours,) = (each for each in triggers if each["Trigger Name"] == "webhooks_product_changed")
    return float(ours["Time"] * 1000 / ours["Calls"])


def main() -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        get_user_model().objects.create_superuser("boss")
        Store.objects.create(code="S", name="Store")
        taken = np.array(
            [
                [measure(mode, 1 + turn * len(MODES) + n) for n, mode in enumerate(MODES)]
                for turn in range(ROUNDS)
            ]
        )
        for mode in MODES[1:]:
            prepare(mode)
            calls = [microseconds_a_call() for _ in range(ROUNDS)]
            WebhookEvent.objects.all().delete()
            print(f"a call of the trigger, {mode}: {np.median(calls):.1f} microseconds")
        median = np.median(taken, axis=0)
        print(f"{'ms':18}" + "".join(f"{mode:>22}" for mode in MODES) + f"   {PRODUCTS} products")
        for number, step in enumerate(STEPS):
            cells = "".join(
                f"{median[mode, number]:14.1f}  x {median[mode, number] / median[0, number]:4.2f}"
                for mode in range(len(MODES))
            )
            print(f"{step.__name__:18}{cells}")
    finally:
        teardown_databases(old, verbosity=0)
