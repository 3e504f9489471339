"""One shop, one server and one browser for all tests of a module: what is looked at stays as it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.scenes import World, build_world
from tests.browser.scenes.goods import drawn_goods


# By this name pytest-django knows that these tests need the database of the tests.
@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that a whole module shares, gone after it."""
    with django_db_blocker.unblock():
        yield
        # An encoder of a later test that had the number of an earlier one would find that one's index.
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def world(transactional_db: None, browser: Any, media: Path) -> Iterator[World]:
    """The shop, open."""
    with override_settings(MEDIA_ROOT=media):
        world = build_world(drawn_goods())
    server = LiveServer("localhost")
    world.address = server.url
    with server._live_server_modified_settings:
        yield world
        server.stop()


@pytest.fixture(autouse=True)
def _own_media(settings: Any, media: Path, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = media
    settings.QUERY_PHOTO_DIR = tmp_path / "query-photos"
