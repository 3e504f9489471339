"""The model switch under load: five clients search without pause while A (1280) -> B (512) -> A.

Prints how long each flip takes (the transaction alone, weights loaded beforehand), how many answers
were given, failed or mixed, and the slowest answer. The peer, in the same run, is what most systems
do: making the index anew before anybody may search again.
"""

import threading
from collections import Counter
from time import perf_counter

import numpy as np
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from products.models import ProductImage
from recognition.embedding import embed_pending
from recognition.encoders import PACKAGED_KEY, PIXEL_KEY
from recognition.loaded import encoder_for
from recognition.models import Encoder, EncoderActivation
from recognition.search import Query, search
from recognition.switching.activating import activate, roll_back
from recognition.switching.adding import add_encoder
from recognition.vector_index import drop_index, ensure_index
from tests.factories import ProductFactory, with_photo
from tests.pictures import product_picture

CLIENTS, PRODUCTS, SECONDS = 5, 200, 6.0


def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        _measure()
    finally:
        teardown_databases(databases, verbosity=0)


def _measure() -> None:
    a = add_encoder(PACKAGED_KEY)
    Encoder.objects.filter(pk=a.pk).update(state=Encoder.State.ACTIVE)
    a.refresh_from_db()
    EncoderActivation.objects.create(encoder=a, scoring=a.scoring, kind="first")
    for seed in range(PRODUCTS):
        with_photo(seed, ProductFactory())
    embed_pending(a)
    b = add_encoder(PIXEL_KEY)
    embed_pending(b)
    print(f"{ProductImage.objects.count()} photos; A {a.dimension}, B {b.dimension} numbers")
    alone = {each.key: _answer(each) for each in (a, b)}

    stop, lock = threading.Event(), threading.Lock()
    given: Counter[str] = Counter()
    times: list[float] = []

    def client() -> None:
        try:
            while not stop.is_set():
                started = perf_counter()
                try:
                    key, answer = _answer(None)
                    kind = "right" if alone[key] == (key, answer) else "mixed"
                except Exception as error:  # noqa: BLE001
                    kind = f"failed: {error}"
                with lock:
                    given[kind] += 1
                    times.append(perf_counter() - started)
        finally:
            connection.close()

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for name, flip in (("A -> B", lambda: activate(b)), ("B -> A (roll back)", roll_back)):
        stop.wait(SECONDS / 3)
        encoder_for((b if name.startswith("A") else a).key).load()
        started = perf_counter()
        flip()
        print(f"{name}: {1000 * (perf_counter() - started):.0f} ms")
    stop.wait(SECONDS / 3)
    stop.set()
    for each in clients:
        each.join()
    print(
        f"answers: {dict(given)}; slowest {1000 * max(times):.0f} ms, median {1000 * np.median(times):.0f} ms"
    )
    drop_index(a)
    started = perf_counter()
    ensure_index(a)
    print(f"peer, index made anew: {1000 * (perf_counter() - started):.0f} ms without search")


def _answer(encoder: Encoder | None) -> tuple[str, tuple[tuple[str, float], ...]]:
    found = search(Query(photo=product_picture(3), limit=10, encoder=encoder))
    key = found.encoder or ""
    return key, tuple((r.product.sku, round(r.distance or 0, 4)) for r in found.results)
