"""Pages come compressed to those who take that; photos and answers of the API as they are."""

import gzip

import pytest
from django.test import Client

from products.models import ProductImage
from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db

TAKES = {"HTTP_ACCEPT_ENCODING": "gzip, br"}


@pytest.fixture
def photo() -> ProductImage:
    for n in range(5):
        ProductFactory(sku=f"L{n}", name=f"Lamp {n}", description="Bright. " * 20)
    return with_photo(1, sku="P1", name="Lamp")


@pytest.mark.parametrize("path", ["/", "/?q=lamp", "/products/P1/", "/sitemap.xml"])
def test_what_is_text_is_compressed(client: Client, photo: ProductImage, path: str) -> None:
    plain = client.get(path)
    small = client.get(path, **TAKES)
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    text = gzip.decompress(small.content)
    assert text[:30] == plain.content[:30]
    assert len(small.content) < len(text)
    assert int(small["Content-Length"]) == len(small.content)


def test_who_does_not_take_it_gets_text(client: Client, photo: ProductImage) -> None:
    answer = client.get("/", HTTP_ACCEPT_ENCODING="br")
    assert "Content-Encoding" not in answer
    assert answer.content.strip().startswith(b"<!DOCTYPE html>")


def test_an_etag_stays_good_for_if_match(client: Client, photo: ProductImage) -> None:
    answer = client.get("/api/v1/products/P1/", **TAKES)
    assert "Content-Encoding" not in answer
    assert answer.get("ETag", '"').startswith('"')


def test_photos_are_left_alone(client: Client, photo: ProductImage) -> None:
    answer = client.get(photo.file.url, **TAKES)
    assert answer.streaming
    assert "Content-Encoding" not in answer
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"


def test_the_size_of_a_page_tells_nothing(client: Client, photo: ProductImage) -> None:
    """The same page is of another size each time, so that nobody guesses by sizes what is in it."""
    sizes = {len(client.get("/", **TAKES).content) for _ in range(12)}
    assert len(sizes) > 3
