"""`POST /api/v1/search/`: the answer's shape, and errors that say what to do."""

import io
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, phone_photo, product_picture

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/"


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(6):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", price="3.50", brand="Nord"))
    embed_pending(encoder)
    return encoder


@pytest.fixture
def ask(client: Client) -> Callable[..., tuple[int, dict]]:
    def post(photo: bytes | None = None, **fields: object) -> tuple[int, dict]:
        if photo is not None:
            fields["image"] = SimpleUploadedFile("photo.jpg", photo, "image/jpeg")
        response = client.post(URL, fields)
        return response.status_code, response.json()

    return post


def error(answer: tuple[int, dict]) -> tuple[int, str, str | None]:
    status, body = answer
    assert set(body) == {"type", "errors"}
    assert set(body["errors"][0]) == {"code", "detail", "attr"}
    return status, body["errors"][0]["code"], body["errors"][0]["attr"]


def test_the_answer_has_the_documented_shape(shop: Encoder, ask) -> None:
    status, body = ask(phone_photo(2), limit=3)
    assert status == 200
    assert set(body) == {
        "sighting", "encoder", "fallback", "verdict", "barcode", "text_by_names_only", "results",
    }  # fmt: skip
    assert body["encoder"] == shop.key
    assert (body["verdict"], body["fallback"]) == (None, None)
    assert body["sighting"] == Sighting.objects.get().token
    first = body["results"][0]
    assert set(first) == {"product", "distance", "matched_by", "photo"}
    assert first["product"]["sku"] == "P2"
    assert first["product"]["category"] == "Things/Small"
    assert first["product"]["price"] == "3.50"
    assert first["product"]["url"] == "http://testserver/products/P2/"
    assert 0 < first["distance"] < 0.2
    assert len(body["results"]) == 3


def test_photo_addresses_in_the_answer_lead_to_the_photos(
    shop: Encoder, ask, client: Client
) -> None:
    photo = ask(phone_photo(2), limit=1)[1]["results"][0]["photo"]
    for url in (photo["url"], photo["thumbnail"]):
        answer = client.get(url.removeprefix("http://testserver"))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        b"".join(answer.streaming_content)
    assert (photo["width"], photo["height"]) == (160, 160)


def test_a_fallback_is_said_in_every_answer(shop: Encoder, ask) -> None:
    Encoder.objects.update(fallback_reason="No CLIP here.")
    assert ask(phone_photo(1))[1]["fallback"] == "No CLIP here."


def test_words_barcode_and_json_work_too(shop: Encoder, client: Client) -> None:
    Product.objects.filter(sku="P4").update(barcode="4006381333931")
    body = client.post(
        URL, json.dumps({"barcode": "4006381333931"}), content_type="application/json"
    ).json()
    assert [r["product"]["sku"] for r in body["results"]] == ["P4"]
    assert body["barcode"] == {
        "code": "4006381333931", "seen_in_photo": False, "product": "P4",
    }  # fmt: skip
    body = client.post(URL, {"text": "lamp", "limit": 2}).json()
    assert len(body["results"]) == 2
    assert body["text_by_names_only"] is True


def test_the_answer_costs_the_same_queries_for_one_and_for_many(
    shop: Encoder, ask, django_assert_max_num_queries
) -> None:
    ask(phone_photo(1), limit=6)  # makes the thumbnails
    with django_assert_max_num_queries(14):
        ask(phone_photo(1), limit=6)


def test_a_filter_and_a_cut_off(shop: Encoder, ask) -> None:
    with_photo(50, ProductFactory(sku="OTHER", category_path="Other"))
    embed_pending(shop)
    assert [r["product"]["sku"] for r in ask(phone_photo(1), category="other")[1]["results"]] == [
        "OTHER"
    ]
    assert ask(phone_photo(1), max_distance=0)[1]["results"] == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (400, "nothing_to_search", "non_field_errors")),
        ({"text": "  "}, (400, "nothing_to_search", "non_field_errors")),
        ({"text": "x", "limit": 0}, (400, "min_value", "limit")),
        ({"text": "x", "limit": 101}, (400, "max_value", "limit")),
        ({"text": "x", "limit": "many"}, (400, "invalid", "limit")),
        ({"text": "x" * 501}, (400, "max_length", "text")),
        ({"text": "x", "category": "No/Such"}, (400, "unknown_category", "category")),
        ({"text": "x", "category": "//"}, (400, "unknown_category", "category")),
        ({"text": "x", "max_distance": 1}, (400, "max_distance_without_image", "max_distance")),
        ({"text": "x", "box": "0,0,1,1"}, (400, "box_without_image", "box")),
        ({"text": "x", "price_min": "-1"}, (400, "min_value", "price_min")),
        ({"text": "a\0b"}, (400, "null_characters_not_allowed", "text")),
    ],
)
def test_bad_fields_get_a_400_that_names_them(shop: Encoder, ask, fields, expected) -> None:
    assert error(ask(**fields)) == expected


