"""The groups of a shop's people: what they hold, and that a retailer's changes of them stay."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import (
    ANALYST,
    CATALOGUE_EDITOR,
    PARTNER,
    ROLES,
    STORE_CLERK,
    ensure_roles,
    remove_unused_roles,
)
from tests.factories import UserFactory, person

pytestmark = pytest.mark.django_db
OURS = ("products", "stores", "recognition")


def names(permissions) -> set[str]:
    return {f"{p.content_type.app_label}.{p.codename}" for p in permissions}


def held(role: str) -> set[str]:
    return names(Group.objects.get(name=role).permissions.select_related("content_type"))


@pytest.fixture
def roles() -> None:
    """A test without transactions empties the tables, these groups included."""
    Group.objects.filter(name__in=ROLES).delete()
    ensure_roles(apps)


def test_the_migration_makes_them_from_the_models_of_its_time() -> None:
    Group.objects.all().delete()
    Permission.objects.filter(content_type__app_label__in=OURS).delete()
    loader = MigrationExecutor(connection).loader
    ensure_roles(loader.project_state(loader.graph.leaf_nodes("recognition")).apps)
    assert {role: held(role) for role in ROLES} == {r: set(p) for r, p in ROLES.items()}


def test_every_permission_of_the_table_exists(roles: None) -> None:
    assert {role: held(role) for role in ROLES} == {r: set(p) for r, p in ROLES.items()}


def test_no_role_reaches_users_groups_or_the_machine() -> None:
    for wanted in ROLES.values():
        assert {permission.split(".")[0] for permission in wanted} <= set(OURS)


def test_the_catalogue_editor_does_everything_in_the_catalogue_and_writes_no_stock() -> None:
    all_of_products = names(Permission.objects.filter(content_type__app_label="products"))
    # Imports of the catalogue come with changing it; this reads those of other kinds too.
    assert all_of_products - {"products.view_importrun"} <= set(ROLES[CATALOGUE_EDITOR])
    stock = {p for p in ROLES[CATALOGUE_EDITOR] if p.startswith("stores.")}
    assert stock == {"stores.view_store", "stores.view_stocklevel", "stores.see_all_stores"}


def test_the_analyst_reads_all_and_writes_none() -> None:
    every_view = names(
        Permission.objects.filter(content_type__app_label__in=OURS, codename__startswith="view_")
    )
    assert set(ROLES[ANALYST]) == every_view | {"stores.see_all_stores"}


def writes_of(role: str) -> set[str]:
    return {p for p in ROLES[role] if ".view_" not in p and p != "stores.see_all_stores"}


def test_the_clerk_acts_on_stock_alone() -> None:
    assert all(p.startswith("stores.") for p in writes_of(STORE_CLERK))
    assert "stores.act_in_all_stores" not in writes_of(STORE_CLERK)
    assert "stores.see_all_stores" not in ROLES[STORE_CLERK]


def test_the_partner_writes_products_and_books() -> None:
    """What is gone is gone for everybody, so that a program deletes photos at most."""
    assert writes_of(PARTNER) == {
        "products.add_category",
        "products.add_product",
        "products.change_product",
        "products.add_productimage",
        "products.change_productimage",
        "products.delete_productimage",
        "stores.book_stock",
    }


def test_an_older_permission_goes_to_those_alone_to_whom_it_is_new(roles: None) -> None:
    for name in (CATALOGUE_EDITOR, PARTNER):
        Group.objects.get(name=name).permissions.clear()
    ensure_roles(apps, added=["products.add_product"], only=[PARTNER])
    assert (held(CATALOGUE_EDITOR), held(PARTNER)) == (set(), {"products.add_product"})


def test_making_them_again_changes_nothing_that_a_retailer_added(roles: None) -> None:
    extra = Permission.objects.get(codename="view_user")
    Group.objects.get(name=ANALYST).permissions.add(extra)
    ensure_roles(apps)
    assert held(ANALYST) == {*ROLES[ANALYST], "accounts.view_user"}


def test_a_later_migration_gives_only_what_is_new(roles: None) -> None:
    clerk = Group.objects.get(name=STORE_CLERK)
    clerk.permissions.clear()
    Group.objects.get(name=PARTNER).delete()
    ensure_roles(apps, added=["stores.count_stock"])
    assert held(STORE_CLERK) == {"stores.count_stock"}
    assert held(ANALYST) == set(ROLES[ANALYST])
    assert not Group.objects.filter(name=PARTNER).exists()


def test_what_one_role_gets_does_not_come_back_to_another(roles: None) -> None:
    for role in (ANALYST, PARTNER):
        Group.objects.get(name=role).permissions.clear()
    ensure_roles(apps, added=["recognition.view_encoder"], only=[PARTNER])
    assert (held(PARTNER), held(ANALYST)) == ({"recognition.view_encoder"}, set())


def test_the_way_back_keeps_the_groups_that_somebody_is_in(roles: None) -> None:
    person(STORE_CLERK)
    remove_unused_roles(apps)
    assert [group.name for group in Group.objects.filter(name__in=ROLES)] == [STORE_CLERK]


# --- who manages accounts ---


@pytest.fixture
def manager() -> Client:
    """Somebody whom the retailer lets manage accounts, and who is no superuser."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=["accounts", "auth"])
    )
    client = Client()
    client.force_login(user)
    return client


