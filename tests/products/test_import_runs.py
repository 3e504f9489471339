"""An import in the background: checked, agreed to, imported, and repaired where it was broken off."""

import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob

from products.imports import work
from products.imports.kinds import find_kind
from products.imports.runs import (
    begin_import,
    cancel_import,
    forget_old_files,
    start_import,
    sweep_imports,
)
from products.imports.work import work_on
from products.models import Category, ImportRowError, ImportRun, Product, ProductEvent, ProductImage
from tests.factories import ProductFactory, StaffFactory
from tests.pictures import product_photo
from tests.products.import_runs import begun, counts, errors, kept_files, upload, worked
from tests.products.importing import stored_files

pytestmark = pytest.mark.django_db

ROWS = ("A-1,Apple,Fruit,,,3.49,,", "B-1,Bad,Fruit,,,x,,", "C-1,Pear,Fruit,,,,,")


def jobs() -> list[Any]:
    return list(ProcrastinateJob.objects.filter(task_name="products.import_run"))


def started(*rows: str, **options: Any) -> ImportRun:
    run = worked(begun(*rows, **options))
    assert start_import(run_id=run.pk, user=StaffFactory())
    run.refresh_from_db()
    return run


def test_an_upload_is_kept_in_private_and_a_job_is_there(settings: Any) -> None:
    run = begun(*ROWS)
    (file,) = kept_files(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Path(settings.MEDIA_ROOT) not in file.parents
    assert (run.state, run.file_name) == ("checking", "catalogue.csv")
    assert [job.args for job in jobs()] == [{"run_id": run.pk}]
    with pytest.raises(ValueError, match="not accessible via a URL"):
        _ = run.file.url


def test_row_and_job_are_there_together_or_not_at_all(settings: Any) -> None:
    with transaction.atomic():
        begun(*ROWS)
        transaction.set_rollback(True)
    assert not jobs()
    assert not ImportRun.objects.exists()


def test_the_check_writes_nothing_and_says_what_would_be() -> None:
    ProductFactory(sku="A-1", name="Old", category_path="Fruit")
    run = worked(begun(*ROWS, photos={"x.jpg": product_photo(1)}))
    assert run.state == "checked"
    assert (run.rows_total, run.rows_done) == (3, 3)
    assert counts(run) == (1, 1, 0, 1)
    assert errors(run) == [
        (3, "Price “x” is not a number like 3.49 (with a point, no currency sign).")
    ]
    assert run.changes[0] == {
        "line": 2, "key": "A-1", "state": "updated", "photos": 0,
        "changes": [["name", "Old", "Apple"], ["price", "", "3.49"]],
    }  # fmt: skip
    assert run.changes[1]["state"] == "created"
    assert run.notes == ["1 photo of the ZIP file belongs to no good row: x.jpg"]
    assert list(Product.objects.values_list("name", flat=True)) == ["Old"]


def test_the_import_does_what_was_shown() -> None:
    user = StaffFactory()
    run = worked(begun(*ROWS, photos={"x.jpg": product_photo(1)}))
    assert start_import(run_id=run.pk, user=user)
    run = worked(run)
    assert (run.state, run.started_by) == ("done", user)
    assert counts(run) == (2, 0, 0, 1)
    assert [line for line, _ in errors(run)] == [3]
    assert run.finished_at
    assert Product.objects.count() == 2


def test_photos_come_with_it() -> None:
    row = "A-1,Apple,Fruit,,,,,a.jpg"
    run = worked(started(row, photos={"a.jpg": product_photo(1)}))
    assert (run.counts["images_created"], ProductImage.objects.count()) == (1, 1)
    assert len(stored_files()) == 1


def test_a_photo_without_a_zip_is_an_error_of_its_row() -> None:
    run = worked(begun("A-1,Apple,Fruit,,,,,a.jpg"))
    assert errors(run) == [
        (2, "Photo “a.jpg” is not there: no ZIP file of photos came with the file.")
    ]


def test_a_catalogue_that_changed_since_the_check_is_reported_as_it_is() -> None:
    run = worked(begun(*ROWS))
    assert counts(run) == (2, 0, 0, 1)
    ProductFactory(sku="A-1", name="Other", category_path="Fruit")
    ProductFactory(sku="C-1", name="Pear", category_path="Fruit")
    start_import(run_id=run.pk, user=StaffFactory())
    run = worked(run)
    assert counts(run) == (0, 1, 1, 1)
    assert run.checked_counts["created"] == 2


def test_two_who_agree_at_once_begin_one_import() -> None:
    run = worked(begun(*ROWS))
    assert start_import(run_id=run.pk, user=StaffFactory())
    assert not start_import(run_id=run.pk, user=StaffFactory())
    run = worked(run)
    assert not start_import(run_id=run.pk, user=StaffFactory())
    assert counts(worked(run)) == (2, 0, 0, 1)


def test_a_task_that_runs_again_changes_nothing() -> None:
    run = worked(started(*ROWS))
    before = list(ImportRun.objects.values()), list(Product.objects.values())
    work_on(run.pk)
    work_on(987_654)
    assert (list(ImportRun.objects.values()), list(Product.objects.values())) == before


def test_cancelling_ends_it_and_deletes_the_file(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = worked(begun(*ROWS))
    with django_capture_on_commit_callbacks(execute=True):
        assert cancel_import(run_id=run.pk)
    assert not start_import(run_id=run.pk, user=StaffFactory())
    assert not cancel_import(run_id=run.pk)
    assert worked(run).state == "cancelled"
    assert not kept_files(settings)
    assert not Product.objects.exists()


def test_an_import_that_has_begun_cannot_be_cancelled() -> None:
    run = started(*ROWS)
    assert not cancel_import(run_id=run.pk)


def test_a_file_without_a_good_row_cannot_be_started() -> None:
    run = worked(begun(ROWS[1]))
    assert (run.state, run.good_rows) == ("checked", 0)
    assert not start_import(run_id=run.pk, user=StaffFactory())


@pytest.mark.parametrize(
    ("rows", "header", "problem"),
    [
        ([], "sku,name", "The file has no column category"),
        (["A,Apple,Fruit,1"], "sku,name,category,colour", "Unknown column 'colour'"),
        (['A,"Apple,Fruit'], "sku,name,category", "Line 2 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(rows: list[str], header: str, problem: str) -> None:
    run = worked(begun(*rows, header=header))
    assert run.state == "refused"
    assert run.problem.startswith(problem)
    assert run.finished_at


def test_a_hostile_archive_is_refused() -> None:
    run = worked(begun(*ROWS, photos={"../a.jpg": b"x"}))
    assert (run.state, "points outside of it" in run.problem) == ("refused", True)


def test_a_file_that_is_gone_is_said(settings: Any) -> None:
    run = begun(*ROWS)
    kept_files(settings)[0].unlink()
    assert worked(run).problem == (
        "The uploaded file is not on this machine any more. Upload it again."
    )


def test_a_kind_that_is_gone_is_said() -> None:
    run = begun(*ROWS)
    ImportRun.objects.update(kind="gone")
    assert "imports nothing of the kind “gone”" in worked(run).problem


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (SimpleUploadedFile("a.exe", b"x"), "is none of"),
        (SimpleUploadedFile("a.csv", b""), "The file is empty."),
        (SimpleUploadedFile("a.csv", b"x" * 2000), "the limit is 0 MB"),
    ],
)
def test_uploads_that_are_not_worth_keeping_are_refused(
    settings: Any, file: SimpleUploadedFile, message: str
) -> None:
    settings.IMPORT_MAX_BYTES = 1024
    with pytest.raises(ValidationError, match=message):
        begin_import(kind=find_kind("products"), file=file, photos=None, user=None)  # type: ignore[arg-type]
    assert not kept_files(settings)


def test_who_imported_stands_in_the_history() -> None:
    user = StaffFactory(username="anna")
    run = worked(begun(*ROWS, user=user))
    start_import(run_id=run.pk, user=user)
    worked(run)
    contexts = [event.pgh_context for event in ProductEvent.objects.all()]
    assert contexts == [{"user": user.pk, "source": f"import {run.pk}"}] * 2


# --- broken off -------------------------------------------------------------------------------


def many(number: int) -> list[str]:
    return [f"P-{n},Product {n},Fruit,,,{n}.00,," for n in range(number)]


class Broken(BaseException):
    """As by SIGKILL: nothing that follows is run."""


def test_an_import_goes_on_behind_the_last_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = many(450)
    rows[449] = "P-1,Twice,Fruit,,,,,"
    run = started(*rows)
    record, calls = work._RunJournal.record, []

    def failing(self: Any, outcomes: Any) -> None:
        calls.append(len(outcomes))
        record(self, outcomes)
        if len(calls) == 2:
            raise Broken

    monkeypatch.setattr(work._RunJournal, "record", failing)
    with pytest.raises(Broken):
        work_on(run.pk)
    run.refresh_from_db()
    # The second batch was written and noted in one transaction, which is gone as a whole.
    assert (run.rows_done, counts(run), Product.objects.count()) == (200, (200, 0, 0, 0), 200)
    run = worked(run)
    assert counts(run) == (449, 0, 0, 1)
    assert errors(run) == [(451, "SKU “P-1” is on line 3 already.")]
    assert Product.objects.count() == 449


def test_a_check_that_was_broken_off_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(*many(450), "B,Bad,Fruit,,,x,,")
    record = work._RunJournal.record

    def failing(self: Any, outcomes: Any) -> None:
        record(self, outcomes)
        if self._now.rows_done >= 400:
            monkeypatch.setattr(work._RunJournal, "record", record)
            raise Broken

    monkeypatch.setattr(work._RunJournal, "record", failing)
    with pytest.raises(Broken):
        work_on(run.pk)
    run = worked(run)
    assert (run.state, counts(run), len(errors(run))) == ("checked", (450, 0, 0, 1), 1)
    assert not Product.objects.exists()


def test_a_worker_that_was_overtaken_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(*many(450))
    record = work._RunJournal.record

    def overtaken(self: Any, outcomes: Any) -> None:
        record(self, outcomes)
        monkeypatch.setattr(work._RunJournal, "record", record)
        work_on(run.pk)  # another worker, which takes this one for dead

    monkeypatch.setattr(work._RunJournal, "record", overtaken)
    work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.rows_done, counts(run)) == ("done", 450, (450, 0, 0, 0))


def test_a_worker_that_is_shut_down_gives_the_run_back() -> None:
    run = started(*many(450))
    ProcrastinateJob.objects.filter(task_name="products.import_run").delete()
    work_on(run.pk, should_stop=lambda: True)
    run.refresh_from_db()
    assert (run.state, run.rows_done, run.idle_attempts) == ("importing", 200, 0)
    assert len(jobs()) == 1
    assert counts(worked(run)) == (450, 0, 0, 0)


def test_a_file_that_kills_its_worker_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(*ROWS)

    def dying(*_args: object, **_options: object) -> None:
        raise Broken

    monkeypatch.setattr(work, "open_table", dying)
    for _ in range(3):
        with pytest.raises(Broken):
            work_on(run.pk)
    run = worked(run)
    assert run.state == "refused"
    assert run.problem.startswith("The program stopped 3 times while it worked on this file")


def test_what_has_lost_its_job_gets_another() -> None:
    run = begun(*ROWS)
    assert sweep_imports() == 0
    ProcrastinateJob.objects.filter(task_name="products.import_run").delete()
    assert sweep_imports() == 1
    assert [job.args for job in jobs()] == [{"run_id": run.pk}]
    worked(run)
    ProcrastinateJob.objects.filter(task_name="products.import_run").delete()
    assert sweep_imports() == 0


def test_old_files_are_deleted_and_reports_stay(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    done, waiting, new = worked(started(*ROWS)), worked(begun(*ROWS)), begun(*ROWS)
    ImportRun.objects.exclude(pk=new.pk).update(created_at=timezone.now() - timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        forget_old_files()
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {done.pk: "done", waiting.pk: "cancelled", new.pk: "checking"}
    assert [path.name for path in kept_files(settings)] == [new.file.name]
    assert len(errors(done)) == 1
    assert forget_old_files() == 0


def test_the_database_holds_what_a_run_may_be() -> None:
    run = begun(*ROWS)
    for change in ({"state": "odd"}, {"rows_total": 1, "rows_done": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ImportRun.objects.filter(pk=run.pk).update(**change)
    ImportRowError.objects.create(run=run, of_check=True, line=2, error="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportRowError.objects.create(run=run, of_check=True, line=2, error="y")


def test_a_row_that_the_database_alone_refuses_does_not_take_others_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody takes a barcode between the look at it and the writing."""
    from products import catalogue_batches

    ProductFactory(sku="Z", barcode="4006381333931")
    monkeypatch.setattr(catalogue_batches, "barcode_owners", lambda _barcodes: {})
    run = worked(
        started("A-1,Apple,Fruit,,,,,", "B-1,Bad,New/Branch,,,,4006381333931,", "C-1,C,Fruit,,,,,")
    )
    assert counts(run) == (2, 0, 0, 1)
    assert errors(run)[0][0] == 3
    assert errors(run)[0][1].startswith("The database refused the row: duplicate key")
    assert not Category.objects.filter(name="Branch").exists()


def test_a_barcode_may_move_within_a_file() -> None:
    ProductFactory(sku="A-1", name="Apple", category_path="Fruit", barcode="4006381333931")
    rows = (
        "A-1,Apple,Fruit,,,,,",
        "B-1,Pear,Fruit,,,,4006381333931,",
        "C-1,Plum,Fruit,,,,4006381333931,",
    )
    run = worked(begun(*rows))
    assert (counts(run), errors(run)) == ((1, 1, 0, 1), [(4, "Another product has this barcode.")])
    start_import(run_id=run.pk, user=StaffFactory())
    assert counts(worked(run)) == (1, 1, 0, 1)
    assert Product.objects.get(sku="B-1").barcode == "4006381333931"


def test_a_barcode_given_twice_far_apart_is_found_by_the_check() -> None:
    rows = ["F,First,Fruit,,,,4006381333931,", *many(250), "L,Last,Fruit,,,,4006381333931,"]
    assert errors(worked(begun(*rows))) == [(253, "Another product has this barcode.")]


def test_upload_names_are_no_paths() -> None:
    run = begun(*ROWS)
    assert os.sep not in run.file.name
    name = upload(name="../../evil.csv").name
    assert "/" not in str(name)


def test_what_is_wrong_is_said_in_the_language_of_who_uploaded_it() -> None:
    """The worker has no reader, and the site's own language is another."""
    with translation.override("ru"):
        run = begun(*ROWS, "D-1,Bad,Fruit,,,,,missing.jpg")
    worked(run)
    assert [line for line, _error in errors(run)] == [3, 5]
    assert all("Цена" in error or "Фото" in error for _line, error in errors(run))
    assert translation.get_language() == "en"
