"""A shop under load: threads that book at random on the same few levels, while things break.

The test of the suite runs it small, `benchmarks/ledger.py` at full size. Each request has a key,
and is sent until its outcome is known, as a till would; in the end every key that was answered is
in the books once, and no other.
"""

import logging
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from api.retrying import retry_when_lost
from products.merging import merge_product
from products.models import Product
from stores import ledger, stocktaking
from stores.audit import discrepancies
from stores.low_stock import flag_low_stock, set_reorder_point
from stores.models import StockLevel, StockMovement, StockOperation, Stocktake, Store, Transfer
from stores.posting import Booking
from stores.refusals import Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of
from tests.stores.failures import NAME, Chaos, Retries, deadlocks

# Lost against another transaction: what `retry_when_lost` must never let out.
LOST = {"40001", "40P01"}
Moves = list[tuple[int, int, int]]


class GivenUp(Exception):
    """What a caller raises after booking, inside its own transaction."""


@dataclass
class Shop:
    """5 stores x 10 products: 50 levels. Some of the products are merged away while it runs."""

    stores: list[Store]
    products: list[Product]
    to_merge: list[Product]
    clerks: list[Any]
    transfers: list[Transfer] = field(default_factory=list)
    stocktakes: list[Stocktake] = field(default_factory=list)
    operations: list[StockOperation] = field(default_factory=list)


def open_shop(*, clerks: int, stores: int = 5, products: int = 10, merges: int = 2) -> Shop:
    there = [StoreFactory() for _ in range(stores)]
    sold = [ProductFactory() for _ in range(products)]
    shop = Shop(there, sold, sold[products - merges :], [clerk_of(*there) for _ in range(clerks)])
    for store in there:
        ledger.receive(actor=shop.clerks[0], store=store, lines=[(each, 12) for each in sold])
    return shop


