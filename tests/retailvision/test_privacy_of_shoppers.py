"""What a visit and a search leave behind: on the visitor's side, and on this one."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import encoded, product_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    product = ProductFactory(sku="P1", name="Lamp")
    with_photo(1, product)
    with_stock(StoreFactory(code="center"), product, 3)
    embed_pending(encoder)
    return encoder


def large_photo() -> bytes:
    """Larger than what is held in memory while it is received."""
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
    return encoded(Image.fromarray(noise), "PNG")


def ask(client: Client, data: bytes) -> HttpResponse:
    photo = SimpleUploadedFile("IMG_2041.png", data)
    return client.post("/", {"photo": photo, "q": "", "box": ""})


# --- cookies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/?q=lamp", "/products/P1/", "/stores/", "/stores/center/"])
def test_a_visit_sets_no_cookie_but_that_of_its_forms(
    shop: Encoder, client: Client, path: str
) -> None:
    """Theirs protects who sends them: it is the same for everything, and says nothing of anybody."""
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    assert set(client.cookies) <= {"csrftoken"}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_search_by_photo_sets_no_other(shop: Encoder, client: Client) -> None:
    client.get("/")
    assert b"result-card" in ask(client, encoded(product_picture(1), "PNG")).content
    assert set(client.cookies) == {"csrftoken"}


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/health/", "/api/v1/search/"])
def test_what_has_no_form_sets_none(shop: Encoder, client: Client, path: str) -> None:
    client.get(path)
    assert set(client.cookies) == set()


def test_a_language_that_was_chosen_is_the_only_thing_remembered(
    shop: Encoder, client: Client
) -> None:
    client.post("/i18n/setlang/", {"language": "ru", "next": "/"})
    assert set(client.cookies) == {"django_language"}
    assert client.cookies["django_language"].value == "ru"


# --- the photo ----------------------------------------------------------------------------------


@pytest.fixture
def places(settings, tmp_path: Path) -> list[Path]:
    """Wherever a photo might come to lie."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    data = [each for each in Path(settings.DATA_DIR).iterdir() if each.name != "postgres"]
    return [tmp_path, *data]


def holding(places: list[Path], piece: bytes) -> list[Path]:
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    return [file for file in files if piece in file.read_bytes()]


def test_nothing_of_the_photo_is_left(shop: Encoder, client: Client, settings, places) -> None:
    settings.KEEP_QUERY_PHOTOS = "none"
    data = large_photo()
    assert len(data) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    temporary = set(Path(tempfile.gettempdir()).glob("*.upload*"))
    answer = ask(client, data)
    assert b"result-card" in answer.content
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []
    assert set(Path(tempfile.gettempdir()).glob("*.upload*")) <= temporary
    middle = len(data) // 2
    assert holding(places, data[middle : middle + 64]) == []
    assert not Path(settings.QUERY_PHOTO_DIR).exists()
    assert Sighting.objects.get().photo == ""


def test_this_finds_a_photo_that_is_left(shop: Encoder, tmp_path: Path, places) -> None:
    data = large_photo()
    middle = len(data) // 2
    (tmp_path / "left").write_bytes(data)
    assert holding(places, data[middle : middle + 64]) == [tmp_path / "left"]


@pytest.mark.parametrize(
    ("keep", "files", "says"),
    [
        (("none", 1.0), 0, "is not kept"),
        (("audit", 1.0), 1, "drawn by lot, are kept for 30 days"),
        (("audit", 0.0), 0, "drawn by lot, are kept for 30 days"),
        (("all", 0.0), 1, "small copy of your photo is kept for 30 days"),
    ],
)
def test_what_the_page_says_of_it_is_what_happens(
    shop: Encoder, settings, keep: tuple[str, float], files: int, says: str
) -> None:
    client = Client()
    settings.KEEP_QUERY_PHOTOS, settings.AUDIT_SHARE = keep
    html = " ".join(client.get("/").content.decode().split())
    assert says in html
    ask(client, encoded(product_picture(1), "PNG"))
    kept = [each for each in Path(settings.QUERY_PHOTO_DIR).rglob("*") if each.is_file()]
    assert len(kept) == files


def test_a_site_that_records_nothing_keeps_nothing_and_says_so(
    shop: Encoder, client: Client, settings
) -> None:
    settings.RECORD_SIGHTINGS, settings.KEEP_QUERY_PHOTOS = False, "all"
    html = " ".join(client.get("/").content.decode().split())
    assert "is not kept" in html
    assert "is noted" not in html
    ask(client, encoded(product_picture(1), "PNG"))
    assert not Sighting.objects.exists()
    assert not Path(settings.QUERY_PHOTO_DIR).exists()
