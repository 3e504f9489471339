"""Adding an encoder beside the others."""

from pathlib import Path

import pytest

from recognition.encoders import CLIP_KEY, PIXEL_KEY, EncoderError, MissingWeights, UnknownEncoder
from recognition.models import Encoder, ImageEmbedding
from recognition.switching.adding import add_encoder
from recognition.switching.retiring import retire
from recognition.vector_index import drop_index, index_is_valid
from tests.recognition.switching.shop import SECOND_KEY, second, with_photos

pytestmark = pytest.mark.django_db


def test_every_photo_is_due_for_it_and_it_does_not_answer(encoder: Encoder) -> None:
    with_photos(encoder, 3)
    added = second(filled=False)
    assert (added.state, added.dimension) == ("building", 512)
    assert ImageEmbedding.objects.pending().filter(encoder=added).count() == 3
    assert index_is_valid(added)
    assert Encoder.objects.active() == encoder


def test_new_photos_are_due_for_all_in_use(encoder: Encoder) -> None:
    added = second()
    with_photos(encoder, 1)
    assert ImageEmbedding.objects.pending().filter(encoder=added).count() == 1


def test_adding_it_twice_changes_nothing(encoder: Encoder) -> None:
    with_photos(encoder, 2)
    added = second()
    assert add_encoder(SECOND_KEY) == added
    assert ImageEmbedding.objects.ready().filter(encoder=added).count() == 2


def test_adding_it_again_makes_what_a_killed_process_left_out(encoder: Encoder) -> None:
    with_photos(encoder, 2)
    added = second()
    drop_index(added)
    ImageEmbedding.objects.filter(encoder=added).delete()
    assert add_encoder(SECOND_KEY) == added
    assert index_is_valid(added)
    assert ImageEmbedding.objects.pending().filter(encoder=added).count() == 2


def test_a_retired_one_is_filled_again(encoder: Encoder) -> None:
    with_photos(encoder, 2)
    added = second()
    retire(added)
    again = second()
    assert (again.pk, again.state) == (added.pk, "building")
    assert ImageEmbedding.objects.ready().filter(encoder=added).count() == 2
    assert index_is_valid(again)


def test_what_stands_in_for_another_does_so_with_any_views(encoder: Encoder) -> None:
    Encoder.objects.create(
        key="a:b:c", dimension=4, speaks_text=False, fallback_reason="Another network."
    )
    assert second(filled=False).fallback_reason == ""
    Encoder.objects.filter(pk=encoder.pk).update(fallback_reason="No CLIP here.")
    other = second(f"{PIXEL_KEY}:tight", filled=False)
    assert other.fallback_reason == "No CLIP here."


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("nonsense", UnknownEncoder),
        (f"{PIXEL_KEY}:tight+whole", UnknownEncoder),
        ("open_clip:ViT-B-23:openai", UnknownEncoder),
        (f"{PIXEL_KEY}:adapter-0123456789ab", UnknownEncoder),
        ("open_clip:ViT-B-32:sha256-0123456789ab", MissingWeights),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_written(
    encoder: Encoder, key: str, error: type[EncoderError]
) -> None:
    with pytest.raises(error):
        add_encoder(key)
    assert Encoder.objects.count() == 1


def test_weights_that_are_not_there_are_named(
    encoder: Encoder,
    settings: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The hub's client keeps for good what it finds when it is first imported.
    import huggingface_hub.constants  # noqa: F401

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError):
        add_encoder(CLIP_KEY)
    assert Encoder.objects.count() == 1
