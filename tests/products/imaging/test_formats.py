from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from products.imaging import (
    PhotoRefused,
    digest_of,
    inspect_photo,
    open_photo,
    prepare_photo,
)
from tests.products.imaging.samples import (
    BLUE,
    GREEN,
    HEIGHT,
    LIMITS,
    RED,
    WIDTH,
    YELLOW,
    assert_colours,
    corners,
    cut_out,
    every_format,
    quarters,
    reopened,
    saved,
)

COLOURS = [RED, GREEN, BLUE, YELLOW]
STORED_AS = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
    "HEIF": ("jpg", "image/jpeg"),
    "AVIF": ("jpg", "image/jpeg"),
    "GIF": ("png", "image/png"),
}


@pytest.mark.parametrize("kind", STORED_AS)
def test_every_format_is_known_opened_and_stored(kind: str) -> None:
    data = every_format()[kind]

    facts = inspect_photo(data, LIMITS)
    assert (facts.format, facts.width, facts.height) == (kind, WIDTH, HEIGHT)
    assert facts.source_digest == digest_of(data)

    image = open_photo(data, LIMITS)
    assert (image.mode, image.size, image.info) == ("RGB", (WIDTH, HEIGHT), {})
    assert_colours(image, COLOURS)

    photo = prepare_photo(data, LIMITS)
    assert (photo.extension, photo.media_type) == STORED_AS[kind]
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)
    stored = reopened(photo.content)
    assert stored.size == (WIDTH, HEIGHT)
    assert_colours(stored.convert("RGB"), COLOURS)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    other = Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))
    data = saved(quarters(), kind, save_all=True, append_images=[other, other], duration=100)

    assert_colours(open_photo(data, LIMITS), COLOURS, within=20)
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert getattr(stored, "n_frames", 1) == 1
    assert_colours(stored.convert("RGB"), COLOURS, within=20)


def test_of_a_phones_multi_picture_jpeg_the_first_is_taken() -> None:
    other = Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))
    data = saved(quarters(), "MPO", save_all=True, append_images=[other], quality=95)
    assert Image.open(BytesIO(data)).format == "MPO"

    assert inspect_photo(data, LIMITS).format == "JPEG"
    photo = prepare_photo(data, LIMITS)
    assert photo.extension == "jpg"
    stored = reopened(photo.content)
    assert stored.format == "JPEG"
    assert_colours(stored, COLOURS)
    assert photo.content.count(b"\xff\xd8\xff") == 1


def test_progressive_jpeg() -> None:
    assert_colours(open_photo(saved(quarters(), "JPEG", progressive=True), LIMITS), COLOURS)


def test_a_gif_frame_smaller_than_its_screen_and_off_its_corner() -> None:
    small = bytearray(saved(quarters(48, 32), "GIF"))
    small[6:10] = bytes((WIDTH, 0, HEIGHT, 0))
    assert inspect_photo(bytes(small), LIMITS).width == WIDTH
    image = open_photo(bytes(small), LIMITS)
    assert image.size == (WIDTH, HEIGHT)
    assert np.abs(np.array(image.getpixel((5, 5))) - RED).max() <= 12

    leaving = bytearray(saved(quarters(), "GIF"))
    leaving[6:10] = bytes((40, 0, 40, 0))
    assert open_photo(bytes(leaving), LIMITS).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("data", "code", "named"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format_not_supported", "SVG"),
        (b"<?xml version='1.0'?>\n<svg width='9'>", "format_not_supported", "SVG"),
        (b"<!DOCTYPE html><html></html>", "format_not_supported", "HTML or XML"),
        (b"%PDF-1.7\n%", "format_not_supported", "PDF"),
        (b"\0\0\0\x20ftypisom\0\0\0\0isomiso2", "format_not_supported", "Video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0crx isom", "format_not_supported", "Raw camera"),
        (b"8BPS\0\1" + bytes(40), "format_not_supported", "Photoshop"),
        (b"\0\0\1\0\1\0" + bytes(40), "format_not_supported", "Icon"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "format_not_supported", "PostScript"),
        (b"PK\3\4" + bytes(40), "format_not_supported", "ZIP"),
        (b"This is a letter and no photo.", "not_an_image", None),
        (b"\0" * 100, "not_an_image", None),
        (b"\xff", "not_an_image", None),
    ],
)
def test_what_is_no_photo_is_refused_by_name(data: bytes, code: str, named: str | None) -> None:
    for use in (inspect_photo, open_photo, prepare_photo):
        with pytest.raises(PhotoRefused) as refused:
            use(data, LIMITS)
        assert refused.value.code == code
        assert refused.value.params.get("format") == named


@pytest.mark.parametrize(
    "kind", ["BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "PCX", "SGI", "DDS", "EPS"]
)
def test_no_other_plugin_of_pillow_gets_the_bytes(kind: str) -> None:
    with pytest.raises(PhotoRefused) as refused:
        open_photo(saved(quarters(), kind), LIMITS)
    assert refused.value.code in {"format_not_supported", "not_an_image"}


def test_heif_brands_tell_avif_from_heic() -> None:
    data = bytearray(every_format()["AVIF"])
    data[8:12] = b"mif1"
    assert inspect_photo(bytes(data), LIMITS).format == "AVIF"
    data = bytearray(every_format()["HEIF"])
    data[8:12] = b"mif1"
    assert inspect_photo(bytes(data), LIMITS).format == "HEIF"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_is_stored_where_the_format_has_it(kind: str) -> None:
    data = saved(cut_out(), kind, **({"lossless": True} if kind == "WEBP" else {}))
    photo = prepare_photo(data, LIMITS)
    assert photo.extension == kind.lower()
    stored = reopened(photo.content)
    assert stored.mode == "RGBA"
    assert [colour[3] for colour in corners(stored)] == [0, 128, 255, 255]


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_alpha_of_a_phone_format_is_stored_as_webp(kind: str) -> None:
    photo = prepare_photo(saved(cut_out(), kind, quality=95), LIMITS)
    assert (photo.extension, photo.media_type) == ("webp", "image/webp")
    alpha = [colour[3] for colour in corners(reopened(photo.content))]
    assert np.abs(np.array(alpha) - [0, 128, 255, 255]).max() <= 3
