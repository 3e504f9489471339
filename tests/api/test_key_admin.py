"""Keys in the admin: shown once, narrowed, revoked; nobody hands out more than they have."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import CATALOGUE_EDITOR, PARTNER, STORE_CLERK
from api.models import ApiKey
from tests.api.programs import Program, key_of
from tests.factories import StaffFactory, StoreFactory, person

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:api_apikey_changelist"), reverse("admin:api_apikey_add")


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(StaffFactory(username="boss"))
    return client


def form(owner, **more):
    return {"user": owner.pk, "name": "ERP", "scopes": ["stock:read"], **more}


def page_of(key: ApiKey) -> str:
    return reverse("admin:api_apikey_change", args=[key.pk])


def test_a_new_key_is_shown_once_and_works(boss: Client) -> None:
    answer = boss.post(ADD, form(person(PARTNER, username="acme")))
    secret = answer.context["secret"]
    assert answer.status_code == 200
    assert f">{secret}</textarea>" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert Program(secret).get("whoami/").json()["key"]["scopes"] == ["stock:read"]
    key = ApiKey.objects.get()
    assert (key.created_by.username, key.name) == ("boss", "ERP")
    for url in (LIST, page_of(key)):
        shown = boss.get(url).content.decode()
        assert secret[:15] in shown
        assert secret not in shown
        assert key.digest not in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"name": " "}, "name"),
     ({"expiry_0": "2020-01-01", "expiry_1": "00:00"}, "expiry"), ({"user": ""}, "user")],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_field(boss: Client, wrong, field: str) -> None:
    answer = boss.post(ADD, form(person(PARTNER), **wrong))
    assert answer.status_code == 200
    assert (
        field in answer.context["errors"].data or field in answer.context["adminform"].form.errors
    )
    assert not ApiKey.objects.exists()


def test_a_key_is_narrowed_and_given_an_end(boss: Client) -> None:
    user = person(PARTNER)
    key, _secret = key_of(user)
    tomorrow = timezone.now() + timedelta(days=1)
    data = form(user, expiry_0=f"{tomorrow:%Y-%m-%d}", expiry_1="12:00")
    assert boss.post(page_of(key), data).status_code == 302
    key.refresh_from_db()
    assert key.scopes == ["stock:read"]
    assert key.expiry is not None


def test_revoking_is_for_good(boss: Client) -> None:
    user = person(PARTNER)
    key, secret = key_of(user)
    boss.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})
    assert Program(secret).get("whoami/").status_code == 401
    boss.post(page_of(key), form(user, name="Again"))
    key.refresh_from_db()
    assert (key.name, key.revoked_at is None) == ("Nightly", False)
    counts = [
        boss.get(LIST, {"state": state}).context["cl"].result_count
        for state in ("valid", "expired", "revoked")
    ]
    assert counts == [0, 0, 1]


def test_nobody_but_a_superuser_gives_keys_of_others(client: Client) -> None:
    giver = person(STORE_CLERK)
    for name in ("view", "add", "change"):
        giver.user_permissions.add(Permission.objects.get(codename=f"{name}_apikey"))
    giver.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(giver)
    for user in (StaffFactory(), person(CATALOGUE_EDITOR), person(STORE_CLERK, StoreFactory())):
        answer = client.post(ADD, form(user))
        assert "only a superuser" in answer.content.decode()
        key, secret = key_of(user)
        assert client.post(page_of(key), form(user, scopes=["recognise"])).status_code == 403
        client.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})
        assert Program(secret).get("whoami/").status_code == 200
    assert ApiKey.objects.count() == 3
    assert client.post(ADD, form(giver)).context["secret"].startswith("rv_")


def test_keys_are_not_deleted_but_go_with_their_person(boss: Client) -> None:
    user = person(PARTNER)
    key, _secret = key_of(user)
    assert (
        boss.post(reverse("admin:api_apikey_delete", args=[key.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert ApiKey.objects.exists()
    boss.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
    assert not ApiKey.objects.exists()


def test_ten_keys_and_a_hundred_cost_the_same(boss: Client, django_assert_max_num_queries) -> None:
    user = person(PARTNER)
    for _n in range(10):
        key_of(user)
    boss.get(LIST)
    with django_assert_max_num_queries(12):
        boss.get(LIST)
    for _n in range(80):
        key_of(user)
    with django_assert_max_num_queries(12):
        boss.get(LIST)
