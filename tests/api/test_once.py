"""A call with an idempotency key is done once and answered the same; in parallel, too."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.roles import PARTNER
from api.models import FinishedCall
from api.tasks import forget_finished_calls
from products.models import Category, Product
from recognition.models import Encoder, Sighting
from stores.models import StockLevel, StockMovement, StockOperation
from tests.api.programs import Program, error, key_of, program
from tests.factories import ProductFactory, StaffFactory, StoreFactory, person, with_photo
from tests.pictures import phone_photo, product_photo


@pytest.fixture
def partner(transactional_db: None) -> Program:
    store = StoreFactory(code="MAIN")
    ProductFactory(sku="A")
    return program(person(PARTNER, store))


BOOKING = {"kind": "receive", "store": "MAIN", "lines": [{"sku": "A", "quantity": 3}]}


def test_200_parallel_repeats_of_one_movement_are_one_movement(partner: Program) -> None:
    def send(_n: int) -> tuple[int, int]:
        try:
            answer = partner.post("movements/", BOOKING, **{"Idempotency-Key": "delivery-1"})
            return answer.status_code, answer.json()["operation"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(200)))
    assert {status for status, _operation in answers} <= {200, 201}
    assert len({operation for _status, operation in answers}) == 1
    assert StockOperation.objects.count() == StockMovement.objects.count() == 1
    assert StockLevel.objects.get().quantity == 3


def test_parallel_repeats_of_a_search_are_one_sighting(
    transactional_db: None, encoder: Encoder
) -> None:
    with_photo(1)
    _key, secret = key_of(person(PARTNER))
    photo = phone_photo(1)

    def send(_n: int) -> dict:
        try:
            client = Client(headers={"Authorization": f"Bearer {secret}"})
            image = SimpleUploadedFile("a.jpg", photo, "image/jpeg")
            answer = client.post(
                "/api/v1/recognise/", {"image": image}, headers={"Idempotency-Key": "photo-1"}
            )
            assert answer.status_code == 200, answer.content
            return answer.json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert Sighting.objects.count() == 1


def test_another_body_or_address_under_the_same_key_is_refused(partner: Program) -> None:
    key = {"Idempotency-Key": "k"}
    assert partner.post("movements/", BOOKING, **key).status_code == 201
    more = {**BOOKING, "lines": [{"sku": "A", "quantity": 4}]}
    assert error(partner.post("movements/", more, **key)) == (409, "idempotency_key_reused", None)
    other = partner.post("stocktakes/", BOOKING, **key)
    assert error(other)[0] in {403, 409}
    assert StockLevel.objects.get().quantity == 3


def test_the_order_of_names_does_not_make_another_request(partner: Program) -> None:
    key = {"Idempotency-Key": "k"}
    first = partner.post("movements/", BOOKING, **key)
    again = partner.post("movements/", dict(reversed(BOOKING.items())), **key)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def test_each_caller_has_keys_of_their_own(partner: Program) -> None:
    key = {"Idempotency-Key": "k"}
    assert partner.post("movements/", BOOKING, **key).status_code == 201
    from stores.models import Store

    other = program(person(PARTNER, Store.objects.get()))
    assert other.post("movements/", BOOKING, **key).status_code == 201
    assert StockLevel.objects.get().quantity == 6


def test_a_refused_call_leaves_its_key_free(partner: Program) -> None:
    key = {"Idempotency-Key": "k"}
    wrong = {**BOOKING, "store": "NONE"}
    assert error(partner.post("movements/", wrong, **key)) == (400, "does_not_exist", "store")
    assert not FinishedCall.objects.exists()
    assert partner.post("movements/", BOOKING, **key).status_code == 201


def test_a_renewed_key_of_the_same_person_repeats_the_call(transactional_db: None) -> None:
    ProductFactory(sku="A")
    user = person(PARTNER, StoreFactory(code="MAIN"))
    first, renewed = program(user), program(user)
    key = {"Idempotency-Key": "k"}
    made = first.post("movements/", BOOKING, **key)
    assert renewed.post("movements/", BOOKING, **key).json() == made.json()


@pytest.mark.parametrize("bad", ["k" * 201, "\x7f", "é".encode().decode("latin-1")])
def test_a_key_that_is_none_is_a_400(partner: Program, bad: str) -> None:
    answer = partner.post("movements/", BOOKING, **{"Idempotency-Key": bad})
    assert error(answer)[::2] == (400, "Idempotency-Key")


def test_kept_answers_are_forgotten_in_time(partner: Program, settings) -> None:
    partner.post("movements/", BOOKING, **{"Idempotency-Key": "k"})
    assert forget_finished_calls() == 0
    old = timezone.now() - timezone.timedelta(hours=settings.IDEMPOTENCY_KEEP_HOURS + 1)
    FinishedCall.objects.update(created_at=old)
    assert forget_finished_calls() == 1


def test_the_answer_is_kept_word_for_word(partner: Program) -> None:
    first = partner.post("movements/", BOOKING, **{"Idempotency-Key": "k"})
    assert json.loads(FinishedCall.objects.get().body) == first.json()
    again = partner.post("movements/", BOOKING, **{"Idempotency-Key": "k"})
    assert again.content == first.content


def test_neighbours_behind_one_address_never_get_each_others_answers(
    transactional_db: None, encoder: Encoder
) -> None:
    with_photo(1)
    answers = [
        Client().post(
            "/api/v1/recognise/",
            {"image": SimpleUploadedFile("a.jpg", phone_photo(1))},
            headers={"Idempotency-Key": "photo"},
        ).json()
        for _ in range(2)
    ]  # fmt: skip
    assert answers[0]["sighting"] != answers[1]["sighting"]
    assert not FinishedCall.objects.exists()


def test_files_of_a_call_that_is_taken_back_go_with_it(
    transactional_db: None, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the answer cannot be written after the work was done."""
    monkeypatch.setattr("api.once._keep", lambda *_row_and_response: 1 / 0)
    user = StaffFactory()
    Category.objects.at_path("Lamps")
    client = Client(headers={"Authorization": f"Bearer {key_of(user)[1]}"})
    client.raise_request_exception = False
    photo = SimpleUploadedFile("a.png", product_photo(1))
    answer = client.post(
        "/api/v1/products/",
        {"sku": "A", "name": "Lamp", "category": "Lamps", "photos": photo},
        headers={"Idempotency-Key": "k"},
    )
    assert answer.status_code == 500
    assert not Product.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
