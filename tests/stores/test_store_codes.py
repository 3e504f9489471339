"""A store's code is read from a label and typed: capitals do not tell two stores apart."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from stores.models import Store
from stores.stock_import import import_stock
from tests.factories import ProductFactory, StaffFactory, StoreFactory

pytestmark = pytest.mark.django_db

MIGRATION: Any = importlib.import_module("stores.migrations.0002_store_codes_in_any_case")
TAKEN = "Another store has this code"


def save(client: Client, url: str, code: str) -> Any:
    return client.post(url, {"code": code, "name": "Mill", "is_active": "on"})


def test_the_database_holds_it() -> None:
    StoreFactory(code="mill")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoreFactory(code="MILL")


def test_the_form_says_it_at_the_field(admin_client: Client) -> None:
    store, other = StoreFactory(code="mill"), StoreFactory(code="town")
    answer = save(admin_client, reverse("admin:stores_store_add"), "Mill")
    assert TAKEN in str(answer.context["adminform"].form.errors["code"])
    answer = save(admin_client, reverse("admin:stores_store_change", args=[other.pk]), "MILL")
    assert TAKEN in str(answer.context["adminform"].form.errors["code"])
    assert Store.objects.count() == 2
    answer = save(admin_client, reverse("admin:stores_store_change", args=[store.pk]), "MILL")
    assert answer.status_code == 302  # its own
    store.refresh_from_db()
    assert store.code == "MILL"


def test_an_import_names_the_code_that_was_meant() -> None:
    StoreFactory(code="MILL")
    ProductFactory(sku="A-1")
    rows = [
        (2, {"store": "mill", "sku": "A-1", "quantity": "3"}),
        (3, {"store": "town", "sku": "A-1", "quantity": "3"}),
    ]
    *_before, report = import_stock(rows, actor=StaffFactory(), file_name="stock.csv")
    assert [(each["line"], "“MILL”" in each["error"]) for each in report.failed] == [
        (2, True), (3, False),
    ]  # fmt: skip


def migrate() -> None:
    with connection.schema_editor() as editor:
        MIGRATION.refuse_codes_that_capitals_tell_apart(apps, editor)


def test_the_migration_names_stores_that_have_such_codes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX store_code_unique_in_any_case")
    migrate()
    StoreFactory(code="town")
    stores = [StoreFactory(code=code) for code in ("mill", "Mill")]
    with pytest.raises(CommandError) as caught:
        migrate()
    for store in stores:
        assert f"“{store.code}” (id {store.pk}" in str(caught.value)
    assert "town" not in str(caught.value)
