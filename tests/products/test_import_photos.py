"""Photos that an import cannot take: an error of the row, which leaves nothing behind."""

import os
import struct
import zlib
from pathlib import Path

import pytest

from products.models import Category, Product, ProductImage
from tests.pictures import encoded, product_photo, product_picture
from tests.products.importing import Folder, report, stored_files

pytestmark = pytest.mark.django_db

MISSING = "Photo “{}” is not in the photo folder or cannot be read."
OUTSIDE = "Photo “{}” lies outside the photo folder."


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size; it has hardly any pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + pixels + chunk(b"IEND", b"")


def fails(folder: Folder, name: str, error: str) -> None:
    """The row with this photo fails as a whole, beside one that is written."""
    folder.photos({"good.jpg": product_photo(1), "fine.jpg": product_photo(2)})
    found = folder.import_rows(
        f"B-1,Bad,Bad/Branch,,,,,good.jpg;{name}", "G-1,Good,Good,,,,,fine.jpg"
    )
    assert found == report(created=1, images=(1, 0, 1), failed=[{"line": 2, "error": error}])
    assert list(Product.objects.values_list("sku", flat=True)) == ["G-1"]
    assert list(Category.objects.values_list("name", flat=True)) == ["Good"]
    assert stored_files() == [ProductImage.objects.get().file.name]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "The file is empty. Choose the photo again."),
        (
            product_photo(3)[:-500],
            "The photo is damaged or incomplete. Copy it again, or take another one.",
        ),
        (
            b"This is a text. " * 100,
            "This file is not a photo that can be read. Send a JPEG, PNG, WebP, HEIC, AVIF or GIF.",
        ),
        (
            encoded(product_picture(1, 16).resize((1, 1)), "PNG"),
            "The photo has only 1 x 1 pixels; each side needs at least 16. Send a larger one.",
        ),
        (
            png_header(60_000, 60_000),
            "The photo has 60000 x 60000 pixels; the limit is 64000000 pixels. Send a smaller version.",
        ),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "SVG files are not accepted. Save the photo as JPEG, PNG, WebP, HEIC, AVIF or GIF.",
        ),
        (
            b"%PDF-1.7 ...",
            "PDF files are not accepted. Save the photo as JPEG, PNG, WebP, HEIC, AVIF or GIF.",
        ),
    ],
    ids=["empty", "truncated", "text", "1x1", "60000x60000", "svg", "pdf"],
)
def test_a_file_that_is_no_photo_fails_its_row(folder: Folder, data: bytes, error: str) -> None:
    folder.photos({"bad.jpg": data})
    fails(folder, "bad.jpg", f"bad.jpg: {error}")


def test_a_file_of_50_megabytes_fails_its_row_and_is_not_read_whole(folder: Folder) -> None:
    with (folder.path / "bad.jpg").open("wb") as file:
        file.write(product_photo(3))
        file.truncate(50 * 1024 * 1024)
    fails(
        folder,
        "bad.jpg",
        "bad.jpg: The photo has 20.0 MB; the limit is 20 MB. Send a smaller version.",
    )


def test_every_bad_photo_of_a_row_is_told(folder: Folder) -> None:
    folder.photos({"a.jpg": b"", "c.jpg": product_photo(1)})
    found = folder.import_rows("B-1,Bad,Fruit,,,,,a.jpg;b.jpg;c.jpg")
    assert found["images"] == {"created": 0, "unchanged": 0, "failed": 2}
    assert found["failed"] == [
        {
            "line": 2,
            "error": f"a.jpg: The file is empty. Choose the photo again. {MISSING.format('b.jpg')}",
        }
    ]


def test_a_bad_photo_leaves_a_product_that_is_there_as_it_was(folder: Folder) -> None:
    folder.photos({"good.jpg": product_photo(1), "bad.jpg": b""})
    folder.import_rows("A-1,Apple,Fruit,,,1,,good.jpg")
    before = list(Product.objects.values()), stored_files()
    found = folder.import_rows("A-1,Pear,Other,,,2,,good.jpg;bad.jpg")
    assert (found["updated"], len(found["failed"])) == (0, 1)
    assert (list(Product.objects.values()), stored_files()) == before
    assert not Category.objects.filter(name="Other").exists()


def test_a_file_that_is_not_there_fails_its_row(folder: Folder) -> None:
    fails(folder, "no.jpg", MISSING.format("no.jpg"))


@pytest.mark.parametrize("name", ["../secret.jpg", "sub/../../secret.jpg", "./../secret.jpg"])
def test_a_path_out_of_the_folder_is_refused(folder: Folder, name: str) -> None:
    (folder.path.parent / "secret.jpg").write_bytes(product_photo(9))
    (folder.path / "sub").mkdir()
    fails(folder, name, OUTSIDE.format(name))


def test_an_absolute_path_is_refused(folder: Folder) -> None:
    secret = folder.path.parent / "secret.jpg"
    secret.write_bytes(product_photo(9))
    fails(folder, str(secret), OUTSIDE.format(secret))


def test_a_device_is_refused(folder: Folder) -> None:
    fails(folder, "/dev/zero", OUTSIDE.format("/dev/zero"))


def test_a_link_out_of_the_folder_is_refused(folder: Folder) -> None:
    secret = folder.path.parent / "secret.jpg"
    secret.write_bytes(product_photo(9))
    (folder.path / "link.jpg").symlink_to(secret)
    fails(folder, "link.jpg", OUTSIDE.format("link.jpg"))


def test_a_linked_folder_out_of_the_folder_is_refused(folder: Folder, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret.jpg").write_bytes(product_photo(9))
    (folder.path / "sub").symlink_to(other)
    fails(folder, "sub/secret.jpg", OUTSIDE.format("sub/secret.jpg"))


def test_a_link_inside_the_folder_is_followed(folder: Folder) -> None:
    folder.photos({"a.jpg": product_photo(1)})
    (folder.path / "link.jpg").symlink_to(folder.path / "a.jpg")
    assert folder.import_rows("A-1,Apple,Fruit,,,,,link.jpg")["images"]["created"] == 1


def test_links_in_a_circle_are_refused(folder: Folder) -> None:
    (folder.path / "one.jpg").symlink_to(folder.path / "two.jpg")
    (folder.path / "two.jpg").symlink_to(folder.path / "one.jpg")
    fails(folder, "one.jpg", MISSING.format("one.jpg"))


@pytest.mark.parametrize("name", ["sub", ".", "sub/"])
def test_a_folder_is_refused(folder: Folder, name: str) -> None:
    (folder.path / "sub").mkdir()
    fails(folder, name, MISSING.format(name))


def test_a_pipe_is_refused_and_not_waited_for(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe.jpg")
    fails(folder, "pipe.jpg", MISSING.format("pipe.jpg"))


def test_a_name_that_no_disk_takes_is_refused(folder: Folder) -> None:
    name = "x" * 5_000 + ".jpg"
    fails(folder, name, MISSING.format(name))
