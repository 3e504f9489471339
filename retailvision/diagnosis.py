"""What is configured, what is reachable, what is missing, and how to mend it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from django import get_version
from django.conf import settings
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.utils import timezone
from PIL import features

from products.models import Product, ProductImage, RenditionAttempt
from recognition.encoders import CLIP_KEY, EncoderError
from recognition.encoders.clip_keys import clip_key
from recognition.loaded import encoder_for
from recognition.models import Encoder, ImageEmbedding
from recognition.vector_index import index_is_valid
from retailvision.embedded_postgres import EmbeddedPostgresError, EmbeddedServer
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

Level = Literal["ok", "note", "problem"]
_LOW_DISK_BYTES = 2 * 1024**3
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; a problem has a remedy."""

    level: Level
    subject: str
    text: str
    remedy: str = ""


def diagnose() -> Iterator[Finding]:
    """Findings in the order in which one would mend them; stops where nothing further can be seen."""
    yield Finding("ok", "program", f"Python {sys.version.split()[0]}, Django {get_version()}")
    yield from _settings()
    yield from _disk()
    database = list(_database())
    yield from database
    if any(finding.level == "problem" for finding in database):
        return
    for look in (_storage, _encoder, _photos, _renditions, _webhooks, _worker):
        yield from _guarded(look)


def _guarded(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except DatabaseError as error:
        yield Finding("problem", "database", str(error), "Run `manage.py migrate`, then try again.")


def _settings() -> Iterator[Finding]:
    for message in checks.run_checks():
        level: Level = "problem" if message.level >= checks.ERROR else "note"
        yield Finding(level, f"settings ({message.id})", str(message.msg), message.hint or "")


def _disk() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < _LOW_DISK_BYTES:
        yield Finding(
            "problem",
            "disk",
            f"{free / 1024**3:.1f} GB free at {folder}",
            "Make room, or move the data with RETAILVISION_DATA_DIR.",
        )
    else:
        yield Finding("ok", "disk", f"{free / 1024**3:.0f} GB free at {folder}")


def _database() -> Iterator[Finding]:
    where = "embedded" if settings.EMBEDDED_DATABASE else "from DATABASE_URL"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT default_version, installed_version FROM pg_available_extensions"
                           " WHERE name = 'vector'")  # fmt: skip
            vector = cursor.fetchone()
    except (DatabaseError, EmbeddedPostgresError) as error:
        remedy = (
            f"Read the server's log below {settings.DATA_DIR}."
            if settings.EMBEDDED_DATABASE
            else "Check DATABASE_URL, and that the server runs and lets this machine in."
        )
        yield Finding("problem", "database", f"{where}: {str(error).strip()}", remedy)
        return
    yield Finding("ok", "database", f"PostgreSQL {version}, {where}")
    if settings.EMBEDDED_DATABASE:
        status = EmbeddedServer(Path(settings.DATA_DIR)).status()
        yield Finding("ok", "database", f"data at {status.data_dir}, run by {status.os_user}")
    if vector is None:
        yield Finding(
            "problem",
            "pgvector",
            "the server has no extension “vector”",
            "Install pgvector on the server, or use the image pgvector/pgvector:pg18.",
        )
    else:
        yield Finding("ok", "pgvector", vector[1] or f"{vector[0]} (made by the first migration)")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield Finding(
            "problem",
            "migrations",
            f"{len(pending)} are not applied",
            "Run `manage.py migrate`.",
        )


def _storage() -> Iterator[Finding]:
    try:
        name = default_storage.save("doctor/probe.txt", ContentFile(b"probe"))
        default_storage.delete(name)
    except Exception as error:  # noqa: BLE001 - a storage may fail in any way of its own
        yield Finding(
            "problem",
            "photo storage",
            f"cannot be written: {error}",
            "Check RETAILVISION_DATA_DIR, or the RETAILVISION_S3_* variables.",
        )
    else:
        yield Finding("ok", "photo storage", default_storage.__class__.__name__)


