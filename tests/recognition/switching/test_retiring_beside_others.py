"""An encoder is retired while people search, workers are killed, and somebody adds it again."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.adapters import Adapter, fit_adapter
from recognition.adapting import BaseRetired, add_adapted
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding, Scoring
from recognition.search import Query, search
from recognition.switching import retiring
from recognition.switching.activating import activate, roll_back
from recognition.switching.adding import add_encoder
from recognition.switching.retirement_queue import (
    RETIRE_TASK,
    request_retirement,
    sweep_retirements,
    work_on_retirement,
)
from recognition.switching.retiring import CannotRetire, clear, is_cleared, retire
from recognition.vector_index import index_is_valid
from tests.recognition.switching.shop import asked, second, with_photos
from tests.recognition.test_adapted_encoder import RECIPE

pytestmark = pytest.mark.django_db(transaction=True)

# Says so when a part of the vectors is gone, and stays there.
RETIRER = textwrap.dedent(
    """
    import sys, time
    import django
    django.setup()
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    from recognition.models import Encoder
    from recognition.switching import retiring

    def slow(done, total):
        print(done, total, flush=True)
        time.sleep(60)

    retiring._BATCH = 2
    retiring.retire(Encoder.objects.get(pk=sys.argv[2]), on_progress=slow)
    """
)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def jobs(encoder: Encoder) -> int:
    waiting = ProcrastinateJob.objects.filter(task_name=RETIRE_TASK, status="todo")
    return waiting.filter(args__encoder_id=encoder.pk).count()


def test_kill_9_half_way_is_gone_on_with(encoder: Encoder) -> None:
    with_photos(encoder, 5)
    other = second()
    victim = subprocess.Popen(
        [sys.executable, "-c", RETIRER, str(connection.settings_dict["NAME"]), str(other.pk)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert victim.stdout is not None
    assert victim.stdout.readline().split() == ["2", "5"]
    victim.kill()
    victim.wait()

    other.refresh_from_db()
    assert other.state == "retired"
    assert ImageEmbedding.objects.filter(encoder=other).count() == 3
    assert sweep_retirements() == 1
    sweep_retirements()
    assert jobs(other) == 1
    work_on_retirement(other.pk)
    work_on_retirement(other.pk)
    assert is_cleared(other)
    assert sweep_retirements() == 0
    assert ImageEmbedding.objects.ready().filter(encoder=encoder).count() == 5


def test_searches_go_on_while_it_waits_for_somebody_who_reads(encoder: Encoder) -> None:
    with_photos(encoder, 3)
    other = second()
    reading, enough = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            ImageEmbedding.objects.count()
            reading.set()
            enough.wait(30)

    reader = in_thread(read)
    reading.wait(10)
    retirer = in_thread(lambda: retire(other))
    time.sleep(0.5)  # it waits for the reader by now
    answers: list[str | None] = []
    searcher = in_thread(lambda: answers.append(search(Query(photo=asked(1))).encoder))
    searcher.join(10)
    answered = list(answers)
    enough.set()
    for each in (reader, retirer, searcher):
        each.join(30)
    assert answered == [encoder.key]
    assert is_cleared(other)


def test_answers_that_were_begun_before_the_switch_are_finished(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_photos(encoder, 3)
    other = second()
    monkeypatch.setattr(retiring, "_SECONDS_FOR_ANSWERS", 1.0)
    activate(other)
    begun = Query(photo=asked(1), encoder=other)
    roll_back()
    retirer = in_thread(lambda: retire(other))
    time.sleep(0.3)
    assert len(search(begun).results) == 3
    retirer.join(30)
    assert is_cleared(other)


def test_added_again_half_way_it_is_whole(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_photos(encoder, 5)
    other = second()
    monkeypatch.setattr(retiring, "_BATCH", 2)

    def again(done: int, _total: int) -> None:
        if done == 2:
            add_encoder(other.key)

    assert retire(other, on_progress=again) == 2
    other.refresh_from_db()
    assert other.state == "building"
    assert index_is_valid(other)
    embed_pending(other)
    assert ImageEmbedding.objects.ready().filter(encoder=other).count() == 5
    work_on_retirement(other.pk)  # a job that is late takes nothing away
    assert ImageEmbedding.objects.ready().filter(encoder=other).count() == 5


def test_asked_for_in_the_admin_a_worker_does_it(encoder: Encoder) -> None:
    with_photos(encoder, 2)
    other = second()
    request_retirement(encoder=other)
    other.refresh_from_db()
    assert other.state == "retired"
    assert jobs(other) == 1
    with pytest.raises(CannotRetire):
        request_retirement(encoder=encoder)
    assert jobs(encoder) == 0
    work_on_retirement(other.pk)
    assert is_cleared(other)


# --- the base of an adapted encoder ---


def an_adapter() -> Adapter:
    vectors = np.random.default_rng(1).normal(size=(120, 512)).astype(np.float32)
    return fit_adapter(vectors, np.arange(120) // 3, RECIPE)


def adapted_from(base: Encoder) -> Encoder:
    return add_adapted(
        base=base, adapter=an_adapter(), recipe=RECIPE.as_data(), scoring=Scoring.NEAREST, origin={}
    )


@contextmanager
def being_retired(encoder: Encoder) -> Iterator[None]:
    """Somebody's transaction that retires an encoder ends a moment after the block has begun."""
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            retiring.begin_retirement(encoder)
            begun.set()
            end.wait(20)

    thread = in_thread(work)
    assert begun.wait(20)
    timer = threading.Timer(1.0, end.set)
    timer.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def bases_are_in_use() -> bool:
    return not Encoder.objects.exclude(state="retired").filter(base__state="retired").exists()


def test_no_adapter_is_put_on_a_base_that_is_being_retired(encoder: Encoder) -> None:
    base = second()
    with being_retired(base), pytest.raises(BaseRetired, match="add it again"):
        adapted_from(base)
    assert Encoder.objects.filter(base=base).count() == 0
    assert bases_are_in_use()
    clear(base)


def test_an_adapter_comes_back_with_a_base_that_is_being_retired(encoder: Encoder) -> None:
    base = second()
    adapted = adapted_from(base)
    retire(adapted)
    with being_retired(base):
        add_encoder(adapted.key)
    assert bases_are_in_use()
    for each in (adapted, base):
        each.refresh_from_db()
        assert each.state == "building"
        assert index_is_valid(each)
    retire(adapted)
    retire(base)


def test_the_database_itself_lets_only_one_of_them_win(encoder: Encoder) -> None:
    base = second()
    with being_retired(base), pytest.raises(ProgrammingError, match="base is retired"):
        Encoder.objects.create(
            key=f"{base.key}:adapter-0123456789ab", base=base, dimension=512, speaks_text=False
        )
    assert bases_are_in_use()
    clear(base)


def test_what_an_older_version_left_is_refused_and_mended(
    encoder: Encoder, admin_client: Client
) -> None:
    base = second()
    adapted = adapted_from(base)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recognition_encoder DISABLE TRIGGER USER")
        cursor.execute("UPDATE recognition_encoder SET state = 'retired' WHERE id = %s", [base.pk])
        cursor.execute("ALTER TABLE recognition_encoder ENABLE TRIGGER USER")
    switch = reverse("admin:recognition_encoder_act", args=[adapted.pk, "activate"])
    text = admin_client.post(switch, follow=True).content.decode()
    assert f"{base.key} is retired; add it again." in text
    add_encoder(adapted.key)
    assert bases_are_in_use()
    retire(adapted)
    retire(base)
