"""What every test may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connections
from django.utils import translation

from recognition.loaded import forget_encoders
from recognition.models import Encoder
from recognition.versions import settle_encoder
from retailvision.embedded_postgres import EmbeddedServer
from tests.flushing import faster_flush
from tests.pictures import product_photo

# Debian's shell for tests is the same browser without the windows of its own, which cost as much again.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session", autouse=True)
def _faster_flush() -> Iterator[None]:
    with faster_flush:
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before any database is made: the tests' server does not wait for the disk. What it holds outlives
    a killed process as before; after a power cut it is made anew. Servers that tests start for
    themselves, to kill them, are as a shop has them.
    """
    server = EmbeddedServer(Path(django_settings.DATA_DIR))
    server.ensure_running()
    with psycopg.connect(**server.connect_params("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(autouse=True)
def _own_media(settings: object, tmp_path: Path) -> None:
    """Files of a test are its own, and gone after it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.QUERY_PHOTO_DIR = tmp_path / "query-photos"


@pytest.fixture(autouse=True)
def _clean_process() -> Iterator[None]:
    """Encoders, throttle counts and the language of one test are not seen by the next."""
    cache.clear()
    translation.deactivate()
    yield
    forget_encoders()


@pytest.fixture
def encoder(db: None) -> Encoder:
    """The active encoder: the small pixel one."""
    return settle_encoder()


@pytest.fixture
def photo() -> bytes:
    return product_photo(1)


def find_chromium() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None:
        text = "No Chromium here. Debian: apt install chromium-headless-shell"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return path


_FLUSHING = {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where the suite runs in several processes, a file goes to one of them as a whole, but its tests
    that empty the database apart from the others: like this each process, too, comes to them last, and
    the others find what the migrations have written.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        flushes = bool(marker and marker.kwargs.get("transaction"))
        flushes = flushes or not _FLUSHING.isdisjoint(getattr(item, "fixturenames", ()))
        file = item.nodeid.split("::")[0]
        item.add_marker(pytest.mark.xdist_group(f"{file} flushing" if flushes else file))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The server of the tests ends with them; that of a parallel run is left alone."""
    if hasattr(session.config, "workerinput"):
        return
    connections.close_all()
    server = EmbeddedServer(Path(django_settings.DATA_DIR))
    if server.status().running and not _others_connected(server):
        server.stop()


def _others_connected(server: EmbeddedServer) -> bool:
    with psycopg.connect(**server.connect_params("postgres")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return row is not None and row[0] > 0