def _encoder() -> Iterator[Finding]:
    encoder = Encoder.objects.active()
    if encoder is None:
        yield Finding("problem", "encoder", "none is active yet", "Run `manage.py embed`.")
        return
    try:
        loaded = encoder_for(encoder.key)
        loaded.load()
    except EncoderError as error:
        yield Finding(
            "problem",
            "encoder",
            f"{encoder.key} is active, but cannot be loaded: {error}",
            "Bring its weights back; vectors of another encoder cannot stand in.",
        )
        return
    yield Finding("ok", "encoder", f"{encoder.key} on {loaded.device_name}")
    if encoder.fallback_reason:
        yield Finding(
            "note",
            "encoder",
            f"a fallback: {encoder.fallback_reason}",
            "It never changes by itself. For CLIP, set RETAILVISION_CLIP_WEIGHTS or open the way"
            f" to the model hub, then run `manage.py encoder add {_clip()}`, and with the same key"
            " `encoder rehearse` and `encoder activate`; search goes on meanwhile.",
        )
    if not index_is_valid(encoder):
        yield Finding(
            "problem",
            "encoder",
            "its vector index is missing or half made; large catalogues are slow without",
            "Run `manage.py embed`, which makes it.",
        )


def _clip() -> str:
    """The key of the CLIP encoder that this machine could have."""
    try:
        return clip_key(settings.CLIP_WEIGHTS) if settings.CLIP_WEIGHTS else CLIP_KEY
    except EncoderError:  # a file that is none
        return CLIP_KEY


def _photos() -> Iterator[Finding]:
    products, images = Product.objects.count(), ProductImage.objects.count()
    yield Finding("ok", "catalogue", f"{products} products, {images} photos")
    states = dict(
        ImageEmbedding.objects.filter(encoder=Encoder.objects.active())
        .values_list("state")
        .annotate(n=Count("id"))
    )
    if failed := states.get("failed"):
        yield Finding(
            "problem",
            "photos",
            f"{failed} could not be embedded",
            "See their reasons in the admin under “photo states”, and try them again there.",
        )
    if left := images - sum(states.values()) + states.get("pending", 0):
        yield Finding(
            "note", "photos", f"{left} wait to be embedded", "A worker or `embed` does it."
        )


def _renditions() -> Iterator[Finding]:
    for each in ("avif", "webp"):
        if not features.check(each):
            yield Finding(
                "problem",
                "small pictures",
                f"Pillow was built without {each.upper()}, so none are made",
                "Install Pillow from its wheels, as `requirements.txt` does.",
            )
    if failed := RenditionAttempt.objects.exclude(reason="").count():
        yield Finding(
            "problem",
            "small pictures",
            f"of {failed} photos none could be made",
            "`manage.py thumbnails` says why; with `--retry` it tries them again.",
        )
    if left := ProductImage.objects.filter(renditions=0).count() - failed:
        yield Finding(
            "note",
            "small pictures",
            f"{left} photos wait for theirs",
            "A worker or `manage.py thumbnails` makes them; pages show JPEG meanwhile.",
        )


def _webhooks() -> Iterator[Finding]:
    endpoints = WebhookEndpoint.objects.count()
    if not endpoints:
        yield Finding("ok", "webhooks", "no endpoints")
        return
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING).count()
    new = WebhookEvent.objects.filter(expanded_at=None).count()
    yield Finding(
        "ok", "webhooks", f"{endpoints} endpoints, {waiting} deliveries and {new} events wait"
    )
    for endpoint in WebhookEndpoint.objects.filter(is_active=False)[:_MOST_NAMED]:
        yield Finding(
            "note",
            "webhooks",
            f"{endpoint.url} is switched off: {endpoint.switched_off_reason}",
            "Switch it on in the admin once its receiver answers.",
        )


def _worker() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s",
            [timezone.now() - timedelta(seconds=45)],
        )
        workers = cursor.fetchone()[0]
    if workers:
        yield Finding("ok", "worker", f"{workers} at work")
    else:
        yield Finding(
            "note",
            "worker",
            "none is running, so new photos are not embedded by themselves",
            "Run `make serve` (web and worker) or `make worker`.",
        )
