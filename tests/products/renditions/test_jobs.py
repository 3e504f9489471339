"""The job of the queue: after all that is more urgent, and one at a time."""

from collections.abc import Iterator
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from products.models import ProductImage
from products.renditions import jobs
from products.renditions.jobs import work_on_renditions
from products.renditions.queue import RENDITION_TASK
from recognition.queue import knock as ask_for_embedding
from tests.factories import with_photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs() -> None:
    ProcrastinateJob.objects.all().delete()


class Worker:
    """A worker's thread that has got the job."""

    def __init__(self) -> None:
        self.stop = Event()
        self.thread = Thread(target=self._work)
        self.thread.start()

    def _work(self) -> None:
        try:
            work_on_renditions(self.stop.is_set)
        finally:
            connection.close()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def worker() -> Iterator[type[Worker]]:
    started: list[Worker] = []

    class Started(Worker):
        def __init__(self) -> None:
            started.append(self)
            super().__init__()

    yield Started
    for each in started:
        each.end()


def made() -> int:
    return ProductImage.objects.exclude(renditions=0).count()


def wait_for(number: int) -> None:
    until = monotonic() + 30
    while made() < number and monotonic() < until:
        sleep(0.05)
    assert made() == number


def test_photos_are_made_findable_first(worker: type[Worker]) -> None:
    with_photo(1)
    ask_for_embedding()
    worker()
    sleep(1.5)
    assert made() == 0
    # Embedding has come to its end.
    ProcrastinateJob.objects.exclude(task_name=RENDITION_TASK).delete()
    wait_for(1)


def test_told_to_stop_while_it_waits_it_leaves_the_work_to_others(worker: type[Worker]) -> None:
    with_photo(1)
    ask_for_embedding()
    waiting = worker()
    sleep(0.3)
    ProcrastinateJob.objects.filter(task_name=RENDITION_TASK).delete()
    waiting.end()
    assert made() == 0
    assert ProcrastinateJob.objects.filter(task_name=RENDITION_TASK).count() == 1


def test_a_second_job_in_a_process_ends_at_once(worker: type[Worker]) -> None:
    with_photo(1)
    ask_for_embedding()
    worker()
    sleep(0.3)
    started = monotonic()
    work_on_renditions(lambda: False)
    assert monotonic() - started < 1
    assert made() == 0


def test_after_its_time_it_rings_for_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        with_photo(seed)
    ProcrastinateJob.objects.all().delete()
    monkeypatch.setattr(jobs, "_MOST_SECONDS", 0.001)
    work_on_renditions(lambda: False)
    assert made() < 3
    assert ProcrastinateJob.objects.filter(task_name=RENDITION_TASK).count() == 1
