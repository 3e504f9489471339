"""Users and groups in the admin."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "plum-cart-lamp-7"


def test_the_user_model_is_our_own() -> None:
    assert settings.AUTH_USER_MODEL == "accounts.User"
    assert get_user_model() is User


def test_a_name_stands_once() -> None:
    User.objects.create_user("ann")
    with pytest.raises(IntegrityError, match="username"):
        User.objects.create_user("ann")


def test_a_user_is_added_with_a_password_that_is_not_kept(admin_client: Client) -> None:
    answer = admin_client.post(
        reverse("admin:accounts_user_add"),
        {
            "username": "ann",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert answer.status_code == 302
    user = User.objects.get(username="ann")
    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password
    assert not user.is_staff


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short1!", "This password is too short."),
        ("password1", "This password is too common."),
        ("83649274618", "This password is entirely numeric."),
        ("annemarie-k", "The password is too similar to the username."),
    ],
)
def test_a_weak_password_is_refused(admin_client: Client, password: str, message: str) -> None:
    answer = admin_client.post(
        reverse("admin:accounts_user_add"),
        {
            "username": "annemarie-k",
            "usable_password": "true",
            "password1": password,
            "password2": password,
        },
    )
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not User.objects.filter(username="annemarie-k").exists()


def test_a_password_is_changed(admin_client: Client) -> None:
    user = User.objects.create_user("ann", password="old-secret-12")
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    assert admin_client.get(url).status_code == 200
    answer = admin_client.post(
        url, {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_user_gets_the_rights_of_a_group(admin_client: Client) -> None:
    from django.contrib.auth.models import Permission

    right = Permission.objects.get(codename="change_product")
    url = reverse("admin:auth_group_add")
    assert (
        admin_client.post(url, {"name": "Catalogue", "permissions": [right.pk]}).status_code == 302
    )
    user = User.objects.create_user("ann", is_staff=True)
    user.groups.add(Group.objects.get(name="Catalogue"))
    user = User.objects.get(pk=user.pk)
    assert user.has_perm("products.change_product")
    assert not user.has_perm("products.delete_product")
