"""Role x action x own and other store: each case is a real request, and whoever is refused wrote
nothing. The tables are in `role_matrix/`; docs/reference/roles.md says the same in words.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.retailvision.role_matrix import admin_rows, api_rows, page_rows
from tests.retailvision.role_matrix.table import Row
from tests.retailvision.role_matrix.world import World, build_world

ROWS = [*api_rows.ROWS, *page_rows.ROWS, *admin_rows.ROWS]

# Addresses that are the same for everybody, and why.
OPEN = {
    "admin:login", "admin:logout", "accounts:login", "accounts:logout",
    "accounts:home",  # leads to the page of whoever asks
    "admin:password_change_done",  # says that it is done
    "admin:view_on_site",  # leads to the public page of a product
    "admin:app_list",  # part of the first page
    "v1:similar",  # as the product's public page
    "v1:search", "v1:search-box", "v1:search-why", "v1:recognise", "schema", "docs", "redoc", "set_language",
    "products:product", "recognition:search", "stores:list", "stores:store",  # customers'
    "stock:worker", "stock:offline",  # of whoever holds a phone that has lost its connection
    "robots", "sitemap", "sitemap-file",  # search engines'
    "brand",  # the logo and the colours of every page
    "recognition:categories", "recognition:category", "recognition:filters",
    "recognition:store-places",  # customers'
    "recognition:answer", "recognition:feedback",  # of who holds the token
}  # fmt: skip
# Tables of the queue, which its library shows to superusers alone and lets nobody write.
ALSO_OPEN = ("admin:procrastinate_",)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction for the module: the shop is built once, and each case is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    media: Path = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, QUERY_PHOTO_DIR=media / "queries"):
        yield build_world(media)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The photos are the shop's, which outlives a test."""
    if "world" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("world").media
        settings.QUERY_PHOTO_DIR = settings.MEDIA_ROOT / "queries"
    settings.IMPORT_DIR = tmp_path / "imports"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(world: World, row: Row) -> None:
    expected = row.cells()
    found = {(who, where): row.outcome(world, who, where) for who, where in expected}
    assert found == expected


# --- nothing is left out ---


def addresses(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """`(name, view)` of every address of the site."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern):
            yield ":".join([*spaces, each.name or "–"]), each.callback


def test_every_address_has_its_rows() -> None:
    covered = {row.name for row in ROWS}
    # Django's own of another spelling: the change page without its last word, and anything else.
    named = {name for name, _view in addresses() if not name.endswith("–")}
    missing = {name for name in named - covered - OPEN if not name.startswith(ALSO_OPEN)}
    assert not missing, "Add a line for each to tests/retailvision/role_matrix/."
    assert covered <= named


def test_every_method_of_the_api_has_its_row() -> None:
    covered = {(row.name, row.method) for row in ROWS}
    for name, view in addresses():
        if name.startswith("v1:") and name not in OPEN:
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view.cls, method):
                    assert (name, method) in covered


def test_every_page_of_a_form_is_also_sent() -> None:
    """What shows a form is posted to; lists and reports are not."""
    sent = {row.name for row in ROWS if row.data}
    only_looked_at = {row.name for row in ROWS} - sent
    for name in only_looked_at:
        assert not name.endswith(("_add", "_change", "_delete"))


def test_every_action_of_a_list_has_its_row(world: World) -> None:
    request = world.client("superuser").get(reverse("admin:jsi18n")).wsgi_request
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        if name.startswith(ALSO_OPEN):
            continue
        request.resolver_match = resolve(reverse(name))
        rows = {row.note for row in ROWS if row.name == name and row.data}
        assert set(model_admin.get_actions(request)) - rows == set(), name


def test_nobody_else_sees_the_queue(world: World) -> None:
    url = reverse("admin:procrastinate_procrastinatejob_changelist")
    for who in world.sessions:
        status = world.client(who).get(url).status_code
        assert status == {"superuser": 200, "partner": 302}.get(who, 403), who


def test_who_is_inactive_is_nobody(world: World) -> None:
    with transaction.atomic():
        for user in world.users.values():
            user.is_active = False
            user.save()
        for who in world.sessions:
            client: Client = world.client(who)
            assert client.get("/api/v1/stock/").status_code == 401, who
            assert client.get("/admin/").status_code == 302, who
        transaction.set_rollback(True)
