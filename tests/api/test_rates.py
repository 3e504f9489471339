"""Rates: as many as are allowed and not one more, however many processes count."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client

from accounts.roles import PARTNER
from api.models import SpentRate
from api.rates import Rate, forget_paid, parse_rate, spend
from api.scopes import Scope
from recognition.models import Encoder
from tests.api.programs import error, program
from tests.factories import person
from tests.pictures import phone_photo
from tests.stores.races import session


@pytest.mark.parametrize(
    ("text", "rate"),
    [("120/min", Rate(120, 60)), ("5/s", Rate(5, 1)), ("3/h", Rate(3, 3600)), ("1/d", Rate(1, 86400))],
)  # fmt: skip
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.django_db
def test_as_many_as_allowed_and_then_a_wait() -> None:
    rate = Rate(5, 3600)
    assert [spend("a", rate).left for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = spend("a", rate)
    assert not refused.allowed
    assert 700 < refused.wait <= 720
    assert spend("b", rate).allowed


@pytest.mark.django_db
def test_what_was_spent_comes_back_evenly() -> None:
    rate = Rate(10, 1)
    while spend("a", rate).allowed:
        pass
    time.sleep(0.25)
    again = [spend("a", rate).allowed for _ in range(6)]
    assert 2 <= sum(again) <= 4
    assert again[:2] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_threads_with_their_own_connections_count_together() -> None:
    def one(_n: int) -> bool:
        try:
            return spend("a", Rate(50, 86400)).allowed
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(120))) == 50


@pytest.mark.django_db
def test_each_key_and_each_scope_has_its_own(settings) -> None:
    settings.API_RATES = {**settings.API_RATES, Scope.STOCK_READ: "2/h", Scope.STOCK_WRITE: "1/h"}
    user = person(PARTNER)
    one, other = program(user), program(user)
    assert [one.get("stock/").status_code for _ in range(3)] == [200, 200, 429]
    assert other.get("stock/").status_code == 200
    assert one.post("movements/", {}).status_code == 400
    refused = one.post("movements/", {})
    assert error(refused) == (429, "throttled", None)
    assert 0 < int(refused["Retry-After"]) <= 3600


@pytest.mark.django_db
def test_without_a_key_the_address_counts(settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "1/h"}
    near, far = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    words = {"text": "lamp"}
    assert near.post("/api/v1/search/", words).status_code == 200
    assert near.post("/api/v1/search/", words).status_code == 429
    assert far.post("/api/v1/search/", words).status_code == 200
    # Nobody gets more by inventing addresses.
    forged = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "10.9.9.9"})
    assert forged.post("/api/v1/search/", words).status_code == 429


@pytest.mark.django_db
def test_who_owes_nothing_is_forgotten() -> None:
    spend("a", Rate(5, 1))
    assert forget_paid() == 0
    SpentRate.objects.update(paid_at="2020-01-01T00:00:00Z")
    assert forget_paid() == 1


@pytest.mark.django_db
def test_the_table_is_not_logged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'api_spentrate'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_one_subscriber_is_one_caller(settings, one: str, other: str, same: bool) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "1/h"}
    words = {"text": "lamp"}
    assert Client(REMOTE_ADDR=one).post("/api/v1/search/", words).status_code == 200
    again = Client(REMOTE_ADDR=other).post("/api/v1/search/", words)
    assert again.status_code == (429 if same else 200)


@pytest.mark.django_db(transaction=True)
def test_a_call_at_work_keeps_no_other_of_its_caller_waiting(encoder: Encoder, monkeypatch) -> None:
    """What a call counts for is written before its transaction, which may last."""
    one = program(person(PARTNER))
    seen = []

    def slow(*args, **kwargs):
        with session() as other:
            seen.append(other.execute("SELECT 1 FROM api_spentrate FOR UPDATE NOWAIT").fetchall())
        return []

    monkeypatch.setattr("recognition.api.seeing.answer_and_record_each", slow)
    monkeypatch.setattr("recognition.api.seeing.answers_as_data", lambda *_answers, **_how: [{}])
    photos = [SimpleUploadedFile(f"{n}.jpg", phone_photo(n)) for n in range(2)]
    answer = one.client.post(
        "/api/v1/recognise/", {"images": photos}, headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 200, answer.content
    assert len(seen[0]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_refused_call_counts_for_all_of_its_photos(encoder: Encoder, settings) -> None:
    settings.API_RATES = {**settings.API_RATES, Scope.RECOGNISE: "10/h"}
    one = program(person(PARTNER))
    for key, status in (("a", 400), ("b", 429)):
        photos = [SimpleUploadedFile(f"{n}.jpg", b"no photo") for n in range(6)]
        answer = one.client.post(
            "/api/v1/recognise/", {"images": photos}, headers={"Idempotency-Key": key}
        )
        assert answer.status_code == status
