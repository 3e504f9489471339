"""Endpoint x method x scope x role: a key does what its scope names, and of that what its person may.

The rows are those of the role matrix. With the scope that a call needs, a key is answered as the
session of its person; without it, 403 and nothing is written. Which scope a call needs stands here
once more, so that a view that names another is found.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from api.scopes import Scope
from tests.retailvision.role_matrix import api_rows
from tests.retailvision.role_matrix.table import Row
from tests.retailvision.role_matrix.world import World, build_world
from tests.retailvision.test_role_matrix import addresses

# By the first word of an address's name: what reading and what writing needs. None: no scope at all.
NEEDED: dict[str, tuple[Scope | None, Scope | None]] = {
    "whoami": (None, None),
    "categories": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "category": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "products": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "product": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "photos": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "photo": (Scope.CATALOGUE_READ, Scope.CATALOGUE_WRITE),
    "stores": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "store": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "stock": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "operation": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "movements": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "movement": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "transfers": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "transfer": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "stocktakes": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "stocktake": (Scope.STOCK_READ, Scope.STOCK_WRITE),
    "search": (Scope.RECOGNISE, Scope.RECOGNISE),
    "recognise": (Scope.RECOGNISE, Scope.RECOGNISE),
    "similar": (Scope.RECOGNISE, None),
    "sightings": (Scope.RECOGNISE, None),
    "sighting": (Scope.RECOGNISE, Scope.RECOGNISE),
    "encoders": (Scope.RECOGNISE, None),
    "encoder": (Scope.RECOGNISE, None),
    "calibrations": (Scope.RECOGNISE, None),
    "calibration": (Scope.RECOGNISE, None),
    "feature": (Scope.RECOGNISE, None),
}
SCOPES = ("all", *Scope.values)


def needed(name: str, method: str) -> Scope | None:
    read, write = NEEDED[name.removeprefix("v1:").split("-")[0]]
    return read if method == "get" else write


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    media: Path = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, QUERY_PHOTO_DIR=media / "queries"):
        yield build_world(media)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("world").media
        settings.QUERY_PHOTO_DIR = settings.MEDIA_ROOT / "queries"
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1000000/s")


@pytest.mark.parametrize("row", api_rows.ROWS, ids=lambda row: row.id)
def test_row(world: World, row: Row) -> None:
    wanted = needed(row.name, row.method)
    expected, found = {}, {}
    for (who, where), outcome in row.cells().items():
        if who == "anonymous":
            continue
        for scope in SCOPES:
            case = (who, scope, where)
            enough = wanted is None or scope in {"all", wanted}
            expected[case] = outcome if enough else "403"
            found[case] = row.outcome(world, f"{who}|{scope}", where)
    assert found == expected


def test_no_address_of_the_api_is_left_out() -> None:
    for name, view in addresses():
        if name.startswith("v1:"):
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view.cls, method):
                    assert view.cls().scope_of(method.upper()) == needed(name, method), name


def test_how_many_cases_there_are() -> None:
    """A matrix that shrinks by mistake still passes; its size is written down."""
    cases = sum(
        len(SCOPES) for row in api_rows.ROWS for who, _where in row.cells() if who != "anonymous"
    )
    assert cases >= 1500
