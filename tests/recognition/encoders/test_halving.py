"""When memory runs out, batches are halved until they fit."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import (
    EncoderError,
    OutOfMemory,
    Vectors,
    encode_in_batches,
    is_out_of_memory,
)
from recognition.encoders.pixel import PixelEncoder


class SmallCard(PixelEncoder):
    """A real encoder on a device that holds `room` pictures, and none that are 666 wide."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sizes: list[int] = []
        self.released = 0

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        self.sizes.append(len(images))
        if len(images) > self.room or any(image.width == 666 for image in images):
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return super().encode_images(images)

    def release_memory(self) -> None:
        self.released += 1


def _pictures(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), (7 * n % 256, 30, 200 - n)) for n in range(count)]


def test_halves_gives_memory_back_and_stays_small() -> None:
    card = SmallCard(room=3)
    told: list[int] = []
    vectors = encode_in_batches(card, _pictures(20), 16, on_shrink=told.append)
    np.testing.assert_array_equal(vectors, PixelEncoder().encode_images(_pictures(20)))
    assert card.sizes == [16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert card.released == 3
    assert told == [8, 4, 2]


def test_one_picture_that_never_fits_is_named() -> None:
    card = SmallCard(room=4)
    pictures = _pictures(6)
    pictures[2] = Image.new("RGB", (666, 8))
    with pytest.raises(OutOfMemory, match="One picture alone") as caught:
        encode_in_batches(card, pictures, 4)
    assert caught.value.index == 2
    assert card.sizes[-1] == 1


def test_other_errors_pass_through() -> None:
    class Broken(PixelEncoder):
        def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
            raise EncoderError(f"broken at {len(images)}")

    with pytest.raises(EncoderError, match="broken at 2"):
        encode_in_batches(Broken(), _pictures(4), 2)


def test_no_pictures() -> None:
    assert encode_in_batches(PixelEncoder(), [], 8).shape == (0, 512)
    with pytest.raises(ValueError, match="at least 1"):
        encode_in_batches(PixelEncoder(), [], 0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"), True),
        (OutOfMemory("one picture"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
        (EncoderError("weights"), False),
    ],
)
def test_which_errors_mean_out_of_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


@pytest.mark.real_encoder
def test_torch_errors_are_known() -> None:
    import torch

    assert is_out_of_memory(torch.OutOfMemoryError("CUDA"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert is_out_of_memory(caught.value)
