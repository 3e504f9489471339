from io import BytesIO
from typing import Any

import pillow_heif
import pytest

from products.imaging import inspect_photo, open_photo, prepare_photo
from products.imaging.exif import orientation_in
from tests.products.imaging.samples import (
    BLUE,
    GREEN,
    HEIGHT,
    LIMITS,
    RED,
    WIDTH,
    YELLOW,
    assert_colours,
    exif,
    quarters,
    reopened,
    saved,
)

# What is seen at top left, top right, bottom left, bottom right (EXIF 2.32, tag 274).
SEEN = {
    1: [RED, GREEN, BLUE, YELLOW],
    2: [GREEN, RED, YELLOW, BLUE],
    3: [YELLOW, BLUE, GREEN, RED],
    4: [BLUE, YELLOW, RED, GREEN],
    5: [RED, BLUE, GREEN, YELLOW],
    6: [BLUE, RED, YELLOW, GREEN],
    7: [YELLOW, GREEN, BLUE, RED],
    8: [GREEN, YELLOW, RED, BLUE],
}
QUALITY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 95},
}


def size_seen(orientation: int) -> tuple[int, int]:
    return (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize("kind", QUALITY)
def test_all_eight_orientations_come_out_upright(kind: str, orientation: int) -> None:
    data = saved(quarters(), kind, exif=exif(orientation), **QUALITY[kind])
    facts = inspect_photo(data, LIMITS)
    assert (facts.width, facts.height) == size_seen(orientation)

    image = open_photo(data, LIMITS)
    assert image.size == size_seen(orientation)
    assert_colours(image, SEEN[orientation])

    photo = prepare_photo(data, LIMITS)
    assert (photo.width, photo.height) == size_seen(orientation)
    stored = reopened(photo.content)
    assert stored.size == size_seen(orientation)
    assert 0x0112 not in stored.getexif()
    assert_colours(stored.convert("RGB"), SEEN[orientation])


@pytest.mark.parametrize("orientation", SEEN)
def test_heif_is_turned_once(orientation: int) -> None:
    """Its own box turns it, and its EXIF tells the same once more."""
    image, buffer = quarters(), BytesIO()
    block = exif(orientation).tobytes()
    pillow_heif.encode(image.mode, image.size, image.tobytes(), buffer, exif=block, quality=95)
    data = buffer.getvalue()

    assert (inspect_photo(data, LIMITS).width, inspect_photo(data, LIMITS).height) == size_seen(
        orientation
    )
    assert open_photo(data, LIMITS).size == size_seen(orientation)
    assert_colours(open_photo(data, LIMITS), SEEN[orientation])
    assert_colours(reopened(prepare_photo(data, LIMITS).content), SEEN[orientation])


def test_orientation_survives_the_fast_way() -> None:
    data = saved(quarters(960, 640), "JPEG", exif=exif(6))
    image = open_photo(data, LIMITS, at_least=100)
    assert 100 <= image.width < image.height < 640
    assert_colours(image, SEEN[6])


def test_an_unreadable_orientation_is_none() -> None:
    good = exif(6).tobytes()
    assert orientation_in(good) == orientation_in(good[6:]) == 6
    assert orientation_in(None) == orientation_in(b"") == orientation_in(b"Exif\0\0") == 1
    assert orientation_in(exif(9).tobytes()) == 1
    assert orientation_in(b"II*\0\xff\xff\xff\xff") == 1
    for length in range(len(good)):
        assert orientation_in(good[:length]) in {1, 6}
    big_endian = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"
    assert orientation_in(big_endian) == 8
