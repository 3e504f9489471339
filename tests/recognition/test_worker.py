"""The queue's worker, for real: jobs are rows, the worker is Procrastinate's own."""

import pytest
from django.core.management import call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from recognition.models import Encoder, ImageEmbedding
from recognition.queue import knock
from tests.factories import with_photo

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    call_command("worker", once=True)


def test_the_worker_settles_an_encoder_and_embeds_what_waits() -> None:
    with_photo(1)
    knock()
    work()
    assert Encoder.objects.active() is not None
    # The photo is older than the encoder, so its row is the sweep's to make.
    from recognition.indexing import sweep

    sweep()
    work()
    assert ImageEmbedding.objects.ready().count() == 1


def test_an_uploaded_photo_is_ready_after_one_run(encoder: Encoder) -> None:
    for seed in range(5):
        with_photo(seed)
    work()
    assert ImageEmbedding.objects.ready().count() == 5
    assert not ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"]).exists()


def test_a_photo_that_cannot_be_read_fails_no_job(encoder: Encoder) -> None:
    image = with_photo(1)
    image.file.storage.delete(image.file.name)
    work()
    assert ImageEmbedding.objects.failed().count() == 1
    assert not ProcrastinateJob.objects.filter(status="failed").exists()
