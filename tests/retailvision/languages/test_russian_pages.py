"""Every page of customers, clerks and of the admin, and what its forms answer, holds no English."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings

from tests.retailvision.languages.reading import english_words, misplaced_numbers, words
from tests.retailvision.role_matrix import admin_rows, page_rows
from tests.retailvision.role_matrix.table import Row
from tests.retailvision.role_matrix.world import World, build_world

ROWS = [*page_rows.ROWS, *admin_rows.ROWS]
# Names, formats, keys and words of files, which Russian takes over as they are.
_NAMES = words("""
acme api audit auroc avif cdn clip command control cookie csv dct ean en english enter erp escape etag exif false
fr gif gtin heic html id ip jpeg json kl ldap mac map md mo never no null object on openstreetmap pdf png pixel recognise retailvision roc ru
russian sha sing single sku sne source svg true tsv upc url utf webhook webp xlsx xml zip
""")
# What the shop of the tests is made of.
_GOODS = words("""
all analyst asked back boss by clerk editor empty far goods home in lamp lamps made matrix new nightly note of other own
partner plain reason renamed seen shop small so somebody spare the things user
""")
# Rows that a retailer renames: roles.
_ROLES = words("catalogue clerk store")
ALLOWED = _NAMES | _GOODS | _ROLES


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
def _own_media(settings: Any, tmp_path: Path, world: World) -> None:
    """The photos are the shop's, which outlives a test."""
    settings.MEDIA_ROOT = world.media
    settings.QUERY_PHOTO_DIR = world.media / "queries"
    settings.IMPORT_DIR = tmp_path / "imports"


def answer(world: World, row: Row) -> Any:
    """What a superuser reads in Russian, once a form has been sent and led on."""
    place = world.places["own"]
    client = world.client("superuser")
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "ru"
    if row.data is None:
        return client.get(row.url(world, place), follow=True)
    return client.post(row.url(world, place), row.data(world, place), follow=True)


# Why an encoder cannot be had is for whoever runs the machine, and English (docs/reference/languages.md).
_ENGLISH = {"POST admin:recognition_encoder_begin"}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.id not in _ENGLISH], ids=lambda row: row.id
)
def test_no_english(world: World, row: Row) -> None:
    with transaction.atomic():
        response = answer(world, row)
        html = "" if response.streaming else response.content.decode(errors="replace")
        transaction.set_rollback(True)
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    assert english_words(html, ALLOWED) == {}
    assert misplaced_numbers(html) == []
