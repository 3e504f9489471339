"""Up to sixteen photos in one call: an answer for each, all of them or none."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from recognition import query_photos
from recognition.embedding import embed_pending
from recognition.loaded import encoder_for
from recognition.models import Encoder, Sighting
from tests.api.programs import program
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db
SEARCH, RECOGNISE = "/api/v1/search/", "/api/v1/recognise/"
BOTH = pytest.mark.parametrize("url", [SEARCH, RECOGNISE])
Ask = Callable[..., Any]


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(6):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand="Nord"))
    embed_pending(encoder)
    return encoder


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", data, "image/jpeg")


@pytest.fixture
def ask(client: Client) -> Ask:
    client.raise_request_exception = False

    def post(url: str, photos: list[bytes], **fields: Any) -> Any:
        return client.post(url, {"images": [upload(each) for each in photos], **fields})

    return post


def errors(answer: Any) -> list[tuple[str, str | None]]:
    body = answer.json()
    assert set(body) == {"type", "errors"}
    assert all(set(each) == {"code", "detail", "attr"} for each in body["errors"])
    return [(each["code"], each["attr"]) for each in body["errors"]]


@BOTH
def test_each_photo_has_its_answer_in_order_and_its_sighting(shop, ask: Ask, url: str) -> None:
    answer = ask(url, [phone_photo(seed) for seed in (3, 0, 4)], limit=2)
    assert answer.status_code == 200
    assert set(answer.json()) == {"answers"}
    answers = answer.json()["answers"]
    assert [each["results"][0]["product"]["sku"] for each in answers] == ["P3", "P0", "P4"]
    assert all(len(each["results"]) == 2 for each in answers)
    tokens = [each["sighting"] for each in answers]
    kept = {each.token: each for each in Sighting.objects.select_related("best_product")}
    assert [kept[token].best_product.sku for token in tokens] == ["P3", "P0", "P4"]
    assert len(kept) == 3


@BOTH
def test_an_answer_is_the_one_that_the_photo_has_alone(shop, ask: Ask, client, url: str) -> None:
    several = ask(url, [phone_photo(1), phone_photo(2)]).json()["answers"]
    alone = client.post(url, {"image": upload(phone_photo(2))}).json()
    for each in (several[1], alone):
        each.pop("sighting")
    assert several[1] == alone


def test_one_photo_of_images_is_a_list_of_one_and_may_have_a_box(shop, ask: Ask) -> None:
    answer = ask(SEARCH, [phone_photo(1)], box="0.05,0.05,0.9,0.9").json()
    assert [each["results"][0]["product"]["sku"] for each in answer["answers"]] == ["P1"]


def test_filters_words_and_stock_hold_for_all_of_them(shop, ask: Ask) -> None:
    answer = ask(
        SEARCH, [phone_photo(1), phone_photo(2)], brand="nord", text="lamp", include="stock"
    ).json()["answers"]
    for each in answer:
        assert len(each["results"]) == 6
        assert all(result["stock"] is None for result in each["results"])  # no stores are kept
    none = ask(SEARCH, [phone_photo(1), phone_photo(2)], brand="other").json()["answers"]
    assert [each["results"] for each in none] == [[], []]


@BOTH
@pytest.mark.parametrize(
    "bad", [b"", b"no photo at all " * 9, phone_photo(1, 400)[:3000], b"\0" * (20 * 2**20 + 1)]
)
def test_one_bad_photo_refuses_them_all_and_is_named(shop, ask: Ask, url: str, bad) -> None:
    answer = ask(url, [phone_photo(1), phone_photo(2), phone_photo(3), bad])
    assert answer.status_code == 400
    assert [attr for _code, attr in errors(answer)] == ["images.3"]
    assert errors(answer)[0][0] in {"empty", "not_an_image", "truncated", "too_large"}
    assert not Sighting.objects.exists()


@BOTH
def test_seventeen_are_refused_before_any_is_decoded(shop, ask: Ask, url: str, monkeypatch) -> None:
    monkeypatch.setattr(query_photos, "read_query_photo", lambda _data: pytest.fail("decoded"))
    answer = ask(url, [phone_photo(1)] * 17)
    assert (answer.status_code, errors(answer)) == (400, [("max_length", "images")])


@BOTH
def test_sixteen_are_encoded_in_one_pass(shop, ask: Ask, url: str, monkeypatch) -> None:
    sizes = []
    encoder = encoder_for(shop.key)
    plain = encoder.encode_images

    def encode_images(images: Any) -> Any:
        sizes.append(len(images))
        return plain(images)

    monkeypatch.setattr(encoder, "encode_images", encode_images)
    answer = ask(url, [phone_photo(n % 6) for n in range(16)], limit=1)
    assert answer.status_code == 200
    assert sizes == [16]
    found = [each["results"][0]["product"]["sku"] for each in answer.json()["answers"]]
    assert found == [f"P{n % 6}" for n in range(16)]


BAD = [
    ({"image": True}, [("image_and_images", "images")]),
    ({"box": "0,0,1,1"}, [("box_with_several", "box")]),
    ({"box": "nan,0,1,1"}, [("box", "box")]),
    ({"limit": "0"}, [("min_value", "limit")]),
    ({"limit": ["1", "2"]}, [("sent_twice", "limit")]),
    ({"include": "everything"}, [("unknown", "include")]),
    ({"photos_of_one": "perhaps"}, [("invalid", "photos_of_one")]),
]


@BOTH
@pytest.mark.parametrize(("fields", "expected"), BAD)
def test_bad_fields_are_named(shop, ask: Ask, url: str, fields, expected) -> None:
    sent = {**fields, **({"image": upload(phone_photo(3))} if "image" in fields else {})}
    answer = ask(url, [phone_photo(1), phone_photo(2)], **sent)
    assert (answer.status_code, errors(answer)) == (400, expected)
    assert not Sighting.objects.exists()


@BOTH
def test_a_second_image_is_not_lost_in_silence(shop, client: Client, url: str) -> None:
    answer = client.post(url, {"image": [upload(phone_photo(1)), upload(phone_photo(2))]})
    assert (answer.status_code, errors(answer)) == (400, [("sent_twice", "image")])


@BOTH
def test_no_photo_at_all(shop, client: Client, url: str) -> None:
    as_json = {"content_type": "application/json"}
    nothing = ("nothing_to_search", "non_field_errors") if url == SEARCH else ("required", "image")
    assert errors(client.post(url, {})) == [nothing]
    assert errors(client.post(url, {"images": []}, **as_json)) == [("empty", "images")]
    assert errors(client.post(url, {"images": ["x"]}, **as_json)) == [("invalid", "images.0")]
    assert errors(client.post(url, {"images": "x"}, **as_json)) == [("not_a_list", "images")]
    assert errors(client.post(url, {"images": ["x", "y"]})) == [
        ("invalid", "images.0"),
        ("invalid", "images.1"),
    ]


@BOTH
@pytest.mark.parametrize("body", ["7", "[]", "null", '"images"', '{"images": {}}', '{"images": 7}'])
def test_json_that_is_no_query(shop, client: Client, url: str, body: str) -> None:
    client.raise_request_exception = False
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 400
    errors(answer)


@BOTH
def test_each_photo_counts_for_the_rate(shop, ask: Ask, client, settings, url: str) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "5/min"}
    assert ask(url, [phone_photo(1)] * 3).status_code == 200
    refused = ask(url, [phone_photo(1)] * 3)
    assert (refused.status_code, errors(refused)) == (429, [("throttled", None)])
    assert int(refused["Retry-After"]) > 0
    # What was refused had cost its one call when it came; one is left of five.
    assert client.post(url, {"image": upload(phone_photo(1))}).status_code == 200
    assert client.post(url, {"image": upload(phone_photo(1))}).status_code == 429


def test_a_call_of_more_than_the_rate_can_be_made_at_all(shop, ask: Ask, settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "2/min"}
    assert ask(SEARCH, [phone_photo(1)] * 4).status_code == 200
    assert ask(SEARCH, [phone_photo(1)]).status_code == 429


@BOTH
def test_a_repeat_by_its_key_has_the_same_answers(shop, url: str) -> None:
    client = program().client
    first, second = (
        client.post(
            url,
            {"images": [upload(phone_photo(1)), upload(phone_photo(2))]},
            headers={"Idempotency-Key": "k"},
        )
        for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Sighting.objects.count() == 2


def test_while_others_read_several_photos_it_is_busy(shop, ask: Ask, client, monkeypatch) -> None:
    monkeypatch.setattr(query_photos, "_SECONDS_FOR_SEVERAL", 0.01)
    with query_photos.room_for_several(), query_photos.room_for_several():
        answer = ask(SEARCH, [phone_photo(1), phone_photo(2)])
        assert (answer.status_code, errors(answer)) == (503, [("busy", None)])
        assert client.post(SEARCH, {"image": upload(phone_photo(1))}).status_code == 200
    assert ask(SEARCH, [phone_photo(1), phone_photo(2)]).status_code == 200


def test_sixteen_large_photos_are_not_held_whole(db) -> None:
    data = io.BytesIO()
    Image.new("RGB", (16_000, 2_390), "white").save(data, "PNG")
    photo = query_photos.read_one_of_several(upload(data.getvalue()))
    assert photo.width * photo.height <= query_photos._MOST_PIXELS_OF_SEVERAL
    phone = io.BytesIO()
    Image.new("RGB", (3024, 4032), "white").save(phone, "JPEG")
    assert query_photos.read_one_of_several(upload(phone.getvalue())).size == (1512, 2016)


# --- how large a request may be ---


def test_several_photos_may_be_larger_together_than_one(shop, ask: Ask, settings) -> None:
    settings.REQUEST_MAX_BYTES = 60_000
    photos = [phone_photo(n, 400) + b"\0" * 30_000 for n in range(3)]
    assert ask(SEARCH, photos).status_code == 200


@BOTH
def test_all_of_them_have_a_limit_too(shop, ask: Ask, settings, url: str) -> None:
    settings.SEARCH_MAX_REQUEST_BYTES = 2 * 2**20
    answer = ask(url, [b"\0" * 2**20] * 2)
    assert (answer.status_code, errors(answer)) == (413, [("request_too_large", None)])
    assert "all photos of a call together 2 MB" in answer.json()["errors"][0]["detail"]


@BOTH
def test_one_photo_is_held_to_the_limit_of_one(shop, client: Client, settings, url: str) -> None:
    settings.REQUEST_MAX_BYTES = 10_000
    client.raise_request_exception = False
    answer = client.post(url, {"image": upload(b"\0" * 20_000)})
    assert (answer.status_code, errors(answer)) == (413, [("request_too_large", None)])
