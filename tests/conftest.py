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

from recognition.loaded import forget_encoders
from recognition.models import Encoder
from recognition.versions import settle_encoder
from retailvision.embedded_postgres import EmbeddedServer
from tests.pictures import product_photo

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(autouse=True)
def _own_media(settings: object, tmp_path: Path) -> None:
    """Files of a test are its own, and gone after it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.QUERY_PHOTO_DIR = tmp_path / "query-photos"


@pytest.fixture(autouse=True)
def _clean_process() -> Iterator[None]:
    """Encoders and throttle counts of one test are not seen by the next."""
    cache.clear()
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
        text = "No Chromium here. Debian: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return path


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
