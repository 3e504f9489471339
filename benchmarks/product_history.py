"""What the triggers of the product history cost on writing 1,000 products.

The peer, in the same run, is the same table with its triggers disabled; a third column also names
who does it, as requests and commands do.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter

import numpy as np
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

from products.history import acting
from products.models import Category, Product

PRODUCTS, ROUNDS = 1000, 9
MODES = ["without", "with", "with a name"]


def drawn(run: int) -> list[Product]:
    category = Category.objects.at_path("Bench")
    return [
        Product(
            sku=f"{run}-{n}", name=f"Product {n}", category=category, price=3,
            description="A thing of everyday use, well made. " * 10,
            attributes={"colour": "red", "size": n},
        )
        for n in range(PRODUCTS)
    ]  # fmt: skip


def insert(run: int) -> None:
    for product in drawn(run):
        product.save()


def change(run: int) -> None:
    for product in list(Product.objects.filter(sku__startswith=f"{run}-")):
        product.price = 4
        product.save()


def save_unchanged(run: int) -> None:
    for product in list(Product.objects.filter(sku__startswith=f"{run}-")):
        product.save()


def update(run: int) -> None:
    Product.objects.filter(sku__startswith=f"{run}-").update(price=5)


def insert_in_bulk(run: int) -> None:
    Product.objects.bulk_create(drawn(-run))


STEPS: list[Callable[[int], None]] = [
    insert, change, save_unchanged, update, insert_in_bulk,
]  # fmt: skip


def measure(mode: str, run: int) -> list[float]:
    """Milliseconds of each step, a transaction each."""
    with connection.cursor() as cursor:
        state = "DISABLE" if mode == "without" else "ENABLE"
        cursor.execute(f"ALTER TABLE products_product {state} TRIGGER USER")
    name: AbstractContextManager[None] = nullcontext()
    if mode == "with a name":
        name = acting(source="benchmark")
    taken = []
    with name:
        for step in STEPS:
            started = perf_counter()
            with transaction.atomic():
                step(run)
            taken.append((perf_counter() - started) * 1000)
    return taken


def main() -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        taken = np.array(
            [
                [measure(mode, 1 + turn * len(MODES) + n) for n, mode in enumerate(MODES)]
                for turn in range(ROUNDS)
            ]
        )
        median = np.median(taken, axis=0)
        print(f"{'ms':18}" + "".join(f"{mode:>20}" for mode in MODES) + f"   {PRODUCTS} products")
        for number, step in enumerate(STEPS):
            cells = "".join(
                f"{median[mode, number]:12.0f}  x {median[mode, number] / median[0, number]:4.2f}"
                for mode in range(len(MODES))
            )
            print(f"{step.__name__:18}{cells}")
    finally:
        teardown_databases(old, verbosity=0)
