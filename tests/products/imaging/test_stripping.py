"""What a stored photo may not hold: where it was taken, by whom, with what, and stowaways."""

import struct
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from products.imaging import PhotoRefused, open_photo, prepare_photo
from tests.products.imaging.samples import (
    LIMITS,
    assert_colours,
    corners,
    cut_out,
    every_format,
    exif,
    png_chunk,
    quarters,
    reopened,
    saved,
    srgb_profile,
)

SECRET = b"Jane-Doe-Secret"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
STOWAWAY = b"PK\3\4<script>alert('" + SECRET + b"')</script>"


def revealing_exif(orientation: int = 1) -> Image.Exif:
    block = exif(orientation, tag_010f=SECRET.decode(), tag_013b=SECRET.decode())
    gps = block.get_ifd(0x8825)
    gps[1], gps[2] = "N", (59.0, 56.0, 20.0)
    gps[29] = SECRET.decode()
    return block


def revealing(kind: str, orientation: int = 1) -> bytes:
    options: dict[str, object] = {"exif": revealing_exif(orientation)}
    image = quarters()
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Author", SECRET.decode())
        text.add_text("Comment", SECRET.decode(), zip=True)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"] = text
    elif kind == "GIF":
        options = {"comment": SECRET}
    elif kind == "HEIF":
        options = {"exif": revealing_exif(orientation).tobytes(), "xmp": XMP}
    else:
        options["xmp"] = XMP
    if kind == "JPEG":
        options["comment"] = SECRET
    data = saved(image, kind, **options)
    if kind == "JPEG":
        iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(SECRET)) + SECRET
        maker = SECRET * 3
        extra = b"".join(
            b"\xff" + marker + struct.pack(">H", len(load) + 2) + load
            for marker, load in ((b"\xed", iptc), (b"\xe5", maker), (b"\xe0", b"JFXX\0" + SECRET))
        )
        data = data[:20] + extra + data[20:]
    return data


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_nothing_private_is_stored(kind: str, orientation: int) -> None:
    data = revealing(kind, orientation)
    assert SECRET in data
    content = prepare_photo(data, LIMITS).content
    stored = reopened(content)
    for trace in (SECRET, b"Exif", b"EXIF", b"eXIf", b"xmpmeta", b"XMP ", b"8BIM", b"ICC", b"iCCP"):
        assert trace not in content
    assert not dict(stored.getexif())
    known = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "transparency"}
    known |= {"loop", "background", "timestamp", "duration"}  # told by the WebP reader of any file
    assert set(stored.info) <= known


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_what_hangs_on_behind_the_picture_is_dropped(kind: str) -> None:
    plain = every_format()[kind]
    data = plain + (box(b"free", STOWAWAY) if kind in {"HEIF", "AVIF"} else STOWAWAY)
    photo = prepare_photo(data, LIMITS)
    assert SECRET not in photo.content
    assert photo.content == prepare_photo(plain, LIMITS).content


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_container_with_loose_bytes_is_refused_or_cleaned(kind: str) -> None:
    # Loose bytes look like a broken box; one that is refused stores nothing either.
    with suppress(PhotoRefused):
        assert SECRET not in prepare_photo(every_format()[kind] + STOWAWAY, LIMITS).content


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", 8 + len(payload)) + kind + payload


def test_a_clean_jpeg_keeps_its_pixels_to_the_bit() -> None:
    data = revealing("JPEG")
    photo = prepare_photo(data, LIMITS)
    assert np.array_equal(np.asarray(reopened(photo.content)), np.asarray(reopened(data)))
    assert len(photo.content) < len(data)


@pytest.mark.parametrize("lossless", [True, False])
def test_a_clean_webp_keeps_its_pixels_to_the_bit(lossless: bool) -> None:
    data = saved(cut_out(), "WEBP", exif=revealing_exif(), xmp=XMP, lossless=lossless)
    photo = prepare_photo(data, LIMITS)
    assert np.array_equal(np.asarray(reopened(photo.content)), np.asarray(reopened(data)))


def test_a_profile_that_is_srgb_is_dropped_without_touching_pixels() -> None:
    data = saved(quarters(), "JPEG", icc_profile=srgb_profile(), quality=90)
    photo = prepare_photo(data, LIMITS)
    assert b"ICC_PROFILE" not in photo.content
    assert np.array_equal(np.asarray(reopened(photo.content)), np.asarray(reopened(data)))


def test_a_stored_photo_stored_again_does_not_change() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"):
        once = prepare_photo(revealing(kind, 6), LIMITS)
        assert prepare_photo(once.content, LIMITS).content == once.content


def test_a_jpeg_turned_upright_stays_close_to_its_pixels() -> None:
    data = saved(quarters(), "JPEG", quality=95, subsampling="4:4:4", exif=exif(3))
    turned = np.asarray(reopened(data).transpose(Image.Transpose.ROTATE_180)).astype(int)
    stored = np.asarray(reopened(prepare_photo(data, LIMITS).content)).astype(int)
    assert np.abs(turned - stored).mean() < 1.5


def test_hidden_png_chunks_are_dropped() -> None:
    data = saved(quarters(), "PNG")
    hidden = data[:33] + png_chunk(b"prVt", SECRET) + data[33:]
    assert SECRET not in prepare_photo(hidden, LIMITS).content


def test_rgb_and_grey_jpegs_keep_their_colours_when_rebuilt() -> None:
    rgb = saved(quarters(), "JPEG", quality=95, keep_rgb=True, comment=SECRET)
    assert_colours(open_photo(rgb, LIMITS), corners(quarters()))
    assert_colours(reopened(prepare_photo(rgb, LIMITS).content), corners(quarters()))
    grey = saved(quarters().convert("L"), "JPEG", quality=95, comment=SECRET)
    stored = reopened(prepare_photo(grey, LIMITS).content)
    assert stored.mode == "L"
    assert_colours(stored, corners(Image.open(BytesIO(grey))), within=0)
