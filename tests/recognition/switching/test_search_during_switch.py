"""People search without pause while the model is changed and changed back."""

import threading
from dataclasses import dataclass, field

import pytest
from django.db import close_old_connections, connection

from recognition.encoders import PACKAGED_KEY
from recognition.models import Encoder
from recognition.search import Query, search
from recognition.switching.activating import activate, roll_back
from recognition.versions import add_encoder, settle_encoder
from tests.recognition.switching.shop import asked, second, with_photos

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, PRODUCTS = 5, 6
Answer = tuple[tuple[str, float], ...]


@dataclass
class Seen:
    """What the clients were told: by encoder and photo all different answers; and what went wrong."""

    answers: dict[tuple[str, int], set[Answer]] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def answer_of(photo: int) -> tuple[str, Answer]:
    found = search(Query(photo=asked(photo), limit=PRODUCTS))
    return found.encoder, tuple(
        (each.product.sku, round(each.distance, 4)) for each in found.results
    )


def client(number: int, seen: Seen, stop: threading.Event) -> None:
    photo = number % PRODUCTS
    try:
        while not stop.is_set():
            key, answer = answer_of(photo)
            with seen.lock:
                seen.answers.setdefault((key, photo), set()).add(answer)
    except Exception as error:  # noqa: BLE001  whatever it is, nobody may see it
        seen.errors.append(error)
    finally:
        connection.close()


def wait_for(seen: Seen, key: str) -> None:
    """Until every client has had an answer of this encoder."""
    for _try in range(600):
        with seen.lock:
            if all((key, n % PRODUCTS) in seen.answers for n in range(CLIENTS)):
                return
        threading.Event().wait(0.1)
    pytest.fail(f"No answers of {key} came")


def test_no_answer_fails_and_none_mixes_two_encoders() -> None:
    a = add_encoder(PACKAGED_KEY)  # 1280 numbers
    Encoder.objects.filter(pk=a.pk).update(state="active")
    a = settle_encoder()
    with_photos(a, PRODUCTS)
    b = second("pixel:grid:512")  # 512 numbers
    assert (a.dimension, b.dimension) == (1280, 512)
    alone = {}
    for encoder in (a, b):
        for n in range(CLIENTS):
            found = search(Query(photo=asked(n), limit=PRODUCTS, encoder=encoder))
            alone[encoder.key, n] = tuple(
                (each.product.sku, round(each.distance, 4)) for each in found.results
            )
    # A switch has a row to go back to: the log of a site begins when its encoder is settled.
    from recognition.models import EncoderActivation

    EncoderActivation.objects.create(encoder=a, scoring=a.scoring, kind="first")

    seen, stop = Seen(), threading.Event()
    clients = [threading.Thread(target=client, args=(n, seen, stop)) for n in range(CLIENTS)]
    for each in clients:
        each.start()
    try:
        wait_for(seen, a.key)
        activate(b)
        wait_for(seen, b.key)
        before = {key: set(value) for key, value in seen.answers.items()}
        seen.answers.clear()
        roll_back()
        wait_for(seen, a.key)
    finally:
        stop.set()
        for each in clients:
            each.join(timeout=60)
        close_old_connections()
    assert seen.errors == []
    for answers in (before, seen.answers):
        for key, different in answers.items():
            assert different == {alone[key]}, key