@dataclass
class Outcome:
    """What became of a run. `problems` is empty when the ledger held."""

    seconds: float = 0.0
    counts: "Counter[str]" = field(default_factory=Counter)
    refused: "Counter[str]" = field(default_factory=Counter)
    failures: "Counter[str]" = field(default_factory=Counter)
    deadlocks: int = 0
    retries: int = 0
    most_attempts: int = 1
    booked: dict[tuple[int, str], Moves] = field(default_factory=dict)
    refused_keys: set[tuple[int, str]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


class Clerk:
    """One thread: books at random, and sends again what was not answered."""

    def __init__(
        self, shop: Shop, actor: Any, seed: int, *, failures: bool, one_at_a_time: bool = False
    ) -> None:
        self.shop, self.actor = shop, actor
        self.random = random.Random(seed)
        self.name = f"clerk{seed}"
        self.failures, self.one_at_a_time = failures, one_at_a_time
        self.outcome = Outcome()
        self.sent: list[tuple[str, Callable[[], Any]]] = []
        self.number = 0
        self._settled: Any = None

    def work(self, operations: int) -> Outcome:
        kinds: list[tuple[int, Callable[[], None]]] = [
            (30, self.sell), (22, self.receive), (8, self.adjust), (10, self.dispatch),
            (10, self.arrive), (3, self.give_back), (6, self.reverse), (8, self.count),
            (4, self.approve), (2, self.merge), (4, self.watch), (8, self.two_in_one),
            (6, self.send_again),
        ]  # fmt: skip
        weights = [weight for weight, _kind in kinds]
        try:
            for _ in range(operations):
                (_weight, kind) = self.random.choices(kinds, weights)[0]
                kind()
                self.outcome.counts[kind.__name__] += 1
        finally:
            connection.close()
        return self.outcome

    # --- what a clerk does ------------------------------------------------------------------

    def receive(self) -> None:
        self.book(self.a_booking(ledger.receive, 6))

    def sell(self) -> None:
        self.book(self.a_booking(ledger.sell, 8))

    def adjust(self) -> None:
        store, key = self.random.choice(self.shop.stores), self.key()
        lines = [(each, self.random.choice([-3, -1, 2, 3])) for each in self.some_products(3)]
        self.book(
            (key, lambda: ledger.adjust(
                actor=self.actor, store=store, lines=lines, reason="broken", idempotency_key=key
            ))
        )  # fmt: skip

    def dispatch(self) -> None:
        (here, there), key = self.random.sample(self.shop.stores, 2), self.key()
        lines = [(each, self.random.randint(1, 6)) for each in self.some_products(3)]
        transfer = self.book(
            (key, lambda: ledger.dispatch_transfer(
                actor=self.actor, source=here, destination=there, lines=lines, idempotency_key=key
            ))
        )  # fmt: skip
        if transfer is not None:
            self.shop.transfers.append(transfer)

    def arrive(self) -> None:
        """Also what has arrived already, or was never sent: several clerks choose the same."""
        if not self.shop.transfers:
            return
        transfer, key = self.random.choice(self.shop.transfers[-12:]), self.key()
        lines = [
            (line.product, self.random.randint(1, line.dispatched))
            for line in self.ask(lambda: list(transfer.lines.select_related("product")))
        ]
        close = self.random.random() < 0.3
        self.book(
            (key, lambda: ledger.receive_transfer(
                actor=self.actor, transfer=transfer, lines=lines, close=close, idempotency_key=key
            ))
        )  # fmt: skip

    def give_back(self) -> None:
        if not self.shop.transfers:
            return
        transfer, key = self.random.choice(self.shop.transfers[-12:]), self.key()
        self.book(
            (key, lambda: ledger.return_transfer(
                actor=self.actor, transfer=transfer, reason="late", idempotency_key=key
            ))
        )  # fmt: skip

    def reverse(self) -> None:
        if not self.shop.operations:
            return
        operation, key = self.random.choice(self.shop.operations[-40:]), self.key()
        self.book(
            (key, lambda: ledger.reverse(
                actor=self.actor, operation=operation, reason="typed twice", idempotency_key=key
            ))
        )  # fmt: skip

    def count(self) -> None:
        take = self.random.choice(self.shop.stocktakes[-4:] or [None])
        if take is None or self.random.random() < 0.3:
            store = self.random.choice(self.shop.stores)
            take = self.book(
                ("", lambda: stocktaking.open_stocktake(actor=self.actor, store=store))
            )
            if take is None:
                return
            self.shop.stocktakes.append(take)
        for product in self.some_products(3):
            key, counted = self.key(), self.random.randint(0, 50)
            self.book(
                ("", lambda key=key, product=product, counted=counted: stocktaking.count_product(
                    actor=self.actor, stocktake=take, product=product, counted=counted,
                    replace=True, idempotency_key=key,
                ))
            )  # fmt: skip

    def approve(self) -> None:
        if self.shop.stocktakes:
            take, all_ = self.random.choice(self.shop.stocktakes), self.random.random() < 0.2
            self.book(
                ("", lambda: stocktaking.approve(
                    actor=self.actor, stocktake=take, uncounted_are_zero=all_
                ))
            )  # fmt: skip

    def merge(self) -> None:
        if self.shop.to_merge:
            product, into = self.random.choice(self.shop.to_merge), self.shop.products[0]
            self.book(("", lambda: merge_product(product=product, into=into, actor=self.actor)))

    def watch(self) -> None:
        store, product = self.random.choice(self.shop.stores), self.random.choice(self.some())
        point = self.random.randint(0, 60)
        self.book(("", flag_low_stock))
        self.book(
            ("", lambda: set_reorder_point(
                actor=self.actor, store=store, product=product, reorder_point=point
            ))
        )  # fmt: skip

    def two_in_one(self) -> None:
        """Two bookings in a transaction of the caller, who may give both up afterwards: so the
        levels are locked in no order at all, and only the caller can run the loser again.
        """
        calls = [self.a_booking(ledger.receive, 5), self.a_booking(ledger.sell, 5)]
        self.random.shuffle(calls)
        gives_up = self.random.random() < 0.4

        @retry_when_lost
        def both() -> list[Booking]:
            with transaction.atomic():
                bookings = [call() for _key, call in calls]
                if gives_up:
                    raise GivenUp
            return bookings

        bookings = self.until_known(both)
        for key, call in calls:
            if bookings is None:
                self.outcome.refused_keys.add((self.actor.pk, key))
            else:
                self.sent.append((key, call))
        for (key, _call), booking in zip(calls, bookings or [], strict=False):
            self.note(key, booking)

    def send_again(self) -> None:
        """What was answered long ago: nothing is booked, and the answer is the same."""
        if not self.sent:
            return
        key, call = self.random.choice(self.sent)
        again = self.until_known(call)
        if isinstance(again, Booking):
            if not again.repeated:
                self.outcome.problems.append(f"{key} was booked a second time")
            self.note(key, again)

    # --- how it is sent -----------------------------------------------------------------------

    def book(self, request: tuple[str, Callable[[], Any]]) -> Any:
        key, call = request
        result = self.until_known(call)
        if key and result is None:
            self.outcome.refused_keys.add((self.actor.pk, key))
        elif key:
            self.sent.append((key, call))
            self.note(key, result)
        return result

    def until_known(self, call: Callable[[], Any]) -> Any:
        """Sends a request until it is answered; None if it was refused or given up."""
        for _attempt in range(200):
            try:
                with self.alone() if self.one_at_a_time else nullcontext():
                    self.settle()
                    return call()
            except Refusal as refusal:
                self.outcome.refused[refusal.code] += 1
                return None
            except GivenUp:
                self.outcome.failures["given up by the caller"] += 1
                return None
            except ValidationError:
                self.outcome.refused["merged already"] += 1
                return None
            except (OperationalError, InterfaceError) as error:
                self.failed(error)
        raise AssertionError("200 attempts were not enough")

    def ask(self, query: Callable[[], Any]) -> Any:
        return self.until_known(query)

    def failed(self, error: DatabaseError) -> None:
        state = getattr(error.__cause__, "sqlstate", None)
        if state in LOST:
            where = "".join(traceback.format_exception(error, limit=-6))
            self.outcome.problems.append(f"left unretried: {where}")
        name = {"55P03": "lock timeout", "57014": "statement timeout"}.get(state or "")
        self.outcome.failures[name or "session ended"] += 1
        connection.close()

    def settle(self) -> None:
        """Deadlocks are to be found at once; now and then this session has little patience."""
        with connection.cursor() as cursor:
            if self._settled is not connection.connection:
                cursor.execute(f"SET application_name = '{NAME}'; SET deadlock_timeout = '20ms'")
                self._settled = connection.connection
            if self.failures:
                impatient = self.random.random()
                cursor.execute(
                    f"SET lock_timeout = '{3 if impatient < 0.05 else 0}ms';"
                    f"SET statement_timeout = '{4 if impatient > 0.96 else 0}ms'"
                )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The peer of the benchmark: one lock around everything."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(1)")
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(1)")

    def note(self, key: str, result: Any) -> None:
        """Writes down what was answered; two answers for one key must be the same."""
        if isinstance(result, Transfer):
            operation = self.ask(lambda: result.operations.order_by("id")[0])
            moves = self.ask(lambda: moves_of(operation))
        else:
            operation = result.operation
            moves = [(each.store_id, each.product_id, each.delta) for each in result.movements]
            self.shop.operations.append(operation)
        before = self.outcome.booked.setdefault((self.actor.pk, key), moves)
        if before != moves:
            self.outcome.problems.append(f"{key} had two answers: {before} and {moves}")

    def a_booking(
        self, use_case: Callable[..., Booking], most: int
    ) -> tuple[str, Callable[[], Booking]]:
        store, key = self.random.choice(self.shop.stores), self.key()
        lines = [(each, self.random.randint(1, most)) for each in self.some_products(4)]
        return key, lambda: use_case(
            actor=self.actor, store=store, lines=lines, idempotency_key=key
        )

    def some(self) -> list[Product]:
        return self.shop.products

    def some_products(self, most: int) -> list[Product]:
        return self.random.sample(self.some(), self.random.randint(1, most))

    def key(self) -> str:
        self.number += 1
        return f"{self.name}:{self.number}"


