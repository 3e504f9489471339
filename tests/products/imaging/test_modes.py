"""Every way to write a pixel ends as the colour that it meant."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from products.imaging import open_photo, prepare_photo
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
    png_chunk,
    png_file,
    quarters,
    reopened,
    saved,
    srgb_profile,
    swapped_profile,
)

WHITE = (255, 255, 255)


def ramp_16() -> np.ndarray:
    return np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))


def test_16_bit_grey_is_scaled_and_not_clipped() -> None:
    data = saved(Image.fromarray(ramp_16()), "PNG")
    expected = np.round(ramp_16() / 257)
    seen = np.asarray(open_photo(data, LIMITS))
    assert np.abs(seen.astype(int) - expected[..., None]).max() <= 1
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert stored.mode == "L"
    assert np.abs(np.asarray(stored).astype(int) - expected).max() <= 1


def test_16_bit_grey_with_a_transparent_value() -> None:
    rows = b"".join(b"\0" + struct.pack(">32H", *([1000] * 16 + [40000] * 16)) for _ in range(32))
    chunks = (png_chunk(b"tRNS", struct.pack(">H", 1000)), png_chunk(b"IDAT", zlib.compress(rows)))
    data = png_file(32, 32, 16, 0, *chunks)
    image = open_photo(data, LIMITS)
    assert image.getpixel((4, 4)) == WHITE
    assert image.getpixel((28, 4)) == (156, 156, 156)
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert (stored.getpixel((4, 4)), stored.getpixel((28, 4))) == ((4, 0), (156, 255))


def test_16_bit_colour() -> None:
    pixel = struct.pack(">3H", 65535, 32768, 0)
    rows = b"".join(b"\0" + pixel * 20 for _ in range(20))
    data = png_file(20, 20, 16, 2, png_chunk(b"IDAT", zlib.compress(rows)))
    assert open_photo(data, LIMITS).getpixel((9, 9)) == (255, 128, 0)
    assert reopened(prepare_photo(data, LIMITS).content).getpixel((9, 9)) == (255, 128, 0)


def test_two_bit_grey_with_a_transparent_value() -> None:
    row = b"\0" + bytes([0b00011011]) * 8  # 0, 85, 170, 255, eight times
    data = png_file(
        32,
        20,
        2,
        0,
        png_chunk(b"tRNS", b"\0\2"),
        png_chunk(b"IDAT", zlib.compress(row * 20)),
    )
    image = open_photo(data, LIMITS)
    assert [image.getpixel((x, 3))[0] for x in range(4)] == [0, 85, 255, 255]  # type: ignore[index]
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert [stored.getpixel((x, 3)) for x in range(4)] == [
        (0, 255),
        (85, 255),
        (170, 0),
        (255, 255),
    ]


def test_one_bit() -> None:
    image = quarters().convert("L").point(lambda value: 255 * (value > 100)).convert("1")
    expected = [(level[0],) * 3 for level in corners(image.convert("L"))]
    assert {0, 255} == {level[0] for level in expected}
    data = saved(image, "PNG")
    assert corners(open_photo(data, LIMITS)) == expected
    assert corners(reopened(prepare_photo(data, LIMITS).content).convert("RGB")) == expected


def test_cmyk_without_a_profile() -> None:
    data = saved(quarters().convert("CMYK"), "JPEG", quality=95)
    assert Image.open(BytesIO(data)).mode == "CMYK"
    assert_colours(open_photo(data, LIMITS), [RED, GREEN, BLUE, YELLOW])
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert stored.mode == "RGB"
    assert_colours(stored, [RED, GREEN, BLUE, YELLOW])


def test_ycck_as_photoshop_writes_it() -> None:
    # Adobe's transform 2: the ink is stored inverted, as luminance and colour difference.
    ink = Image.eval(quarters(), lambda value: 255 - value).convert("YCbCr")
    ycck = Image.merge("CMYK", (*ink.split(), Image.new("L", (WIDTH, HEIGHT), 255)))
    inverted = Image.eval(ycck, lambda value: 255 - value)  # Pillow inverts once more
    data = bytearray(saved(inverted, "JPEG", quality=95, subsampling="4:4:4"))
    adobe = data.index(b"Adobe")
    data[adobe + 11] = 2
    assert_colours(open_photo(bytes(data), LIMITS), [RED, GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_alpha_is_put_on_white(kind: str) -> None:
    options = {"PNG": {}, "WEBP": {"lossless": True}}.get(kind, {"quality": 95})
    image = open_photo(saved(cut_out(), kind, **options), LIMITS)
    half_green = tuple(round((c * 128 + 255 * 127) / 255) for c in GREEN)
    assert_colours(image, [WHITE, half_green, BLUE, YELLOW])
    fast = open_photo(saved(cut_out(), kind, **options), LIMITS, at_least=20)
    assert_colours(fast, [WHITE, half_green, BLUE, YELLOW])


def test_grey_with_alpha() -> None:
    grey = cut_out().convert("LA")
    data = saved(grey, "PNG")
    assert open_photo(data, LIMITS).getpixel((5, 5)) == WHITE
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert stored.mode == "LA"
    assert corners(stored) == corners(grey)


def test_alpha_that_hides_nothing_is_dropped() -> None:
    image = quarters()
    image.putalpha(255)
    stored = reopened(prepare_photo(saved(image, "PNG"), LIMITS).content)
    assert stored.mode == "RGB"
    assert corners(stored) == [RED, GREEN, BLUE, YELLOW]
    assert prepare_photo(saved(image, "AVIF"), LIMITS).extension == "jpg"


@pytest.mark.parametrize(
    ("kind", "transparent"), [("PNG", 0), ("GIF", 0), ("PNG", bytes((0, 128, 255, 255)))]
)
def test_palette_with_transparency(kind: str, transparent: int | bytes) -> None:
    image = Image.new("P", (WIDTH, HEIGHT))
    image.putpalette([*RED, *GREEN, *BLUE, *YELLOW])
    image.paste(1, (WIDTH // 2, 0, WIDTH, HEIGHT // 2))
    image.paste(2, (0, HEIGHT // 2, WIDTH // 2, HEIGHT))
    image.paste(3, (WIDTH // 2, HEIGHT // 2, WIDTH, HEIGHT))
    data = saved(image, kind, transparency=transparent)

    soft = isinstance(transparent, bytes)
    green = tuple(round((c * 128 + 255 * 127) / 255) for c in GREEN) if soft else GREEN
    assert_colours(open_photo(data, LIMITS), [WHITE, green, BLUE, YELLOW], within=1)
    photo = prepare_photo(data, LIMITS)
    stored = reopened(photo.content)
    assert (photo.extension, stored.mode) == ("png", "P")
    alpha = [255 if not soft else 128, 255, 255]
    assert corners(stored.convert("RGBA"))[0][3] == 0
    assert [colour[3] for colour in corners(stored.convert("RGBA"))[1:]] == alpha
    assert [colour[:3] for colour in corners(stored.convert("RGBA"))[1:]] == [GREEN, BLUE, YELLOW]


def test_one_transparent_colour() -> None:
    data = saved(quarters(), "PNG", transparency=RED)
    assert_colours(open_photo(data, LIMITS), [WHITE, GREEN, BLUE, YELLOW], within=0)
    stored = reopened(prepare_photo(data, LIMITS).content).convert("RGBA")
    assert corners(stored) == [(*RED, 0), (*GREEN, 255), (*BLUE, 255), (*YELLOW, 255)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_colour_profile_is_applied_and_dropped(kind: str) -> None:
    options: dict[str, dict[str, Any]]
    options = {"PNG": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}
    image = quarters()
    image.info["icc_profile"] = swapped_profile()
    data = saved(image, kind, icc_profile=swapped_profile(), **options.get(kind, {"quality": 95}))
    expected = corners(expected_from_profile())
    assert expected[0][1] > 100 > expected[0][0]  # red has become green

    assert_colours(open_photo(data, LIMITS), expected)
    assert_colours(open_photo(data, LIMITS, at_least=20), expected)
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert "icc_profile" not in stored.info
    assert_colours(stored.convert("RGB"), expected)


def expected_from_profile() -> Image.Image:
    profile = ImageCms.ImageCmsProfile(BytesIO(swapped_profile()))
    converted = ImageCms.profileToProfile(quarters(), profile, ImageCms.createProfile("sRGB"))
    assert converted is not None
    return converted


def test_a_profile_leaves_alpha_alone() -> None:
    data = saved(cut_out(), "PNG", icc_profile=swapped_profile())
    stored = reopened(prepare_photo(data, LIMITS).content)
    assert [colour[3] for colour in corners(stored)] == [0, 128, 255, 255]
    assert corners(stored)[2][:3] == corners(expected_from_profile())[2]


@pytest.mark.parametrize(
    "profile",
    [b"", b"rubbish", srgb_profile()[:200], b"\0" * 4000, srgb_profile().replace(b"RGB ", b"CMYK")],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_or_foreign_profile_is_ignored(kind: str, profile: bytes) -> None:
    data = saved(
        quarters(), kind, icc_profile=profile, **({} if kind == "PNG" else {"quality": 95})
    )
    assert_colours(open_photo(data, LIMITS), [RED, GREEN, BLUE, YELLOW])
    content = prepare_photo(data, LIMITS).content
    assert_colours(reopened(content).convert("RGB"), [RED, GREEN, BLUE, YELLOW])


def test_the_fast_way_is_never_smaller_than_asked() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = saved(quarters(1000, 701), kind)
        for wanted in (1, 16, 80, 87, 88, 100, 175, 176, 233, 350, 351, 701, 2000):
            image = open_photo(data, LIMITS, at_least=wanted)
            assert min(image.size) >= min(wanted, 701)
            if wanted <= 350:
                assert max(image.size) < 1000
            if wanted >= 16:
                assert_colours(image, [RED, GREEN, BLUE, YELLOW])
