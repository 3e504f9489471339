"""Two photos are decoded at once and a few wait, so that those who send large ones do not hold all threads."""

import queue
from contextlib import ExitStack
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from products import decoding
from products.decoding import DecodingBusy, room_to_decode
from tests.pictures import phone_photo

SENT = 7


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch):
    """Two decode and as many wait as may; `close()` ends it. Nobody is refused for the time."""
    monkeypatch.setattr(decoding, "_MOST_SECONDS_WAITING", 60)
    answers: queue.Queue[str] = queue.Queue()

    def decode() -> None:
        try:
            with room_to_decode():
                answers.put("decoded")
        except DecodingBusy:
            answers.put("busy")

    with ExitStack() as stack:
        stack.enter_context(room_to_decode())
        stack.enter_context(room_to_decode())
        threads = [Thread(target=decode) for _ in range(SENT)]
        for thread in threads:
            thread.start()
        yield stack, answers
    for thread in threads:
        thread.join()


def test_a_few_wait_and_the_others_are_told_at_once(full) -> None:
    stack, answers = full
    first = [answers.get(timeout=20) for _ in range(SENT - 3)]
    assert first == ["busy"] * (SENT - 3)
    assert answers.empty()
    stack.close()
    assert [answers.get(timeout=20) for _ in range(3)] == ["decoded"] * 3
    with room_to_decode(), room_to_decode():
        pass  # nobody has kept a place


@pytest.mark.django_db
def test_the_page_and_the_api_say_when_to_come_back(full, encoder, client: Client) -> None:
    _stack, answers = full
    for _ in range(SENT - 3):
        answers.get(timeout=20)  # the others wait now
    client.raise_request_exception = False
    for url, name in (("/", "photo"), (reverse("v1:search"), "image")):
        photo = SimpleUploadedFile("a.jpg", phone_photo(1), "image/jpeg")
        answer = client.post(url, {name: photo})
        assert answer.status_code == 503, url
        assert int(answer["Retry-After"]) > 0
