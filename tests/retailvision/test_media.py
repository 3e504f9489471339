"""Stored photos are served with the headers of files that never change, and nothing else is."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from products.renditions.files import candidates
from products.renditions.making import make_due
from tests.factories import with_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def media() -> Path:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir()
    return root


def test_a_photo_is_served_to_be_kept(client: Client) -> None:
    image = with_photo(1)
    answer = client.get(image.file.url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer or answer["Content-Disposition"].startswith("inline")
    assert b"".join(answer.streaming_content) == Path(image.file.path).read_bytes()  # type: ignore[attr-defined]
    again = client.get(image.file.url, headers={"If-Modified-Since": answer["Last-Modified"]})
    assert again.status_code == 304


def test_each_format_of_a_photo_is_shown_as_what_it_is(client: Client) -> None:
    image = with_photo(1)
    make_due()
    image.refresh_from_db()
    for each in ("avif", "webp", "jpg"):
        answer = client.get(candidates(image, "card", each)[0][0])
        assert answer["Content-Type"] == {"jpg": "image/jpeg"}.get(each, f"image/{each}")
        assert answer["Cache-Control"].endswith("immutable")
        assert "attachment" not in answer.get("Content-Disposition", "")


@pytest.mark.parametrize("name", ["evil.svg", "evil.html", "evil.js", "no-ending", "a.JPG.svg"])
def test_what_is_no_photo_is_a_download(client: Client, media: Path, name: str) -> None:
    (media / name).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = client.get(f"/media/{name}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == "attachment"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "products/../../secret.txt",
        "/etc/passwd",
        "..\\secret.txt",
        "products",
        "products/",
        ".",
        "nothing.jpg",
        "%00",
        "a%00.jpg",
        "x" * 300,
        "x/" * 3000 + "x",
    ],
)
def test_nothing_else_is_there(client: Client, media: Path, path: str) -> None:
    (media.parent / "secret.txt").write_text("secret")
    (media / "products").mkdir()
    answer = client.get(f"/media/{path}")
    assert answer.status_code == (400 if "%00" in path else 404)
    assert b"secret" not in answer.getvalue().replace(b"secret.txt", b"")


def test_nothing_is_written_there(client: Client, media: Path) -> None:
    assert client.post("/media/x.jpg").status_code == 405
    assert client.put("/media/x.svg", b"<svg/>").status_code == 405
    assert list(media.iterdir()) == []