@pytest.mark.parametrize(
    "box",
    ["1", "a,b,c,d", "0,0,2,1", "0,0,0,0", "-1,0,1,1", "nan,0,1,1", "0,0,inf,1", "1,1,1,1"],
)
def test_a_bad_box_is_refused(shop: Encoder, ask, box: str) -> None:
    status, code, attr = error(ask(phone_photo(1), box=box))
    assert (status, attr) == (400, "box")
    assert code == "box"


def hostile() -> dict[str, bytes]:
    good = phone_photo(1, 400)
    png = io.BytesIO()
    product_picture(1).save(png, "PNG")
    header = bytearray(png.getvalue())
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    return {
        "truncated": good[: len(good) // 2],
        "empty": b"",
        "text": b"this is no picture, whatever its name says\n" * 20,
        "tiny": encoded(product_picture(1, 16).resize((1, 1)), "PNG"),
        "60000x60000": bytes(header),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect/></svg>',
        "21 MB": good + b"\0" * (20 * 2**20),
    }


@pytest.mark.parametrize("name", hostile())
def test_bad_photos_get_a_400_with_a_remedy(shop: Encoder, ask, name: str) -> None:
    answer = ask(hostile()[name])
    status, code, attr = error(answer)
    assert (status, attr) == (400, "image")
    assert code not in {"error", "invalid"}
    assert len(answer[1]["errors"][0]["detail"]) > 30


def test_a_request_of_50_mb_is_a_413(shop: Encoder, ask) -> None:
    assert error(ask(b"\xff\xd8" + b"\0" * (50 * 2**20))) == (413, "request_too_large", None)


def test_what_only_a_hostile_program_sends_is_a_400(shop: Encoder, client: Client) -> None:
    client.raise_request_exception = False
    bodies = [json.dumps({"text": "milk", "category": "\ud800"}), "[" * 100_000]
    for body in bodies:
        got = client.post(URL, body, content_type="application/json")
        assert got.status_code == 400
        error((got.status_code, got.json()))
    many = client.post(URL, {f"f{n}": "x" for n in range(1200)})
    assert error((many.status_code, many.json())) == (400, "parse_error", None)
    page = client.get("/?q=milk", headers={"HX-Request": "true", "HX-Current-URL": "http://[bad"})
    assert page.status_code == 200
    assert client.get("/?q=a%00b").status_code == 400


def test_photos_are_decoded_two_at_a_time_and_further_ones_are_told_to_come_back(
    shop: Encoder, ask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from products import decoding

    client.raise_request_exception = False
    monkeypatch.setattr(decoding, "_MOST_SECONDS_WAITING", 0.01)
    with decoding._decoding, decoding._decoding:
        assert error(ask(phone_photo(1))) == (503, "busy", None)
        page = client.post("/", {"photo": SimpleUploadedFile("a.jpg", phone_photo(1))})
        assert page.status_code == 503
        assert "Many people are searching" in page.content.decode()
    assert ask(phone_photo(1))[0] == 200


def test_without_an_encoder_a_photo_gets_a_503_that_names_the_remedy(
    ask, client: Client, db: None
) -> None:
    client.raise_request_exception = False
    answer = ask(phone_photo(1))
    assert error(answer) == (503, "cannot_see_now", None)


def test_wrong_methods_and_types_have_the_same_error_shape(client: Client) -> None:
    got = client.get(URL)
    assert error((got.status_code, got.json())) == (405, "method_not_allowed", None)
    xml = client.post(URL, "<a/>", content_type="text/xml")
    assert error((xml.status_code, xml.json())) == (415, "unsupported_media_type", None)
    broken = client.post(URL, "{", content_type="application/json")
    assert error((broken.status_code, broken.json())) == (400, "parse_error", None)


def test_too_many_searches_are_told_when_to_come_back(
    shop: Encoder, client: Client, settings: object
) -> None:
    settings.API_RATES = {**settings.API_RATES, "search": "2/min"}
    answers = [client.post(URL, {"text": "lamp"}) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert error((429, answers[2].json())) == (429, "throttled", None)
    assert int(answers[2]["Retry-After"]) > 0

    page = client.get("/", {"q": "lamp"})
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "searching very fast" in page.content.decode()
    assert 'data-testid="again"' in page.content.decode()
    assert client.get("/").status_code == 200
