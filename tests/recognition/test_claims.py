"""Which worker holds which photo, and what becomes of a photo that nobody finishes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from recognition.indexing import Outcome, claim, record, release, retry
from recognition.models import Encoder, ImageEmbedding
from tests.factories import with_photo


def run_out_of_lease() -> None:
    ImageEmbedding.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def vectors(encoder: Encoder, *ids: int) -> dict[int, np.ndarray]:
    return {i: np.full(encoder.dimension, 0.25, np.float32) for i in ids}


@pytest.mark.django_db
def test_a_claimed_photo_is_not_handed_out_twice(encoder: Encoder) -> None:
    for seed in range(3):
        with_photo(seed)
    first, second = claim(encoder, 2), claim(encoder, 2)
    assert [len(first), len(second)] == [2, 1]
    assert not {c.embedding_id for c in first} & {c.embedding_id for c in second}
    assert claim(encoder, 2) == []


@pytest.mark.django_db
def test_after_a_crash_photos_come_one_by_one_after_the_fresh_ones(encoder: Encoder) -> None:
    for seed in range(3):
        with_photo(seed)
    claim(encoder, 3)
    run_out_of_lease()
    fresh = with_photo(9)
    assert [c.image_id for c in claim(encoder, 3)] == [fresh.pk]
    assert len(claim(encoder, 3)) == 1


@pytest.mark.django_db
def test_a_photo_that_always_kills_the_process_is_set_aside(
    encoder: Encoder, settings: object
) -> None:
    killer, innocent = with_photo(1), with_photo(2)
    claim(encoder, 2)  # the process dies
    for _ in range(10):
        run_out_of_lease()
        for held in claim(encoder, 2):
            if held.image_id == innocent.pk:
                record([held], Outcome(vectors=vectors(encoder, held.embedding_id)))
    states = dict(ImageEmbedding.objects.values_list("image_id", "state"))
    assert states == {killer.pk: "failed", innocent.pk: "ready"}
    failed = ImageEmbedding.objects.failed().get()
    assert failed.attempts == settings.EMBEDDING_MAX_ATTEMPTS
    assert "stopped 3 times" in failed.reason


@pytest.mark.django_db
def test_a_photo_given_back_has_lost_no_attempt(encoder: Encoder) -> None:
    with_photo(1)
    release(claim(encoder, 1))
    embedding = ImageEmbedding.objects.get()
    assert (embedding.attempts, embedding.leased_until) == (0, None)
    assert len(claim(encoder, 1)) == 1


@pytest.mark.django_db
def test_a_vector_of_a_replaced_file_is_not_written(encoder: Encoder) -> None:
    image = with_photo(1)
    held = claim(encoder, 1)
    image.digest = "0" * 64
    image.save()
    assert record(held, Outcome(vectors=vectors(encoder, held[0].embedding_id))) == 0
    assert ImageEmbedding.objects.get().state == "pending"


@pytest.mark.django_db
def test_a_late_answer_changes_nothing_that_is_done(encoder: Encoder) -> None:
    with_photo(1)
    held = claim(encoder, 1)
    done = Outcome(vectors=vectors(encoder, held[0].embedding_id))
    assert record(held, done) == 1
    assert record(held, done) == 0
    assert record(held, Outcome(failures={held[0].embedding_id: "late"})) == 0
    assert ImageEmbedding.objects.get().state == "ready"


@pytest.mark.django_db
def test_a_photo_deleted_meanwhile_is_no_error(encoder: Encoder) -> None:
    image = with_photo(1)
    held = claim(encoder, 1)
    image.delete()
    assert record(held, Outcome(vectors=vectors(encoder, held[0].embedding_id))) == 0


@pytest.mark.django_db
def test_staff_can_retry_failed_photos_only(encoder: Encoder) -> None:
    with_photo(1)
    held = claim(encoder, 1)
    record(held, Outcome(failures={held[0].embedding_id: "broken"}))
    ids = [held[0].embedding_id]
    assert retry(ids) == 1
    assert retry(ids) == 0
    embedding = ImageEmbedding.objects.get()
    assert (embedding.state, embedding.attempts, embedding.reason) == ("pending", 0, "")


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_photos(encoder: Encoder) -> None:
    images = [with_photo(seed).pk for seed in range(40)]

    def work() -> Iterator[int]:
        try:
            taken = []
            while held := claim(encoder, 3):
                record(held, Outcome(vectors=vectors(encoder, *[c.embedding_id for c in held])))
                taken += [c.image_id for c in held]
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for future in [pool.submit(work) for _ in range(4)] for pk in future.result()]
    assert sorted(taken) == sorted(images)
    assert ImageEmbedding.objects.ready().count() == 40
