"""Every public query by photo is recorded, without touching the answer."""

import io
import logging
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from recognition.query_photo_files import query_photo_storage
from recognition.search import Box, Filters, Query
from recognition.sightings import answer_and_record
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.pictures import phone_photo
from tests.stores.races import held

pytestmark = pytest.mark.django_db

API = "/api/v1/search/"


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        path = "Near" if n < 3 else "Far"
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", category_path=path))
    embed_pending(encoder)
    return encoder


def picture(seed: int = 2) -> Image.Image:
    return Image.open(io.BytesIO(phone_photo(seed))).convert("RGB")


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.jpg", data, "image/jpeg")


def record(**query: object):
    return answer_and_record(Query(photo=picture(), **query), source=Sighting.Source.SEARCH)


def test_the_page_records_who_asked_and_offers_the_question(shop: Encoder, client: Client) -> None:
    html = client.post("/", {"photo": upload(phone_photo(2)), "q": ""}).content.decode()
    sighting = Sighting.objects.get()
    assert (sighting.source, sighting.user, sighting.best_product.sku) == ("search", None, "P2")
    assert sighting.token in html
    assert html.count('data-testid="this-one"') == 4
    user = StaffFactory()
    client.force_login(user)
    client.post("/", {"photo": upload(phone_photo(2)), "q": ""})
    assert Sighting.objects.latest("pk").user == user


def test_the_api_names_the_sighting(shop: Encoder, client: Client) -> None:
    answer = client.post(API, {"image": upload(phone_photo(2))}).json()
    assert answer["sighting"] == Sighting.objects.get(source="api").token
    answer = client.post("/api/v1/recognise/", {"image": upload(phone_photo(2))}).json()
    assert Sighting.objects.filter(token=answer["sighting"]).exists()


def test_words_are_not_recorded(shop: Encoder, client: Client) -> None:
    html = client.get("/", {"q": "lamp"}).content.decode()
    assert "feedback" not in html
    assert client.post(API, {"text": "lamp"}).json()["sighting"] is None
    assert not Sighting.objects.exists()


def test_switched_off_nothing_is_recorded_and_nothing_is_asked(
    shop: Encoder, client: Client, settings
) -> None:
    settings.RECORD_SIGHTINGS = False
    html = client.post("/", {"photo": upload(phone_photo(2)), "q": ""}).content.decode()
    assert "P2" in html
    assert 'id="feedback"' not in html
    for address in (API, "/api/v1/recognise/"):
        assert client.post(address, {"image": upload(phone_photo(2))}).json()["sighting"] is None
    assert not Sighting.objects.exists()


def test_what_is_recorded_is_the_whole_catalogue_never_what_filters_left(shop: Encoder) -> None:
    from products.models import Category

    far = Category.objects.get(name="Far")
    answer = record(filters=Filters(category=far))
    assert [result.product.sku for result in answer.results] == ["P3"]
    sighting = Sighting.objects.get()
    assert sighting.best_product.sku == "P2"
    assert len(sighting.candidates) == 4
    assert sighting.narrowed


@pytest.mark.parametrize(
    ("query", "narrowed"),
    [
        ({}, False),
        ({"limit": 1}, False),
        ({"box": Box(0, 0, 1, 1)}, False),
        ({"text": "lamp"}, True),
        ({"max_distance": 0.0}, True),
    ],
)
def test_it_says_whether_the_caller_saw_something_else(
    shop: Encoder, query: dict[str, object], narrowed: bool
) -> None:
    record(**query)
    sighting = Sighting.objects.get()
    assert (sighting.narrowed, sighting.best_product.sku) == (narrowed, "P2")
    assert len(sighting.candidates) == 4


def test_recording_is_one_insert(shop: Encoder, settings) -> None:
    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            record()
        return [query["sql"] for query in queries]

    record()
    with_it = statements()
    settings.RECORD_SIGHTINGS = False
    without = statements()
    more = [sql.split(" ")[0] for sql in with_it[len(without) :]]
    assert more == ["SAVEPOINT", "SELECT", "INSERT", "RELEASE"]


def test_a_database_that_refuses_costs_nobody_their_answer(
    shop: Encoder, client: Client, caplog
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE recognition_sighting ADD CONSTRAINT no CHECK (id < 0) NOT VALID"
        )
    with caplog.at_level(logging.ERROR, "recognition.sightings"):
        answer = client.post(API, {"image": upload(phone_photo(2))})
    assert answer.status_code == 200
    assert answer.json()["results"][0]["product"]["sku"] == "P2"
    assert answer.json()["sighting"] is None
    assert "could not be recorded" in caplog.text
    html = client.post("/", {"photo": upload(phone_photo(2)), "q": ""}).content.decode()
    assert "P2" in html
    assert 'id="feedback"' not in html