FORM = {
    "username": "ann", "first_name": "Ann", "is_active": "on", "date_joined_0": "2026-01-01",
    "date_joined_1": "00:00",
}  # fmt: skip


def test_a_superuser_gives_a_role(admin_client: Client, roles: None) -> None:
    role = Group.objects.get(name=STORE_CLERK)
    answer = admin_client.post(
        reverse("admin:accounts_user_add"),
        {
            "username": "ann", "usable_password": "true", "password1": "plum-cart-lamp-7",
            "password2": "plum-cart-lamp-7", "groups": [role.pk], "is_staff": "on",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    user = User.objects.get(username="ann")
    assert user.is_staff
    assert [*user.groups.all()] == [role]
    page = admin_client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert STORE_CLERK in page


def test_who_manages_accounts_hands_out_no_rights(manager: Client, roles: None) -> None:
    user = User.objects.create_user("ann")
    rights = {
        "is_staff": "on", "is_superuser": "on",
        "groups": [Group.objects.get(name=STORE_CLERK).pk],
        "user_permissions": [Permission.objects.get(codename="change_user").pk],
    }  # fmt: skip
    url = reverse("admin:accounts_user_change", args=[user.pk])
    assert manager.post(url, {**FORM, **rights}).status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Ann"
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
    new = {
        "username": "bob", "usable_password": "true", "password1": "plum-cart-lamp-7",
        "password2": "plum-cart-lamp-7",
    }  # fmt: skip
    assert manager.post(reverse("admin:accounts_user_add"), {**new, **rights}).status_code == 302
    bob = User.objects.get(username="bob")
    assert not bob.is_staff
    assert not bob.groups.exists()


def test_who_manages_accounts_does_not_touch_superusers_and_groups(
    manager: Client, roles: None
) -> None:
    boss = User.objects.create_superuser("boss", password="a long secret")
    group = Group.objects.get(name=STORE_CLERK)
    password = {
        "usable_password": "true",
        "password1": "x-9-plum-cart",
        "password2": "x-9-plum-cart",
    }
    for url, data in (
        (reverse("admin:accounts_user_change", args=[boss.pk]), {**FORM, "username": "boss"}),
        (reverse("admin:auth_user_password_change", args=[boss.pk]), password),
        (reverse("admin:accounts_user_delete", args=[boss.pk]), {"post": "yes"}),
        (reverse("admin:auth_group_add"), {"name": "Mine"}),
        (reverse("admin:auth_group_change", args=[group.pk]), {"name": "Mine"}),
        (reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}),
    ):
        assert manager.post(url, data).status_code == 403, url
    manager.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"},
    )
    boss.refresh_from_db()
    assert boss.check_password("a long secret")
    assert not Group.objects.filter(name="Mine").exists()
