"""System checks of the configuration: what is wrong, and how to mend it."""

import os
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from retailvision.embedded_postgres.account import ACCOUNT_VARIABLE
from retailvision.settings import env

_OURS = ("RETAILVISION_",)
# Read by the Makefile, by gunicorn.conf.py, by the embedded PostgreSQL and by the tests.
_ELSEWHERE = {
    "RETAILVISION_BIND",
    "RETAILVISION_PORT",
    ACCOUNT_VARIABLE,
    "RETAILVISION_TEST_DATA_DIR",
    "RETAILVISION_WEB_THREADS",
}


@register()
def unknown_variables(**_kwargs: Any) -> list[CheckMessage]:
    """A misspelt variable would otherwise be ignored in silence."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(_OURS) and name not in env.names and name not in _ELSEWHERE
    )
    return [
        checks.Warning(
            f"{name} is set, but RetailVision knows no such variable.",
            hint="See .env.example for the names; remove it or correct its spelling.",
            id="retailvision.W001",
        )
        for name in unknown
    ]


@register(Tags.files)
def data_directory_is_writable(**_kwargs: Any) -> list[CheckMessage]:
    folder = settings.DATA_DIR
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data directory {folder} cannot be written.",
            hint="Set RETAILVISION_DATA_DIR to a directory that this user may write.",
            id="retailvision.E001",
        )
    ]


@register(Tags.files)
def storage_is_complete(**_kwargs: Any) -> list[CheckMessage]:
    storage: Any = settings.STORAGES["default"]
    if "s3" in storage["BACKEND"].lower() and not storage["OPTIONS"]["bucket_name"]:
        return [
            Error(
                "Photos go to S3, but no bucket is named.",
                hint="Set RETAILVISION_S3_BUCKET, or RETAILVISION_STORAGE=files.",
                id="retailvision.E002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def production_is_meant(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.ENCODER == "auto":
        found.append(
            checks.Warning(
                "RETAILVISION_ENCODER is auto, which may settle on a fallback.",
                hint="In production say clip or packaged; a missing model is then an error.",
                id="retailvision.W002",
            )
        )
    if settings.EMBEDDED_DATABASE:
        found.append(
            checks.Warning(
                "The database is the embedded one, which serves a single machine.",
                hint="Set DATABASE_URL to a PostgreSQL server with pgvector and with backups.",
                id="retailvision.W003",
            )
        )
    if settings.ALLOW_TEST_ENCODERS:
        found.append(
            Error(
                "RETAILVISION_ALLOW_TEST_ENCODERS is on.",
                hint="Remove it: the encoder of the tests must never answer a customer.",
                id="retailvision.E003",
            )
        )
    return found
