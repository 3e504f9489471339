"""Due photos become vectors; what cannot become one says why, and stops nothing else."""

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from products.imaging import open_photo
from products.photos import photo_limits
from recognition import loaded
from recognition.embedding import Done, embed_pending
from recognition.encoders.pixel import PixelEncoder
from recognition.models import Encoder, ImageEmbedding
from tests.factories import with_photo
from tests.pictures import product_photo

pytestmark = pytest.mark.django_db


class SmallMemoryEncoder(PixelEncoder):
    """Has room for a few pictures at a time, and for none of one size at all."""

    def __init__(self, room: int, too_wide: int = 10**9) -> None:
        super().__init__()
        self.room, self.too_wide, self.batches, self.released = room, too_wide, [], 0

    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        if len(images) > self.room or any(image.width >= self.too_wide for image in images):
            raise MemoryError
        self.batches.append(len(images))
        return super().encode_images(images)

    def release_memory(self) -> None:
        self.released += 1


@pytest.fixture
def use_encoder(monkeypatch: pytest.MonkeyPatch):
    def use(instance: PixelEncoder) -> PixelEncoder:
        monkeypatch.setattr(loaded, "_build", cache(lambda _key: instance))
        return instance

    return use


def states() -> dict[int, str]:
    return dict(ImageEmbedding.objects.values_list("image_id", "state"))


def test_every_due_photo_gets_its_own_unit_vector(encoder: Encoder, settings: object) -> None:
    settings.ENCODER_BATCH_SIZE = 4
    for seed in range(10):
        with_photo(seed)
    progress: list[int] = []
    done = embed_pending(encoder, on_progress=lambda done: progress.append(done.total))

    assert done == Done(ready=10, failed=0)
    assert progress == [4, 8, 10]
    vectors = np.array([e.vector for e in ImageEmbedding.objects.ready()])
    assert vectors.shape == (10, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2)
    assert len(np.unique(vectors.round(4), axis=0)) == 10
    assert embed_pending(encoder) == Done()


def test_the_stored_vector_is_the_encoders_own(encoder: Encoder) -> None:
    with_photo(3)
    embed_pending(encoder)
    image = ImageEmbedding.objects.get().image
    instance = loaded.encoder_for(encoder.key)
    picture = open_photo(image.file.read(), photo_limits(), at_least=instance.input_side)
    expected = instance.encode_images([picture])[0]
    stored = np.array(ImageEmbedding.objects.get().vector)
    assert np.abs(stored - expected).max() < 1e-3


def test_a_missing_file_fails_with_its_reason_and_the_others_go_on(encoder: Encoder) -> None:
    gone, fine = with_photo(1), with_photo(2)
    default_storage.delete(gone.file.name)
    assert embed_pending(encoder) == Done(ready=1, failed=1)
    assert states() == {gone.pk: "failed", fine.pk: "ready"}
    assert "missing from the storage" in ImageEmbedding.objects.failed().get().reason


def test_a_file_that_was_swapped_behind_our_back_is_not_embedded(encoder: Encoder) -> None:
    image = with_photo(1)
    default_storage.delete(image.file.name)
    default_storage.save(image.file.name, io.BytesIO(product_photo(2)))
    assert embed_pending(encoder) == Done(ready=0, failed=1)
    assert "not the one that was stored" in ImageEmbedding.objects.failed().get().reason


def test_out_of_memory_halves_the_batch_and_gives_memory_back(
    encoder: Encoder, use_encoder
) -> None:
    for seed in range(8):
        with_photo(seed)
    small = use_encoder(SmallMemoryEncoder(room=3))
    assert embed_pending(encoder) == Done(ready=8, failed=0)
    assert max(small.batches) <= 3
    assert sum(small.batches) == 8
    assert small.released >= 2


def test_a_photo_too_large_for_memory_alone_fails_and_the_others_go_on(
    encoder: Encoder, use_encoder
) -> None:
    fine = [with_photo(seed).pk for seed in range(4)]
    from products.photos import add_photo
    from tests.factories import ProductFactory

    huge = add_photo(product=ProductFactory(), data=product_photo(9, side=500)).image.pk
    use_encoder(SmallMemoryEncoder(room=8, too_wide=100))
    assert embed_pending(encoder) == Done(ready=4, failed=1)
    assert states() == {**dict.fromkeys(fine, "ready"), huge: "failed"}
    assert "does not fit into the memory" in ImageEmbedding.objects.failed().get().reason


def test_told_to_stop_it_gives_back_what_it_has_not_done(
    encoder: Encoder, settings: object
) -> None:
    settings.ENCODER_BATCH_SIZE = 2
    for seed in range(6):
        with_photo(seed)
    stop: list[bool] = []
    done = embed_pending(
        encoder, should_stop=lambda: bool(stop), on_progress=lambda _done: stop.append(True)
    )
    assert 2 <= done.ready <= 4
    left = ImageEmbedding.objects.pending()
    assert left.count() == 6 - done.ready
    assert set(left.values_list("attempts", "leased_until")) == {(0, None)}


def test_an_unreadable_storage_is_tried_again_later(
    encoder: Encoder, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from products.models import ProductImage

    image = with_photo(1)
    storage = ProductImage._meta.get_field("file").storage

    def broken(*_args: object, **_kwargs: object) -> None:
        raise ConnectionResetError("storage went away")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "open", broken, raising=False)
        assert embed_pending(encoder) == Done()
        ImageEmbedding.objects.update(leased_until=None)
        for _ in range(5):  # an outage of whatever length uses up no attempt
            assert embed_pending(encoder) == Done()
            ImageEmbedding.objects.update(leased_until=None)
    assert states() == {image.pk: "pending"}
    assert ImageEmbedding.objects.get().attempts == 0
    ImageEmbedding.objects.update(leased_until=None)
    assert embed_pending(encoder) == Done(ready=1)
