"""A stored photo becomes due for every encoder in use, whichever way its row came."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from products.models import ProductImage
from recognition.indexing import sweep
from recognition.models import Encoder, ImageEmbedding
from recognition.queue import EMBED_TASK
from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=EMBED_TASK, status="todo").count()


def test_a_saved_photo_has_a_pending_row_and_a_job(encoder: Encoder) -> None:
    image = with_photo(1)

    embedding = ImageEmbedding.objects.get()
    assert (embedding.image, embedding.encoder) == (image, encoder)
    assert embedding.state == "pending"
    assert embedding.digest == image.digest
    assert jobs() == 1


def test_many_photos_share_one_waiting_job(encoder: Encoder) -> None:
    for seed in range(5):
        with_photo(seed)
    assert ImageEmbedding.objects.pending().count() == 5
    assert jobs() == 1


def test_a_rollback_leaves_neither_row_nor_job(encoder: Encoder) -> None:
    product = ProductFactory()
    with transaction.atomic():
        with_photo(1, product)
        transaction.set_rollback(True)
    assert not ProductImage.objects.exists()
    assert not ImageEmbedding.objects.exists()
    assert jobs() == 0


def test_encoders_in_use_are_active_building_and_their_bases(encoder: Encoder) -> None:
    base = Encoder.objects.create(
        key="a:b:base", dimension=4, speaks_text=False, state=Encoder.State.STANDBY
    )
    Encoder.objects.create(key="a:b:base:adapter-1", dimension=4, speaks_text=False, base=base)
    Encoder.objects.create(
        key="a:b:old", dimension=4, speaks_text=False, state=Encoder.State.RETIRED
    )
    with_photo(1)
    keys = set(ImageEmbedding.objects.values_list("encoder__key", flat=True))
    assert keys == {encoder.key, "a:b:base", "a:b:base:adapter-1"}


def test_a_replaced_file_makes_the_photo_due_again(encoder: Encoder) -> None:
    image = with_photo(1)
    ImageEmbedding.objects.update(state="ready", vector=[0.1] * encoder.dimension, attempts=1)
    image.digest = "0" * 64
    image.save()

    embedding = ImageEmbedding.objects.get()
    assert (embedding.state, embedding.digest, embedding.attempts) == ("pending", "0" * 64, 0)
    assert embedding.vector is None


def test_saving_an_unchanged_photo_keeps_its_vector(encoder: Encoder) -> None:
    image = with_photo(1)
    ImageEmbedding.objects.update(state="ready", vector=[0.1] * encoder.dimension)
    image.position = 7
    image.save()
    assert ImageEmbedding.objects.get().state == "ready"


def test_photos_from_before_any_encoder_are_found_by_the_sweep(db: None) -> None:
    from recognition.versions import settle_encoder

    with_photo(1)
    assert not ImageEmbedding.objects.exists()
    settle_encoder()
    assert sweep() == 1
    assert jobs() == 1
    assert sweep() == 0


def test_the_sweep_sees_bulk_written_and_changed_rows(encoder: Encoder) -> None:
    image = with_photo(1)
    ImageEmbedding.objects.update(state="ready", vector=[0.1] * encoder.dimension)
    ProductImage.objects.filter(pk=image.pk).update(digest="1" * 64)
    copy = ProductImage(
        product=ProductFactory(), file=image.file.name, source_digest=image.source_digest,
        digest=image.digest, width=1, height=1,
    )  # fmt: skip
    ProductImage.objects.bulk_create([copy])

    assert sweep() == 2
    assert set(ImageEmbedding.objects.values_list("state", "digest")) == {
        ("pending", "1" * 64),
        ("pending", image.digest),
    }


def test_rows_from_a_fixture_are_left_to_the_sweep(encoder: Encoder) -> None:
    from django.core import serializers

    image = with_photo(1)
    text = serializers.serialize("json", [image])
    ImageEmbedding.objects.all().delete()
    for each in serializers.deserialize("json", text):
        each.save()  # raw
    assert not ImageEmbedding.objects.exists()
    assert sweep() == 1
