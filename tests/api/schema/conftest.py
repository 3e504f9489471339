"""A shop with something at every address, and programs that call it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings

from tests.retailvision.role_matrix.world import World, build_world


@pytest.fixture(scope="package")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction for all: the shop is built once, and each request is taken back."""
    # As Django's own test client does it: a request leaves the connection open.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="package")
def shop(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    media: Path = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, QUERY_PHOTO_DIR=media / "queries"):
        yield build_world(media)
