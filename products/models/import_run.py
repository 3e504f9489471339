"""Imports that staff have started, and what became of them."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class PrivateStorage(FileSystemStorage):
    """Files that have no address: `IMPORT_DIR`, readable for the site's own account alone."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    # Asked for anew each time, not once when the models are loaded.
    @property
    def base_location(self) -> str:
        return str(settings.IMPORT_DIR)

    @property
    def location(self) -> str:
        return str(Path(settings.IMPORT_DIR).absolute())

    @cached_property
    def base_url(self) -> None:  # type: ignore[override]
        return None


def private_storage() -> PrivateStorage:
    return PrivateStorage()


def private_name(_run: "ImportRun", filename: str) -> str:
    return f"{secrets.token_hex(16)}{Path(filename).suffix.lower()[:8]}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def working(self) -> "ImportRunQuerySet":
        """Those that a worker has to do something for."""
        return self.filter(state__in=[ImportRun.State.CHECKING, ImportRun.State.IMPORTING])


class ImportRun(models.Model):
    """A file, checked in a dry run and, once somebody has agreed, imported."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked, waiting for you")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        REFUSED = "refused", _("cannot be imported")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.CHECKING
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    # Of whoever uploaded it: what the worker says of rows is for them to read.
    language = models.CharField(_("language"), max_length=20, blank=True)

    # Both are deleted after IMPORT_KEEP_DAYS; the names of the uploads stay.
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=private_name, max_length=100, blank=True
    )
    file_name = models.CharField(_("file"), max_length=255)
    photos = models.FileField(
        _("photos"), storage=private_storage, upload_to=private_name, max_length=100, blank=True
    )
    photos_name = models.CharField(_("photos"), max_length=255, blank=True)

    rows_total = models.PositiveIntegerField(_("rows"), null=True)
    # Of the dry run, then of the import. Written in the transaction of the rows themselves.
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    checked_counts = models.JSONField(_("counts of the check"), default=dict)
    # The first rows that change something, for the preview.
    changes = models.JSONField(_("changes"), default=list)
    notes = models.JSONField(_("notes"), default=list)
    problem = models.TextField(_("problem"), blank=True)

    # Who has the run: each worker that begins raises it, and one that sees another number stops.
    attempt = models.PositiveIntegerField(default=0)
    # Beginnings without a row done since: a file that kills its worker is set aside.
    idle_attempts = models.PositiveSmallIntegerField(default=0)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]
        # Who may import what is a matter of the kind: see `products.imports.kinds`.
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "checking", "checked", "importing", "done", "refused", "cancelled",
                    ]
                ),
                name="import_run_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(rows_total__isnull=True) | Q(rows_done__lte=models.F("rows_total")),
                name="import_run_rows_done_within_total",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        return self.state in {self.State.CHECKING, self.State.IMPORTING}

    @property
    def is_open_to_cancel(self) -> bool:
        """Nothing has been written yet."""
        return self.state in {self.State.CHECKING, self.State.CHECKED}

    @property
    def good_rows(self) -> int:
        """Rows without an error, of the check."""
        return sum(self.checked_counts.get(name, 0) for name in ("created", "updated", "unchanged"))

    @property
    def changing_rows(self) -> int:
        return sum(self.checked_counts.get(name, 0) for name in ("created", "updated"))

    @property
    def percent(self) -> int:
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0

    def reported(self) -> Any:
        """The rows with errors: of the import once it has begun, of the check before."""
        return self.errors.filter(of_check=self.started_at is None)


class ImportRowError(models.Model):
    """A row that was not written."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="errors")
    of_check = models.BooleanField()
    line = models.PositiveIntegerField(_("line"))
    error = models.TextField(_("error"))

    class Meta:
        verbose_name = _("row with an error")
        verbose_name_plural = _("rows with errors")
        ordering = ["line"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "of_check", "line"], name="import_error_once_a_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.error}"
