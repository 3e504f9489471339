"""Concurrent callers share a batch, and nobody pays for another's picture."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from recognition.encoders import Busy, SharedBatch, TextNotSupported, Vectors
from recognition.encoders.pixel import PixelEncoder


class Gate(PixelEncoder):
    """A real encoder whose passes can be held, and that chokes on pictures 13 pixels wide."""

    speaks_text = True

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self.sizes: list[int] = []

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        self.sizes.append(len(images))
        self.entered.set()
        assert self.open.wait(10)
        for image in images:
            if image.width == 13:
                raise ValueError(f"choked on {image.height}")
            if image.width == 14:
                raise SystemExit
        return super().encode_images(images)

    def _encode_texts(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        vectors[range(len(texts)), [len(text) for text in texts]] = 1
        return vectors


def _picture(number: int) -> Image.Image:
    return Image.new("RGB", (20, 20), (number * 5 % 256, number * 11 % 256, 99))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def gate() -> Gate:
    return Gate()


def _held(shared: SharedBatch, gate: Gate, pool: ThreadPoolExecutor) -> object:
    """A first picture whose pass is held, so that others queue up behind it."""
    gate.open.clear()
    first = pool.submit(shared.encode_image, _picture(0))
    assert gate.entered.wait(10)
    return first


def test_alone_nobody_waits(gate: Gate) -> None:
    shared = SharedBatch(gate)
    vectors = [shared.encode_image(_picture(n)) for n in range(3)]
    expected = PixelEncoder().encode_images([_picture(n) for n in range(3)])
    np.testing.assert_array_equal(vectors, expected)
    assert gate.sizes == [1, 1, 1]
    assert vectors[0].base is None


def test_who_waits_shares_the_next_pass(gate: Gate) -> None:
    shared = SharedBatch(gate, max_batch=4)
    with ThreadPoolExecutor(10) as pool:
        first = _held(shared, gate, pool)
        rest = [pool.submit(shared.encode_image, _picture(n)) for n in range(1, 8)]
        _until(lambda: len(shared._queue) == 7)
        gate.open.set()
        vectors = [future.result(10) for future in [first, *rest]]  # type: ignore[attr-defined]
    assert gate.sizes == [1, 4, 3]
    expected = PixelEncoder().encode_images([_picture(n) for n in range(8)])
    np.testing.assert_array_equal(vectors, expected)


def test_an_error_reaches_exactly_its_caller(gate: Gate) -> None:
    shared = SharedBatch(gate)
    bad = [Image.new("RGB", (13, height)) for height in (5, 6)]
    with ThreadPoolExecutor(8) as pool:
        first = _held(shared, gate, pool)
        good = [pool.submit(shared.encode_image, _picture(n)) for n in range(3)]
        failing = [pool.submit(shared.encode_image, image) for image in bad]
        _until(lambda: len(shared._queue) == 5)
        gate.open.set()
        first.result(10)  # type: ignore[attr-defined]
        expected = PixelEncoder().encode_images([_picture(n) for n in range(3)])
        np.testing.assert_array_equal([future.result(10) for future in good], expected)
        for height, future in zip((5, 6), failing, strict=True):
            with pytest.raises(ValueError, match=f"choked on {height}"):
                future.result(10)
    shared.encode_image(_picture(9))


def test_one_too_many_is_told_at_once(gate: Gate) -> None:
    shared = SharedBatch(gate, max_waiting=2)
    with ThreadPoolExecutor(4) as pool:
        first = _held(shared, gate, pool)
        waiting = [pool.submit(shared.encode_image, _picture(n)) for n in (1, 2)]
        _until(lambda: len(shared._queue) == 2)
        with pytest.raises(Busy, match="try again"):
            shared.encode_image(_picture(3))
        gate.open.set()
        for future in [first, *waiting]:
            future.result(10)  # type: ignore[attr-defined]
    shared.encode_image(_picture(3))


def test_pictures_and_words_queue_together_and_run_apart(gate: Gate) -> None:
    shared = SharedBatch(gate)
    with ThreadPoolExecutor(8) as pool:
        first = _held(shared, gate, pool)
        words = [pool.submit(shared.encode_text, "x" * n) for n in range(3)]
        images = [pool.submit(shared.encode_image, _picture(n)) for n in range(3)]
        _until(lambda: len(shared._queue) == 6)
        gate.open.set()
        first.result(10)  # type: ignore[attr-defined]
        assert [int(future.result(10).argmax()) for future in words] == [0, 1, 2]
        expected = PixelEncoder().encode_images([_picture(n) for n in range(3)])
        np.testing.assert_array_equal([future.result(10) for future in images], expected)


def test_a_leader_that_is_killed_leaves_nobody_waiting(gate: Gate) -> None:
    shared = SharedBatch(gate, max_batch=1)
    with ThreadPoolExecutor(4) as pool:
        gate.open.clear()
        killed = pool.submit(shared.encode_image, Image.new("RGB", (14, 9)))
        assert gate.entered.wait(10)
        behind = pool.submit(shared.encode_image, _picture(1))
        _until(lambda: len(shared._queue) == 1)
        gate.open.set()
        with pytest.raises(SystemExit):
            killed.result(10)
        assert behind.result(10).shape == (512,)


def test_pictures_of_one_caller_go_together(gate: Gate) -> None:
    shared = SharedBatch(gate, max_batch=4)
    pictures = [_picture(n) for n in range(4)]
    expected = PixelEncoder().encode_images(pictures)
    np.testing.assert_array_equal(shared.encode_images(pictures), expected)
    assert gate.sizes == [4]
    assert shared.encode_images([]).shape == (0, 512)
    # More than one pass holds are several passes, of one caller still.
    many = [_picture(n) for n in range(10)]
    np.testing.assert_array_equal(shared.encode_images(many), PixelEncoder().encode_images(many))
    assert gate.sizes == [4, 4, 4, 2]


def test_who_has_one_picture_does_not_wait_for_those_with_many(gate: Gate) -> None:
    shared = SharedBatch(gate, max_batch=8)
    with ThreadPoolExecutor(8) as pool:
        first = _held(shared, gate, pool)
        many = [
            pool.submit(shared.encode_images, [_picture(n) for n in range(each)]) for each in (4, 3)
        ]
        _until(lambda: len(shared._queue) == 2)
        single = [pool.submit(shared.encode_image, _picture(n)) for n in range(3)]
        _until(lambda: len(shared._queue) == 5)
        gate.open.set()
        first.result(10)  # type: ignore[attr-defined]
        for future in [*single, *many]:
            future.result(10)
    # The head of the queue and all who have one; then the other with many.
    assert gate.sizes == [1, 7, 3]


def test_many_pictures_are_told_to_come_back_before_single_ones(gate: Gate) -> None:
    shared = SharedBatch(gate, max_batch=4)
    with ThreadPoolExecutor(8) as pool:
        first = _held(shared, gate, pool)
        waiting = pool.submit(shared.encode_images, [_picture(n) for n in range(3)])
        _until(lambda: len(shared._queue) == 1)
        with pytest.raises(Busy, match="3 pictures wait"):
            shared.encode_images([_picture(n) for n in range(2)])
        single = pool.submit(shared.encode_image, _picture(9))
        _until(lambda: len(shared._queue) == 2)
        gate.open.set()
        for future in (first, waiting, single):
            future.result(10)  # type: ignore[attr-defined]


def test_one_bad_picture_fails_its_own_call_alone(gate: Gate) -> None:
    shared = SharedBatch(gate)
    with ThreadPoolExecutor(8) as pool:
        first = _held(shared, gate, pool)
        bad = pool.submit(shared.encode_images, [_picture(1), Image.new("RGB", (13, 5))])
        good = pool.submit(shared.encode_images, [_picture(n) for n in range(3)])
        _until(lambda: len(shared._queue) == 2)
        gate.open.set()
        first.result(10)  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match="choked on 5"):
            bad.result(10)
        expected = PixelEncoder().encode_images([_picture(n) for n in range(3)])
        np.testing.assert_array_equal(good.result(10), expected)


def test_words_where_only_pictures_are_understood() -> None:
    with pytest.raises(TextNotSupported):
        SharedBatch(PixelEncoder()).encode_text("apple")


def test_storm() -> None:
    shared = SharedBatch(PixelEncoder(), max_batch=8, max_waiting=1000)
    pictures = [_picture(n) for n in range(400)]
    with ThreadPoolExecutor(32) as pool:
        vectors = list(pool.map(shared.encode_image, pictures))
    np.testing.assert_array_equal(vectors, PixelEncoder().encode_images(pictures))
    assert not shared._queue
    assert not shared._led
