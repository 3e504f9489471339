"""The life of an import: uploaded, checked, agreed to, imported. Pages and tasks call this."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products.imports.kinds import ImportKind
from products.imports.queue import enqueue, has_job
from products.models import ImportRun

FILE_ENDINGS = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}
_MB = 2**20


def check_upload(upload: UploadedFile, *, endings: set[str], most: int) -> None:
    """Raises:
    ValidationError: by its name or its size it is not worth keeping.
    """
    ending = Path(upload.name or "").suffix.lower()
    if ending not in endings:
        raise ValidationError(
            _("“%(name)s” is none of %(endings)s."),
            params={"name": upload.name, "endings": ", ".join(sorted(endings))},
        )
    if not upload.size:
        raise ValidationError(_("The file is empty."))
    if upload.size > most:
        raise ValidationError(
            _("The file has %(size)d MB; the limit is %(most)d MB."),
            params={"size": -(-upload.size // _MB), "most": most // _MB},
        )


def begin_import(
    *, kind: ImportKind, file: UploadedFile, photos: UploadedFile | None, user: Any
) -> ImportRun:
    """Keeps the upload and has it checked in the background.

    Raises:
        ValidationError: a file is of the wrong kind or too large.
    """
    check_upload(file, endings=FILE_ENDINGS, most=settings.IMPORT_MAX_BYTES)
    if photos is not None:
        if not kind.takes_photos:
            raise ValidationError(_("Imports of this kind take no photos."))
        check_upload(photos, endings={".zip"}, most=settings.IMPORT_MAX_ZIP_BYTES)
    run = ImportRun(
        kind=kind.key, created_by=user, file_name=_name(file), language=get_language() or ""
    )
    try:
        run.file.save(run.file_name, file, save=False)
        if photos is not None:
            run.photos_name = _name(photos)
            run.photos.save(run.photos_name, photos, save=False)
        with transaction.atomic():
            run.save()
            enqueue(run.pk)
    except BaseException:
        _delete_files(run)
        raise
    return run


def _name(upload: UploadedFile) -> str:
    name = "".join(c for c in Path(upload.name or "").name if c.isprintable())
    return name[-255:]


@transaction.atomic
def start_import(*, run_id: int, user: Any) -> bool:
    """Agrees to what the check has found; False where somebody did, or cancelled it, before."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state != ImportRun.State.CHECKED or not run.good_rows:
        return False
    run.state = ImportRun.State.IMPORTING
    run.started_at, run.started_by = timezone.now(), user
    run.rows_done, run.counts, run.idle_attempts = 0, {}, 0
    run.save()
    enqueue(run.pk)
    return True


@transaction.atomic
def cancel_import(*, run_id: int) -> bool:
    """Gives up a run of which nothing has been written yet; False where it is too late."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state not in {ImportRun.State.CHECKING, ImportRun.State.CHECKED}:
        return False
    run.state = ImportRun.State.CANCELLED
    run.finished_at = timezone.now()
    run.save()
    transaction.on_commit(lambda: forget_files(run), robust=True)
    return True


def sweep_imports() -> int:
    """Asks again for what no job stands for, as after a restart of the database; the number."""
    lost = [
        pk for pk in ImportRun.objects.working().values_list("pk", flat=True) if not has_job(pk)
    ]
    for pk in lost:
        enqueue(pk)
    return len(lost)


def forget_old_files() -> int:
    """Deletes uploads that have been kept long enough; the number of runs that had some.

    A run that waits for an answer until then is cancelled.
    """
    old = ImportRun.objects.filter(
        created_at__lt=timezone.now() - timedelta(days=settings.IMPORT_KEEP_DAYS)
    ).exclude(pk__in=ImportRun.objects.working())
    for run in old.filter(state=ImportRun.State.CHECKED):
        cancel_import(run_id=run.pk)
    number = 0
    for run in old.exclude(file="", photos="").exclude(state=ImportRun.State.CHECKED):
        forget_files(run)
        number += 1
    return number


def forget_files(run: ImportRun) -> None:
    _delete_files(run)
    ImportRun.objects.filter(pk=run.pk).update(file="", photos="")


def _delete_files(run: ImportRun) -> None:
    for file in (run.file, run.photos):
        if file:
            file.storage.delete(str(file.name))
