from hashlib import sha256

import pytest

from products.imaging import digest_of, inspect_photo, prepare_photo
from tests.products.imaging.samples import LIMITS, every_format, exif, quarters, saved


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"])
def test_the_same_bytes_give_the_same_photo(kind: str) -> None:
    data = every_format()[kind]
    first, second = prepare_photo(data, LIMITS), prepare_photo(bytes(bytearray(data)), LIMITS)
    assert first == second
    assert first.source_digest == inspect_photo(data, LIMITS).source_digest
    assert first.source_digest == sha256(data).hexdigest()
    assert first.digest == sha256(first.content).hexdigest() == digest_of(first.content)


def test_other_metadata_other_source_same_stored_file() -> None:
    plain = prepare_photo(saved(quarters(), "JPEG"), LIMITS)
    told = prepare_photo(saved(quarters(), "JPEG", exif=exif(1), comment=b"hello"), LIMITS)
    assert plain.source_digest != told.source_digest
    assert plain.digest == told.digest


def test_another_picture_has_another_digest() -> None:
    turned = saved(quarters(), "JPEG", exif=exif(6))
    straight = saved(quarters(), "JPEG")
    assert prepare_photo(turned, LIMITS).digest != prepare_photo(straight, LIMITS).digest
