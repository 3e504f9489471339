"""Renditions from the upload to the row that tells pages of them, and whatever may come between."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from products.imaging import renditions
from products.imaging.renditions import RECIPE, renditions_of
from products.models import ProductImage, RenditionAttempt
from products.photos import add_photo
from products.renditions.claims import claim, due, release, retry_failed, sweep
from products.renditions.files import rendition_name
from products.renditions.making import make_due
from products.renditions.queue import RENDITION_TASK
from products.thumbnails import thumbnail_url
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_picture

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def stored() -> set[str]:
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def expected(image: ProductImage) -> set[str]:
    every = renditions_of((image.width, image.height), transparent=image.transparent)
    return {image.file.name, *(rendition_name(image.file.name, each) for each in every)}


def expire() -> None:
    """An hour: PostgreSQL's now is that of the transaction that this test runs in."""
    RenditionAttempt.objects.update(leased_until=timezone.now() - timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_an_upload_asks_for_them_once_and_none_that_fails() -> None:
    jobs = ProcrastinateJob.objects.filter(task_name=RENDITION_TASK)
    jobs.delete()  # of other tests
    with transaction.atomic():
        with_photo(1)
        transaction.set_rollback(True)
    assert not jobs.exists()
    for seed in range(3):
        with_photo(seed)
    assert jobs.count() == 1


def test_all_are_made_and_the_row_says_so() -> None:
    image = with_photo(1)
    assert image.renditions == 0
    assert make_due().made == 1
    image.refresh_from_db()
    assert image.renditions == RECIPE
    assert not image.transparent
    assert stored() == expected(image)
    assert not RenditionAttempt.objects.exists()
    assert make_due().total == 0


def test_a_transparent_photo_says_so() -> None:
    picture = product_picture(1).convert("RGBA")
    picture.putalpha(100)
    image = add_photo(product=ProductFactory(), data=encoded(picture, "PNG")).image
    make_due()
    image.refresh_from_db()
    assert image.transparent
    assert stored() == expected(image)


def test_faces_come_before_other_photos() -> None:
    first = with_photo(1)
    second = with_photo(2, product=first.product)
    other = with_photo(3)
    assert [each.image_id for each in claim(3)] == [first.pk, other.pk, second.pk]


def test_a_photo_is_claimed_by_one_worker() -> None:
    with_photo(1)
    with_photo(2)
    assert len(claim(1)) == len(claim(5)) == 1
    assert claim(5) == []


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_photos() -> None:
    for seed in range(6):
        with_photo(seed)

    def work(_number: int) -> list[int]:
        try:
            taken = []
            for _ in range(6):
                taken += [each.image_id for each in claim(1)]
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        taken = [pk for each in pool.map(work, range(3)) for pk in each]
    assert sorted(taken) == sorted(ProductImage.objects.values_list("pk", flat=True))


def test_what_a_killed_worker_held_is_made_once_its_lease_has_run_out() -> None:
    image = with_photo(1)
    held = claim(1)[0]
    half = rendition_name(held.file_name, renditions_of(held.size, transparent=False)[0])
    Path(default_storage.path(half)).parent.mkdir()
    Path(default_storage.path(half)).write_bytes(b"half a fi")
    assert make_due().total == 0
    expire()
    assert make_due().made == 1
    image.refresh_from_db()
    assert stored() == expected(image)
    with default_storage.open(half) as file:
        assert Image.open(io.BytesIO(file.read())).size


def test_a_photo_that_kills_the_process_is_set_aside_and_others_are_not() -> None:
    bad, good = with_photo(1), with_photo(2)
    claim(2)
    for _ in range(2):
        expire()
        # One by one, so that the one that does it is found.
        assert [each.image_id for each in claim(5)] == [bad.pk]
    RenditionAttempt.objects.filter(image_id=good.pk).update(attempts=1)
    expire()
    assert make_due().made == 1
    assert "stopped 3 times" in RenditionAttempt.objects.get().reason
    assert not due()


def test_a_photo_that_was_given_back_has_used_no_attempt() -> None:
    with_photo(1)
    for _ in range(5):
        release(claim(1)[0])
    assert make_due().made == 1


def test_told_to_stop_it_gives_back_what_it_holds() -> None:
    for seed in range(3):
        with_photo(seed)
    calls = iter(range(1000))
    done = make_due(should_stop=lambda: next(calls) > 20)
    assert done.made < 3
    assert make_due().made == 3 - done.made


def test_a_missing_file_is_a_reason_and_can_be_tried_again() -> None:
    image = with_photo(1)
    content = image.file.read()
    image.file.close()
    default_storage.delete(image.file.name)
    assert make_due().failed == 1
    assert "missing" in RenditionAttempt.objects.get().reason
    assert make_due().total == 0
    Path(default_storage.path(image.file.name)).write_bytes(content)
    assert retry_failed() == 1
    assert make_due().made == 1


@pytest.mark.parametrize("content", [b"no photo", encoded(product_picture(1, 200))])
def test_another_file_in_its_place_is_a_reason(content: bytes) -> None:
    image = with_photo(1)
    Path(default_storage.path(image.file.name)).write_bytes(content)
    assert make_due().failed == 1


def test_a_codec_that_is_missing_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with_photo(1)
    # As Pillow says it where it was built without AVIF.
    monkeypatch.setitem(renditions._WRITERS, "avif", ("NONE", {}))
    assert make_due().failed == 1
    assert RenditionAttempt.objects.get().reason


# --- deleted and replaced -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_deleting_a_photo_deletes_all_that_was_made_of_it() -> None:
    image, other = with_photo(1), with_photo(2)
    assert thumbnail_url(image.file, "card")
    make_due()
    image.delete()
    other.refresh_from_db()
    assert stored() == expected(other)


@pytest.mark.django_db(transaction=True)
def test_deleting_its_product_does_too() -> None:
    image = with_photo(1)
    make_due()
    image.product.delete()
    assert stored() == set()


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_deleted_while_it_is_worked_on_leaves_nothing() -> None:
    image = with_photo(1)
    asked = iter(range(1000))

    def delete_half_way() -> bool:
        if next(asked) == 4:
            ProductImage.objects.get(pk=image.pk).delete()
            connection.close()  # this thread's
        return False

    assert make_due(should_stop=delete_half_way).made == 0
    assert stored() == set()
    assert not RenditionAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_files_of_a_killed_worker_go_when_its_photo_has_gone() -> None:
    image = with_photo(1)
    held = claim(1)[0]
    name = rendition_name(held.file_name, renditions_of(held.size, transparent=False)[-1])
    image.delete()
    Path(default_storage.path(name)).parent.mkdir()
    Path(default_storage.path(name)).write_bytes(b"written after the deletion")
    sweep()
    assert name in stored()  # the worker may still be at it
    expire()
    sweep()
    assert stored() == set()
    assert not RenditionAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_replaced_photo_is_made_anew() -> None:
    image = with_photo(1)
    make_due()
    image.refresh_from_db()
    image.file = ContentFile(encoded(product_picture(2)), name="photo.jpg")
    image.save()
    image.refresh_from_db()
    assert image.renditions == 0
    assert stored() == {image.file.name}
    make_due()
    image.refresh_from_db()
    assert stored() == expected(image)


# --- repairs --------------------------------------------------------------------------------------


def test_photos_of_an_older_recipe_are_made_anew(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with_photo(1)
    make_due()
    ProductImage.objects.update(renditions=RECIPE + 1)
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert ProductImage.objects.get().renditions == 0
    assert ProcrastinateJob.objects.filter(task_name=RENDITION_TASK).count() == 1
    assert make_due().made == 1


def test_the_sweep_knocks_only_where_there_is_work(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with_photo(1)
    make_due()
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert not ProcrastinateJob.objects.exists()


def test_the_command_makes_all_and_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with_photo(1)
    lost = with_photo(2)
    default_storage.delete(lost.file.name)
    call_command("thumbnails", threads=2)
    out, err = capsys.readouterr()
    assert "1 photos have their small pictures, 1 could not be read, 0 wait" in out
    assert f"photo {lost.pk}" in err


def test_the_command_finds_what_the_storage_has_lost(capsys: pytest.CaptureFixture[str]) -> None:
    image = with_photo(1)
    call_command("thumbnails")
    image.refresh_from_db()
    default_storage.delete(min(expected(image) - {image.file.name}))
    call_command("thumbnails", lost=True)
    assert "1 photos have lost" in capsys.readouterr().out
    assert stored() == expected(image)


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_them(encoder: object) -> None:
    images = [with_photo(seed) for seed in range(2)]
    call_command("worker", once=True)
    for image in images:
        image.refresh_from_db()
        assert image.renditions == RECIPE
    assert not ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"]).exists()
