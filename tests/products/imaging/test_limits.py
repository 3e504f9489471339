import struct
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from products.imaging import (
    MESSAGES,
    PhotoLimits,
    PhotoRefused,
    inspect_photo,
    open_photo,
    prepare_photo,
)
from tests.products.imaging.samples import (
    LIMITS,
    every_format,
    png_chunk,
    png_file,
    quarters,
    saved,
)

HUGE = 60_000


def refusal(data: bytes, limits: PhotoLimits = LIMITS) -> PhotoRefused:
    """The one refusal that all three ways in give."""
    seen = []
    for use in (inspect_photo, open_photo, prepare_photo):
        with pytest.raises(PhotoRefused) as caught:
            use(data, limits)
        seen.append(caught.value)
    assert len({error.code for error in seen}) == 1
    return seen[0]


def huge_header(kind: str) -> bytes:
    data = bytearray(every_format()[kind])
    if kind == "PNG":
        return png_file(HUGE, HUGE, 8, 2, png_chunk(b"IDAT", zlib.compress(b"\0" * 1000)))
    if kind == "GIF":
        data[6:10] = struct.pack("<HH", HUGE, HUGE)
    elif kind == "JPEG":
        frame = data.index(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", HUGE, HUGE)
    elif kind == "WEBP":
        side = (HUGE - 1).to_bytes(3, "little")
        return b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + side + side + bytes(8)
    else:
        extents = data.index(b"ispe") + 8
        data[extents : extents + 8] = struct.pack(">II", HUGE, HUGE)
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_sixty_thousand_squared_is_refused_from_the_header(kind: str) -> None:
    data = huge_header(kind)
    tracemalloc.start()
    error = refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.code == "too_many_pixels"
    assert error.params == {"width": HUGE, "height": HUGE, "max_pixels": 64_000_000}
    assert "60000 x 60000" in str(error)
    assert peak < 2_000_000


def test_a_gif_frame_that_leaves_its_screen_is_measured() -> None:
    data = bytearray(every_format()["GIF"])
    frame = data.index(b",", 13 + 3 * 4)
    data[frame + 1 : frame + 5] = struct.pack("<HH", HUGE, HUGE)
    assert refusal(bytes(data)).code == "too_many_pixels"


def test_empty() -> None:
    assert refusal(b"").code == "empty"


def test_fifty_megabytes() -> None:
    error = refusal(every_format()["JPEG"] + bytes(50 * 1024 * 1024))
    assert error.code == "too_large"
    assert str(error) == "The photo has 50.0 MB; the limit is 20 MB. Send a smaller version."


def test_one_pixel() -> None:
    for kind in ("PNG", "GIF", "JPEG", "WEBP"):
        error = refusal(saved(Image.new("RGB", (1, 1)), kind))
        assert error.code == "too_small"
        assert "1 x 1" in str(error)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"])
@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("max_bytes", 100, "too_large"),
        ("max_pixels", 96 * 64 - 1, "too_many_pixels"),
        ("max_side", 95, "side_too_long"),
        ("min_side", 65, "too_small"),
        ("max_aspect", 1.4, "too_elongated"),
    ],
)
def test_every_limit_holds_for_every_format(kind: str, limit: str, value: Any, code: str) -> None:
    data = every_format()[kind]
    assert refusal(data, replace(LIMITS, **{limit: value})).code == code
    exactly: dict[str, Any] = {
        "max_bytes": len(data),
        "max_pixels": 96 * 64,
        "max_side": 96,
        "min_side": 64,
    }
    allowed = replace(LIMITS, **{limit: exactly.get(limit, 1.5)})
    assert prepare_photo(data, allowed).width == 96


def test_a_file_that_cannot_hold_its_pixels_takes_no_memory() -> None:
    data = png_file(8000, 8000, 8, 2, png_chunk(b"IDAT", zlib.compress(b"\0" * 1000)))
    assert refusal(data).code == "truncated"


def test_bombs_in_png_text_and_profile_are_never_unpacked() -> None:
    bomb = zlib.compress(b"\0" * 30_000_000, 9)
    data = saved(quarters(), "PNG")
    data = (
        data[:33]
        + png_chunk(b"zTXt", b"Comment\0\0" + bomb)
        + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb)
        + png_chunk(b"iCCP", b"icc\0\0" + bomb)
        + data[33:]
    )
    tracemalloc.start()
    photo = prepare_photo(data, LIMITS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
    assert len(photo.content) < 2000


def test_a_progressive_jpeg_of_endless_scans() -> None:
    data = saved(quarters(), "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    assert refusal(data[:-2] + last_scan * 200 + b"\xff\xd9").code == "too_complex"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + b"\xd8\xff" * 50_000,
        b"\xff\xd8" + b"\xff\xe1\0\2" * 50_000,
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"tEXt") * 50_000,
        b"GIF89a\x64\0\x64\0\0\0\0!\xfe" + b"\1a" * 1_000_000,
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08free" * 50_000,
    ],
)
def test_a_file_of_countless_parts(data: bytes) -> None:
    assert refusal(data).code == "too_complex"


def test_lossless_jpeg_is_named() -> None:
    data = bytearray(every_format()["JPEG"])
    data[data.index(b"\xff\xc0") + 1] = 0xC3
    assert refusal(bytes(data)).code == "format_not_supported"


def test_every_message_can_be_filled_and_pickled() -> None:
    import pickle
    import re

    for code, template in MESSAGES.items():
        params: dict[str, object] = dict.fromkeys(re.findall(r"%\((\w+)\)s", template), "7")
        error = PhotoRefused(code, **params)
        assert error.template == template
        assert str(error) == template % params
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - written one line above
        assert (again.code, again.params, str(again)) == (code, params, str(error))