def files() -> list[str]:
    from recognition.reviewing.kept_photos import _names

    return list(_names(query_photo_storage()))


def test_a_photo_whose_row_is_refused_is_not_kept(shop: Encoder, settings) -> None:
    settings.KEEP_QUERY_PHOTOS = "all"
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE recognition_sighting ADD CONSTRAINT no CHECK (id < 0) NOT VALID"
        )
    assert record().sighting is None
    assert files() == []


def test_a_storage_that_fails_costs_the_photo_alone(shop: Encoder, settings, tmp_path) -> None:
    settings.KEEP_QUERY_PHOTOS = "all"
    settings.QUERY_PHOTO_DIR = tmp_path / "a file"
    settings.QUERY_PHOTO_DIR.write_text("no folder")
    assert record().sighting is not None
    assert Sighting.objects.get().photo == ""


@pytest.mark.parametrize(
    ("keep", "share", "kept"),
    [("none", 1.0, 0), ("audit", 0.0, 0), ("audit", 1.0, 1), ("all", 0.0, 1)],
)
def test_photos_are_kept_as_the_setting_says(
    shop: Encoder, settings, keep: str, share: float, kept: int
) -> None:
    settings.KEEP_QUERY_PHOTOS, settings.AUDIT_SHARE = keep, share
    record()
    sighting = Sighting.objects.get()
    assert (len(files()), bool(sighting.photo)) == (kept, bool(kept))
    assert sighting.drawn_for_audit is (share == 1.0)


def test_a_kept_photo_is_small_and_holds_pixels_alone(
    shop: Encoder, client: Client, settings
) -> None:
    settings.KEEP_QUERY_PHOTOS = "all"
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    large = io.BytesIO()
    picture().resize((3000, 2000)).save(large, "JPEG", exif=exif, comment=b"secret words")
    assert b"SecretPhone" in large.getvalue()
    client.post("/", {"photo": upload(large.getvalue()), "q": "", "box": "0,0,0.5,1"})
    sighting = Sighting.objects.get()
    with sighting.photo.open("rb") as file:
        content = file.read()
    kept = Image.open(io.BytesIO(content))
    # The part that was asked with, and no other.
    assert (max(kept.size), kept.width < kept.height) == (800, True)
    assert not kept.getexif()
    assert b"SecretPhone" not in content
    assert b"secret words" not in content
    assert sighting.token not in sighting.photo.name
    assert (query_photo_storage().path(sighting.photo.name)) in {
        query_photo_storage().path(name) for name in files()
    }


def test_kept_photos_have_no_address(shop: Encoder, client: Client, settings) -> None:
    settings.KEEP_QUERY_PHOTOS = "all"
    record()
    name = Sighting.objects.get().photo.name
    assert client.get(f"/media/{name}").status_code == 404
    assert client.get(f"/media/query-photos/{name}").status_code == 404
    assert client.get(f"/media/../query-photos/{name}").status_code == 404
    with pytest.raises(ValueError, match="not accessible"):
        _ = Sighting.objects.get().photo.url


def test_the_lot_is_drawn_by_the_share_whatever_the_answer(shop: Encoder, settings) -> None:
    settings.AUDIT_SHARE = 0.5
    for _ in range(60):
        record()
    drawn = Sighting.objects.filter(drawn_for_audit=True).count()
    assert 10 < drawn < 50  # of 60 throws of a coin; outside once in ten million


@pytest.mark.parametrize(
    ("keep", "says"),
    [("none", "is not kept"), ("audit", "drawn by lot, are kept for 30 days"),
     ("all", "small copy of your photo is kept for 30 days")],
)  # fmt: skip
def test_the_page_says_what_is_kept(client: Client, db, settings, keep: str, says: str) -> None:
    settings.KEEP_QUERY_PHOTOS = keep
    html = " ".join(client.get("/").content.decode().split())
    assert says in html
    assert "never the IP address of your device" in html
    settings.RECORD_SIGHTINGS = False
    html = " ".join(client.get("/").content.decode().split())
    assert "is not kept" in html
    assert "is noted" not in html


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_row_that_is_locked(shop: Encoder) -> None:
    """As by a merge: the best product cannot be named just now, so the answer goes out without."""
    best = Product.objects.get(sku="P2")
    with held(best):
        before = time.monotonic()
        answer = record()
        assert time.monotonic() - before < 5
    assert (answer.results[0].product.sku, answer.sighting) == ("P2", None)
    assert not Sighting.objects.exists()
    assert record().sighting is not None
