"""The scenes' shop outside of pytest: a database of its own, a server, a browser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connections
from django.test.utils import (
    override_settings,
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import ARGUMENTS
from tests.browser.scenes.goods import Goods
from tests.browser.scenes.world import World, build_world
from tests.conftest import find_chromium


@contextmanager
def launched() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = find_chromium()
    if path is None:
        raise SystemExit("No Chromium here. Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
            browser.close()
        finally:
            connections.close_all()  # those made beside the loop, which are seen beside it only


@contextmanager
def served(goods: Goods, *, encoder: str = "pixel") -> Iterator[World]:
    """The shop, open."""
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with (
            TemporaryDirectory() as folder,
            override_settings(
                MEDIA_ROOT=Path(folder) / "media",
                QUERY_PHOTO_DIR=Path(folder) / "query-photos",
                ENCODER=encoder,
            ),
        ):
            world = build_world(goods, renditions=True)
            server = LiveServer("localhost")
            world.address = server.url
            with server._live_server_modified_settings:
                try:
                    yield world
                finally:
                    server.stop()
    finally:
        teardown_databases(databases, verbosity=0)
        teardown_test_environment()
