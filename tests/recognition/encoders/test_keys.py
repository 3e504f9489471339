"""Keys name what decides a vector, and survive the round trip."""

import pytest

from recognition.encoders import (
    CLIP_KEY,
    PACKAGED_KEY,
    PIXEL_KEY,
    EncoderKey,
    EncoderOptions,
    UnknownEncoder,
    build_encoder,
    parse_key,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (CLIP_KEY, EncoderKey("open_clip", "ViT-B-32", "laion2b_s34b_b79k")),
        ("a:b:c:tight3", EncoderKey("a", "b", "c", views="tight3")),
        ("a:b:c:adapter-0f3c", EncoderKey("a", "b", "c", adapter="adapter-0f3c")),
        ("a:b:c:tight3:adapter-0f3c", EncoderKey("a", "b", "c", "tight3", "adapter-0f3c")),
    ],
)
def test_round_trip(text: str, parts: EncoderKey) -> None:
    assert parse_key(text) == parts
    assert str(parts) == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:b", "a:b:", ":b:c", "a:b:c:", "a:b:c:d:e", "a:b:c:d:adapter-1:e", "a:b:c d",
     "a:b:../c", "a:b:c:adapter-1:views"],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UnknownEncoder):
        parse_key(text)


def test_the_base_has_neither_views_nor_adapter() -> None:
    key = parse_key("a:b:c:tight3:adapter-0f3c")
    assert str(key.base) == "a:b:c"
    assert key.base.is_plain
    assert not key.is_plain


def test_file_digest_is_told_from_a_tag() -> None:
    assert parse_key("open_clip:ViT-B-32:sha256-0123456789ab").file_digest == "0123456789ab"
    assert parse_key(CLIP_KEY).file_digest == ""


@pytest.mark.parametrize("key", [CLIP_KEY, PACKAGED_KEY, PIXEL_KEY])
def test_an_encoder_keeps_the_key_it_was_built_from(key: str, options: EncoderOptions) -> None:
    assert build_encoder(key, options).key == key


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("timm:resnet50:a1", "open_clip:ARCHITECTURE:TAG"),
        ("open_clip:ViT-B-23:openai", "Did you mean ViT-B-32"),
        (f"{CLIP_KEY}:tight3", "no views"),
        (f"{PACKAGED_KEY}:adapter-12", "by an adapter"),
    ],
)
def test_what_cannot_be_built_is_named(key: str, word: str, options: EncoderOptions) -> None:
    with pytest.raises(UnknownEncoder, match=word):
        build_encoder(key, options)


def test_the_test_encoder_needs_permission() -> None:
    with pytest.raises(UnknownEncoder, match="tests only"):
        build_encoder(PIXEL_KEY, EncoderOptions())


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"threads": 0}])
def test_options_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EncoderOptions(**wrong)  # type: ignore[arg-type]