def run(
    shop: Shop, *, threads: int, operations: int, failures: bool = True, seed: int = 1,
    one_at_a_time: bool = False, pause: float = 0.05,
) -> Outcome:  # fmt: skip
    """So many threads, each with so many operations; then looks whether the ledger held."""
    total, retries, log = Outcome(), Retries(), logging.getLogger("api.retrying")
    level, before = log.level, deadlocks()
    log.addHandler(retries)
    log.setLevel(logging.INFO)
    log.propagate = False
    chaos = Chaos(shop.products, seed, pause)
    clerks = [
        Clerk(
            shop, shop.clerks[n % len(shop.clerks)], seed * 1000 + n, failures=failures,
            one_at_a_time=one_at_a_time,
        )
        for n in range(threads)
    ]  # fmt: skip
    started = time.perf_counter()
    if failures:
        chaos.start()
    try:
        with ThreadPoolExecutor(threads) as pool:
            outcomes = list(pool.map(lambda clerk: clerk.work(operations), clerks))
        total.seconds = time.perf_counter() - started
    finally:
        chaos.over.set()
        if failures:
            chaos.join()
        log.removeHandler(retries)
        log.setLevel(level)
        log.propagate = True
    for each in outcomes:
        total.counts += each.counts
        total.refused += each.refused
        total.failures += each.failures
        total.booked |= each.booked
        total.refused_keys |= each.refused_keys
        total.problems += each.problems
    total.failures += chaos.counts
    total.deadlocks, total.retries = deadlocks() - before, retries.count
    total.most_attempts = retries.most_attempts
    total.problems += what_is_wrong(shop, total)
    return total


def what_is_wrong(shop: Shop, outcome: Outcome) -> list[str]:
    problems = [f"{each.store} {each.product}: {each.problem}" for each in discrepancies()]
    if StockLevel.objects.filter(quantity__lt=0).exists():
        problems.append("a level is below zero")
    in_books = {
        (operation.actor_id, operation.idempotency_key): operation
        for operation in StockOperation.objects.exclude(idempotency_key="")
    }
    problems += [f"{key} was answered and is not there" for key in outcome.booked.keys() - in_books]
    problems += [
        f"{key} was refused and is there" for key in outcome.refused_keys & in_books.keys()
    ]
    unknown = in_books.keys() - outcome.booked.keys() - outcome.refused_keys
    problems += [f"{key} is there and was not answered" for key in unknown]
    for key in in_books.keys() & outcome.booked.keys():
        if moves_of(in_books[key]) != outcome.booked[key]:
            problems.append(f"{key} moved something else than it said")
    for take in Stocktake.objects.all():
        if take.operations.count() != (take.state == "approved"):
            problems.append(f"stocktake {take.pk} is {take.state}: {take.operations.count()} posts")
    merged = Product.objects.exclude(merged_into=None).count()
    if StockOperation.objects.filter(reference__startswith="merge:").count() > merged:
        problems.append("a merge was booked twice")
    return problems


def moves_of(operation: StockOperation) -> Moves:
    movements = StockMovement.objects.filter(operation=operation).order_by("id")
    return list(movements.values_list("store", "product", "delta"))
