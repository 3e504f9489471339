"""Damaged and malicious bytes: refused, or decoded in full; never anything else."""

import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageFile

from products.imaging import PhotoRefused, inspect_photo, open_photo, prepare_photo
from products.imaging.guard import refusing
from tests.products.imaging.samples import (
    HEIGHT,
    LIMITS,
    WIDTH,
    corners,
    cut_out,
    every_format,
    exif,
    quarters,
    reopened,
    saved,
)


def targets() -> dict[str, bytes]:
    frames = {"save_all": True, "append_images": [quarters().rotate(90)]}
    return every_format() | {
        "JPEG with EXIF": saved(quarters(), "JPEG", exif=exif(6), comment=b"hello"),
        "progressive": saved(quarters(), "JPEG", progressive=True),
        "CMYK": saved(quarters().convert("CMYK"), "JPEG"),
        "MPO": saved(quarters(), "MPO", **frames),
        "palette PNG": saved(quarters().quantize(8), "PNG", transparency=b"\0\x80"),
        "animated PNG": saved(quarters(), "PNG", **frames),
        "16-bit PNG": saved(Image.fromarray(np.full((40, 40), 777, np.uint16)), "PNG"),
        "WebP with alpha": saved(cut_out(), "WEBP"),
        "lossless WebP": saved(cut_out(), "WEBP", lossless=True, exif=exif(6)),
        "animated WebP": saved(quarters(), "WEBP", **frames),
        "animated GIF": saved(quarters(), "GIF", **frames),
        "HEIF with alpha": saved(cut_out(), "HEIF"),
        "AVIF with alpha": saved(cut_out(), "AVIF", exif=exif(6)),
    }


def survive(data: bytes) -> bool:
    """Whether the bytes were accepted; any exception but PhotoRefused fails the test."""
    try:
        inspect_photo(data, LIMITS)
        image = open_photo(data, LIMITS)
        assert image.mode == "RGB"
        photo = prepare_photo(data, LIMITS)
    except PhotoRefused:
        return False
    assert reopened(photo.content).size == (photo.width, photo.height)
    return True


@pytest.mark.parametrize("name", targets())
def test_flipped_cut_and_inserted_bytes(name: str) -> None:
    original, chance = targets()[name], random.Random(name)
    accepted = 0
    for _ in range(120):
        data = bytearray(original)
        for _ in range(chance.choice((1, 1, 2, 6))):
            # The first bytes hold the structure, and there are few of them: hit them more often.
            reach = len(data) if chance.random() < 0.5 else min(len(data), 300)
            at, kind = chance.randrange(reach), chance.randrange(4)
            if kind == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif kind == 1:
                data[at] = chance.choice((0, 0x7F, 0x80, 0xFF))
            elif kind == 2:
                del data[at : at + chance.choice((1, 4, 40))]
            else:
                data[at:at] = chance.randbytes(chance.choice((1, 4, 30)))
        accepted += survive(bytes(data))
    assert accepted < 120


@pytest.mark.parametrize("name", targets())
def test_a_cut_file_is_refused_unless_every_pixel_is_there(name: str) -> None:
    data = targets()[name]
    whole = np.asarray(open_photo(data, LIMITS))
    cuts = {*range(1, 40), *(len(data) * part // 25 for part in range(25)), len(data) - 1}
    accepted: list[int] = []
    for cut in sorted(cuts - {0}):
        code = cut_code(data[:cut])
        if code is None:
            accepted.append(cut)
        else:
            assert code in {"truncated", "not_an_image", "too_small"}
    for cut in accepted:
        assert np.array_equal(np.asarray(open_photo(data[:cut], LIMITS)), whole), cut


def cut_code(data: bytes) -> str | None:
    try:
        open_photo(data, LIMITS)
    except PhotoRefused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_half_a_file_is_called_incomplete(kind: str) -> None:
    data = every_format()[kind]
    for use in (inspect_photo, open_photo, prepare_photo):
        if use is inspect_photo and kind == "GIF":
            continue  # only decoding tells
        with pytest.raises(PhotoRefused) as refused:
            use(data[: len(data) // 2 + 20], LIMITS)
        assert refused.value.code == "truncated"


def test_a_flipped_bit_in_png_pixels_is_noticed() -> None:
    data = bytearray(every_format()["PNG"])
    data[data.index(b"IDAT") + 20] ^= 1
    with pytest.raises(PhotoRefused, match="damaged"):
        inspect_photo(bytes(data), LIMITS)


def test_two_sizes_in_one_webp_are_not_believed() -> None:
    data = bytearray(saved(cut_out(), "WEBP"))
    assert data[12:16] == b"VP8X"
    data[24:27] = (WIDTH * 3 - 1).to_bytes(3, "little")
    with pytest.raises(PhotoRefused):
        open_photo(bytes(data), LIMITS)


def test_running_out_of_memory_is_not_the_photos_fault() -> None:
    with pytest.raises(MemoryError), refusing("PNG"):
        raise MemoryError
    with pytest.raises(PhotoRefused), refusing("PNG"):
        raise SystemError


def test_many_threads_get_what_one_gets() -> None:
    data = list(every_format().values()) * 8
    alone = [(corners(open_photo(d, LIMITS)), prepare_photo(d, LIMITS).digest) for d in data]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(
                lambda d: (corners(open_photo(d, LIMITS)), prepare_photo(d, LIMITS).digest), data
            )
        )
    assert together == alone


def test_nothing_global_changes() -> None:
    limit, formats = Image.MAX_IMAGE_PIXELS, set(Image.OPEN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in targets().values():
            prepare_photo(data, LIMITS)
    assert limit == Image.MAX_IMAGE_PIXELS
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    assert set(Image.OPEN) >= formats
    assert open_photo(every_format()["HEIF"], LIMITS).size == (WIDTH, HEIGHT)
