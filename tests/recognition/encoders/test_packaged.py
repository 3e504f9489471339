"""The packaged encoder: real weights, real pictures."""

import io
import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from recognition.encoders import PACKAGED_KEY, Encoder, EncoderOptions, TextNotSupported
from recognition.encoders.packaged import (
    PackagedEncoder,
    fold_normalisation,
    load_classifier,
    to_input,
    weights_path,
)

pytestmark = pytest.mark.real_encoder

Photos = dict[str, Image.Image]


def _as_jpeg(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file).convert("RGB")


_CHANGES = {
    "cropped": lambda image: image.crop((60, 40, image.width - 40, image.height - 20)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.4),
    "recompressed": _as_jpeg,
    "smaller": lambda image: image.resize((image.width // 2, image.height // 2)),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def test_unit_vectors_of_the_stated_form(packaged: Encoder, photos: Photos) -> None:
    vectors = packaged.encode_images(list(photos.values()))
    assert packaged.key == PACKAGED_KEY
    assert vectors.shape == (2, packaged.dimension) == (2, 1280)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert packaged.encode_images([]).shape == (0, 1280)


@pytest.mark.parametrize("change", list(_CHANGES))
def test_a_changed_photo_stays_nearer_than_another(
    packaged: Encoder, photos: Photos, change: str
) -> None:
    originals = packaged.encode_images(list(photos.values()))
    changed = packaged.encode_images([_CHANGES[change](image) for image in photos.values()])
    alike = originals @ changed.T
    assert np.diag(alike).min() > 0.6
    assert np.diag(alike).min() > max(alike[0, 1], alike[1, 0]) + 0.3


def test_the_weights_know_imagenet(photos: Photos) -> None:
    import torch

    network = load_classifier(weights_path())
    with torch.inference_mode():
        best = network(to_input(list(photos.values()))).topk(3, dim=1).indices.tolist()
    palace, daisy = 698, 985
    assert best[0][0] == palace
    assert best[1][0] == daisy


def test_folding_changes_nothing_but_the_time(photos: Photos) -> None:
    import torch

    network = load_classifier(weights_path())
    batch = to_input(list(photos.values()))
    with torch.inference_mode():
        before = network(batch)
    with torch.no_grad():
        fold_normalisation(network)
        after = network(batch)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())
    assert (before - after).abs().max() < 1e-3


def test_batches_do_not_change_vectors(photos: Photos) -> None:
    images = [photos["china"], photos["flower"], photos["china"].rotate(90, expand=True)]
    one = PackagedEncoder(EncoderOptions(device="cpu", batch_size=1)).encode_images(images)
    two = PackagedEncoder(EncoderOptions(device="cpu", batch_size=2)).encode_images(images)
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_a_wide_picture_is_cut_not_squeezed(packaged: Encoder, photos: Photos) -> None:
    square = photos["flower"].crop((106, 0, 533, 427))
    wide = Image.new("RGB", (427 * 5, 427))
    wide.paste(square, (427 * 2, 0))
    one, other = packaged.encode_images([square, wide])
    assert one @ other > 0.999
    strips = [Image.new("RGB", size, "green") for size in ((1, 30_000), (30_000, 1), (1, 1))]
    assert np.isfinite(packaged.encode_images(strips)).all()


def test_it_sees_pictures_only(packaged: Encoder) -> None:
    with pytest.raises(TextNotSupported, match="pictures only"):
        packaged.encode_texts(["a dahlia"])


def test_the_limit_on_threads_holds_in_every_thread(photos: Photos) -> None:
    import torch

    encoder = PackagedEncoder(EncoderOptions(device="cpu", threads=1))
    seen: list[int] = []

    def encode() -> None:
        encoder.encode_images([photos["china"]])
        seen.append(torch.get_num_threads())

    before = torch.get_num_threads()
    try:
        threads = [threading.Thread(target=encode) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        torch.set_num_threads(before)
    assert seen == [1, 1]


def test_many_threads_load_once(photos: Photos) -> None:
    loads: list[str] = []

    class Counted(PackagedEncoder):
        def _load_network(self, device: str) -> Any:
            loads.append(device)
            return super()._load_network(device)

    encoder = Counted(EncoderOptions(device="cpu"))
    ready = threading.Barrier(8)
    vectors: list[np.ndarray] = []

    def encode() -> None:
        ready.wait()
        vectors.append(encoder.encode_images([photos["china"]])[0])

    threads = [threading.Thread(target=encode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == ["cpu"]
    assert len(vectors) == 8
    np.testing.assert_allclose(vectors, np.tile(vectors[0], (8, 1)), atol=1e-5)
