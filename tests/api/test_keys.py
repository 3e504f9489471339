"""Keys: a hash alone is stored; revoked, expired and unknown ones open nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.roles import PARTNER
from api.models import ApiKey
from api.scopes import Scope
from tests.api.programs import Program, error, key_of, program
from tests.factories import person

pytestmark = pytest.mark.django_db


def test_a_key_says_whose_it_is() -> None:
    user = person(PARTNER, username="acme")
    _key, secret = key_of(user, [Scope.STOCK_READ], name="ERP")
    assert secret.startswith("rv_")
    assert Program(secret).get("whoami/").json() == {
        "user": "acme",
        "key": {
            "name": "ERP", "begins_with": secret[:15], "scopes": ["stock:read"], "expires_at": None,
        },
    }  # fmt: skip


def test_the_key_itself_is_stored_nowhere() -> None:
    _key, secret = key_of(person(PARTNER))
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_apikey::text FROM api_apikey")
        (row,) = cursor.fetchone()
    assert secret not in row
    assert secret[15:] not in row


@pytest.mark.parametrize(
    "header",
    ["Bearer rv_nonsense", "Bearer ", "Bearer", "Bearer a b", "Bearer \xe9", "Bearer " + "x" * 5000],
)  # fmt: skip
def test_what_is_no_key_is_a_401_that_says_how(header: str) -> None:
    for path in ("whoami/", "search/"):  # also where no key is needed
        answer = Client(headers={"Authorization": header}).post(f"/api/v1/{path}")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["type"] == "client_error"


def test_one_letter_off_is_no_key() -> None:
    _key, secret = key_of(person(PARTNER))
    wrong = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert Program(wrong).get("whoami/").status_code == 401


def test_a_revoked_key_opens_nothing_at_once_and_for_good() -> None:
    key, secret = key_of(person(PARTNER))
    assert Program(secret).get("whoami/").status_code == 200
    key.revoke()
    first = key.revoked_at
    key.revoke()
    assert key.revoked_at == first
    assert Program(secret).get("whoami/").status_code == 401
    assert not key.is_valid


def test_an_expired_key_opens_nothing_and_stays_to_be_seen() -> None:
    key, secret = key_of(person(PARTNER), expires_at=timezone.now() + timedelta(hours=1))
    assert Program(secret).get("whoami/").status_code == 200
    ApiKey.objects.update(expiry=timezone.now())
    assert Program(secret).get("whoami/").status_code == 401
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_the_key_of_somebody_who_left_opens_nothing() -> None:
    user = person(PARTNER)
    _key, secret = key_of(user)
    user.is_active = False
    user.save()
    assert Program(secret).get("whoami/").status_code == 401


def test_last_used_is_kept_to_the_minute() -> None:
    key, secret = key_of(person(PARTNER))
    Program(secret).get("whoami/")
    key.refresh_from_db()
    first = key.last_used_at
    assert timezone.now() - first < timedelta(seconds=60)
    Program(secret).get("whoami/")
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    Program(secret).get("whoami/")
    key.refresh_from_db()
    assert key.last_used_at > first


@pytest.mark.parametrize("scopes", [[], ["everything"], ["stock:read", "all"]])
def test_the_database_takes_known_scopes_only(scopes: list[str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        key_of(person(PARTNER), scopes)


def test_a_scope_only_narrows() -> None:
    user = person(PARTNER)
    reader = program(user, [Scope.STOCK_READ])
    assert reader.get("stock/").status_code == 200
    refused = reader.post("movements/", {})
    assert error(refused) == (403, "scope_missing", None)
    assert "stock:write" in refused.json()["errors"][0]["detail"]
    # The person may not adjust, whatever the key says.
    writer = program(user, [Scope.STOCK_WRITE])
    assert error(writer.get("stock/")) == (403, "scope_missing", None)
    answer = writer.post("movements/", {"kind": "receive"})
    assert answer.status_code == 400  # as far as the fields
    assert program(person(PARTNER), [Scope.CATALOGUE_READ]).get("stock/").status_code == 403


def test_a_key_needs_no_token_against_forged_requests() -> None:
    _key, secret = key_of(person(PARTNER))
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})
    assert strict.post("/api/v1/movements/", {}).status_code == 400
