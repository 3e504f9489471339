"""A till: a process that books, and may be killed. Run as `python -m tests.stores.booker`.

    open                makes the tables and the shop
    book JOURNAL        books one request after the other, each after its key stands in the journal,
                        until there is a file `enough` beside it; what the journal has already is
                        sent again first
    check DIRECTORY     sends all journals again from the beginning, then prints what is wrong with
                        the books

Every request is a function of the journal's name (a number) and its place, so that whoever starts
again sends the same ones.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import django

STORES, PRODUCTS, AT_FIRST = 5, 10, 100_000


@dataclass
class Request:
    """What is sent, and what it changes: (store, product) to delta."""

    key: str
    call: Callable[[], Any]
    changes: "Counter[tuple[int, int]]"


def open_shop() -> None:
    from django.core.management import call_command

    from stores import ledger
    from tests.factories import ProductFactory, StoreFactory, clerk_of

    call_command("migrate", verbosity=0)
    stores = [StoreFactory() for _ in range(STORES)]
    products = [ProductFactory() for _ in range(PRODUCTS)]
    clerk = clerk_of(*stores)
    for store in stores:
        lines = [(product, AT_FIRST) for product in products]
        ledger.receive(actor=clerk, store=store, lines=lines, idempotency_key=f"open:{store.code}")


class Till:
    """Makes the requests of a seed."""

    def __init__(self, seed: int) -> None:
        from products.models import Product
        from stores.models import StockOperation, Store

        self.seed, self.chance = seed, random.Random(seed)
        self.stores = list(Store.objects.order_by("pk"))
        self.products = list(Product.objects.order_by("pk"))
        self.actor = StockOperation.objects.order_by("pk")[0].actor

    def requests(self) -> Iterator[Request]:
        for step in count():
            yield from self.step(f"{self.seed}:{step}")

    def step(self, key: str) -> list[Request]:
        from stores import ledger

        chance = self.chance
        here, there = chance.sample(self.stores, 2)
        some = chance.sample(self.products, chance.randint(1, 4))
        lines = [(product, chance.randint(1, 9)) for product in some]
        out = Counter({(here.pk, product.pk): -n for product, n in lines})
        came = Counter({(there.pk, product.pk): n for product, n in lines})
        first: dict[str, Any] = {"actor": self.actor, "idempotency_key": key}

        def receive() -> Any:
            return ledger.receive(store=there, lines=lines, **first)

        def sell() -> Any:
            return ledger.sell(store=here, lines=lines, **first)

        def adjust() -> Any:
            changes = [(product, -n) for product, n in lines]
            return ledger.adjust(store=here, lines=changes, reason="broken", **first)

        def dispatch() -> Any:
            return ledger.dispatch_transfer(source=here, destination=there, lines=lines, **first)

        def arrive() -> Any:
            transfer, again = self.operation(key).transfer, {**first, "idempotency_key": key + "+"}
            return ledger.receive_transfer(transfer=transfer, lines=lines, **again)

        def take_back() -> Any:
            operation, again = self.operation(key), {**first, "idempotency_key": key + "+"}
            return ledger.reverse(operation=operation, reason="brought back", **again)

        back = Counter({where: -n for where, n in out.items()})
        return chance.choice(
            [
                [Request(key, receive, came)],
                [Request(key, sell, out)],
                [Request(key, adjust, out)],
                [Request(key, dispatch, out), Request(key + "+", arrive, came)],
                [Request(key, sell, out), Request(key + "+", take_back, back)],
            ]
        )

    def operation(self, key: str) -> Any:
        from stores.models import StockOperation

        return StockOperation.objects.get(actor=self.actor, idempotency_key=key)


def book(journal: Path) -> None:
    from stores.models import Transfer

    begun, answered = read(journal)
    with journal.open("a") as file:

        def note(**entry: Any) -> None:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

        for request in Till(int(journal.stem)).requests():
            if request.key not in begun:
                if journal.with_name("enough").exists():
                    return
                note(key=request.key)
            answer = request.call()
            moved = (
                f"transfer {answer.pk}"
                if isinstance(answer, Transfer)
                else [movement.pk for movement in answer.movements]
            )
            if answered.get(request.key, moved) != moved:
                note(key=request.key, problem=f"{answered[request.key]} became {moved}")
            note(key=request.key, answer=moved)


def read(journal: Path) -> tuple[set[str], dict[str, Any]]:
    """The keys that were begun, and the answers that were seen. A torn last line is none."""
    begun: set[str] = set()
    answered: dict[str, Any] = {}
    for line in journal.read_text().splitlines() if journal.exists() else []:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        begun.add(entry["key"])
        if "answer" in entry:
            answered[entry["key"]] = entry["answer"]
    return begun, answered


def problems(directory: Path) -> list[str]:
    from stores.audit import discrepancies
    from stores.models import StockLevel, StockOperation

    for journal in directory.glob("*.journal"):
        book(journal)
    found = [f"{each.store} {each.product}: {each.problem}" for each in discrepancies()]
    levels = Counter(
        {
            (level.store_id, level.product_id): level.quantity - AT_FIRST
            for level in StockLevel.objects.all()
        }
    )
    wanted: Counter[tuple[int, int]] = Counter()
    keys = [f"open:{code}" for code in StockLevel.objects.values_list("store__code", flat=True)]
    keys = sorted(set(keys))
    for journal in directory.glob("*.journal"):
        found += [line for line in journal.read_text().splitlines() if '"problem"' in line]
        begun, answered = read(journal)
        sent = list(islice(Till(int(journal.stem)).requests(), len(begun)))
        if {request.key for request in sent} != begun or begun != answered.keys():
            found.append(f"{journal.name}: not all was sent and answered")
        keys += [request.key for request in sent]
        for request in sent:
            for where, delta in request.changes.items():
                wanted[where] += delta
    booked = Counter(StockOperation.objects.values_list("idempotency_key", flat=True))
    found += [f"{key}: {booked[key]} times" for key in set(keys) | set(booked) if booked[key] != 1]
    found += [f"{len(set(booked) - set(keys))} unknown keys"] if set(booked) - set(keys) else []
    found += [
        f"{where}: moved by {levels[where]}, not {wanted[where]}"
        for where in levels | wanted
        if levels[where] != wanted[where]
    ]
    return found


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["open"]:
            open_shop()
        case ["book", journal]:
            book(Path(journal))
        case ["check", directory]:
            print("\n".join(problems(Path(directory))))  # noqa: T201
