"""The switch under load: clients search without pause while another process activates an encoder and
rolls back.

A is the packaged encoder (1280 numbers), B a small one of the tests (512). Measured: the time of each
flip by the command's own use case, failed and mixed answers, the longest wait of a client. The peer is
each encoder alone, before any switch: whatever else an answer says is a mix.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from django.db import connection, connections
from django.test.utils import override_settings, setup_databases, teardown_databases

from recognition.embedding import embed_pending
from recognition.encoders import PACKAGED_KEY, PIXEL_KEY
from recognition.models import Encoder, EncoderActivation
from recognition.search import Query, search
from recognition.switching.adding import add_encoder
from tests.factories import ProductFactory, with_photo
from tests.recognition.switching.shop import asked

PRODUCTS, CLIENTS, SECONDS = 60, 5, 3.0
Answer = tuple[tuple[str, float], ...]
# Another process than that which answers, as the command is.
SWITCH = """
import sys, django
from time import perf_counter
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from recognition.loaded import encoder_for
from recognition.models import Encoder
from recognition.switching.activating import activate, last_activation, roll_back
back = sys.argv[2] == "back"
encoder = last_activation().former.encoder if back else Encoder.objects.get(key=sys.argv[2])
encoder_for(encoder.key).load()
started = perf_counter()
roll_back() if back else activate(encoder)
print(f"{perf_counter() - started:.3f}")
"""


@dataclass
class Load:
    """What clients were told and how long they waited."""

    answers: dict[tuple[str, int], set[Answer]] = field(default_factory=dict)
    failed: list[Exception] = field(default_factory=list)
    longest: float = 0.0
    number: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        with TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=Path(folder)):
            a, b = _shop()
            _there_and_back(a, b)
    finally:
        teardown_databases(old, verbosity=0)


def _shop() -> tuple[Encoder, Encoder]:
    a, b = add_encoder(PACKAGED_KEY), add_encoder(PIXEL_KEY)
    Encoder.objects.filter(pk=a.pk).update(state="active")
    EncoderActivation.objects.create(encoder=a, scoring=a.scoring, kind="first")
    for n in range(PRODUCTS):
        with_photo(n, ProductFactory(sku=f"P{n}"))
    for encoder in (a, b):
        embed_pending(encoder)
    return Encoder.objects.get(pk=a.pk), b


def _there_and_back(a: Encoder, b: Encoder) -> None:
    alone = {(e.key, n): _answer(n, e)[1] for e in (a, b) for n in range(CLIENTS)}
    flips: dict[str, float] = {}

    def switch() -> None:
        sleep(SECONDS)
        flips[f"{a.dimension} -> {b.dimension}"] = _elsewhere(b.key)
        sleep(SECONDS)
        flips["back"] = _elsewhere("back")
        sleep(SECONDS)

    load = _under_load(CLIENTS, switch)
    mixed = sum(len(found - {alone[key]}) for key, found in load.answers.items())
    print(
        f"{CLIENTS} clients, {load.number} answers by {len({k for k, _n in load.answers})} encoders:"
    )
    for name, seconds in flips.items():
        print(f"  flip {name}: {seconds * 1000:.0f} ms")
    print(
        f"  failed {len(load.failed)}, other than alone {mixed}, longest wait {load.longest:.2f} s"
    )


def _under_load(clients: int, work: Callable[[], None]) -> Load:
    load, stop = Load(), threading.Event()
    threads = [
        threading.Thread(target=_client, args=(n % CLIENTS, load, stop)) for n in range(clients)
    ]
    for each in threads:
        each.start()
    try:
        work()
    finally:
        stop.set()
        for each in threads:
            each.join()
    return load


def _client(photo: int, load: Load, stop: threading.Event) -> None:
    while not stop.is_set():
        started = perf_counter()
        try:
            key, answer = _answer(photo)
        except Exception as error:  # noqa: BLE001  it is counted
            with load.lock:
                load.failed.append(error)
            continue
        seconds = perf_counter() - started
        with load.lock:
            load.number += 1
            load.longest = max(load.longest, seconds)
            load.answers.setdefault((key, photo), set()).add(answer)
    connections.close_all()


def _answer(photo: int, encoder: Encoder | None = None) -> tuple[str, Answer]:
    found = search(Query(photo=asked(photo), limit=10, encoder=encoder))
    results = tuple((each.product.sku, round(each.distance or 0, 4)) for each in found.results)
    return str(found.encoder), results


def _elsewhere(wanted: str) -> float:
    """Seconds that the flip itself took."""
    name = str(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", SWITCH, name, wanted],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])
