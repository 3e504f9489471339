"""Imports as the admin begins them, worked on by the task itself."""

import io
import zipfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from products.catalogue_kind import CatalogueKind
from products.imports.kinds import find_kind
from products.imports.runs import begin_import
from products.imports.work import work_on
from products.models import ImportRun
from tests.factories import StaffFactory
from tests.products.importing import HEADER


def upload(*rows: str, header: str = HEADER, name: str = "catalogue.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ("\n".join([header, *rows]) + "\n").encode())


def zipped(members: dict[str, bytes]) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return SimpleUploadedFile("photos.zip", file.getvalue())


def begun(
    *rows: str, header: str = HEADER, photos: dict[str, bytes] | None = None, user: Any = None
) -> ImportRun:
    kind = find_kind(CatalogueKind.key)
    assert kind is not None
    return begin_import(
        kind=kind,
        file=upload(*rows, header=header),
        photos=zipped(photos) if photos else None,
        user=user or StaffFactory(),
    )


def worked(run: ImportRun) -> ImportRun:
    work_on(run.pk)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, ...]:
    """created, updated, unchanged, failed"""
    return tuple(run.counts.get(n, 0) for n in ("created", "updated", "unchanged", "failed"))


def errors(run: ImportRun) -> list[tuple[int, str]]:
    return list(run.reported().values_list("line", "error"))


def kept_files(settings: Any) -> list[Path]:
    root = Path(settings.IMPORT_DIR)
    return sorted(path for path in root.rglob("*") if path.is_file())
