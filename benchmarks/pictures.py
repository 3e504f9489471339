"""Pictures of a page: bytes of 24 cards as AVIF, WebP and JPEG at equal quality, and the time of making
all renditions of a photo.

The peer, in the same run, is the state before renditions: one JPEG of quality 82 a card, however small
it is shown, and three JPEG thumbnails a photo, each from the whole photo, by easy-thumbnails' engine.

Quality is structural similarity (SSIM, Wang et al. 2004; Gaussian window of 1.5 pixels) to the photo
shrunk without loss, the mean of red, green and blue. "Equal quality": of each photo and format the
smallest file that is at least as similar as its JPEG. Photos are those of `--pack`, else two that
scikit-learn brings.
"""

import csv
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from time import process_time

import numpy as np
from easy_thumbnails import engine
from easy_thumbnails.source_generators import pil_image
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_sample_images

from products.imaging import PhotoLimits
from products.imaging import renditions as recipe
from products.imaging.renditions import (
    Rendition,
    RenditionFormat,
    fit,
    make_renditions,
    open_shrunk,
)
from products.renditions.files import SIDES_OF_ALIAS

CARDS, ROUNDS = 24, 3
JPEG, OLD_CARD = 82, 480
QUALITIES = range(30, 97, 2)
OLD_THUMBNAILS = ((120, 82), (480, 82), (1200, 86))
Pixels = NDArray[np.float64]


def ssim(one: Pixels, other: Pixels) -> float:
    def blurred(values: Pixels) -> Pixels:
        return np.asarray(gaussian_filter(values, (1.5, 1.5, 0)))

    a, b = blurred(one), blurred(other)
    one_var, other_var = blurred(one**2) - a**2, blurred(other**2) - b**2
    both = blurred(one * other) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * a * b + c1) * (2 * both + c2)
    return float((above / ((a**2 + b**2 + c1) * (one_var + other_var + c2))).mean())


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"), np.float64)


def coded(image: Image.Image, each: RenditionFormat, quality: int) -> tuple[int, float]:
    """(bytes, similarity) of a picture in a format, as the recipe writes it."""
    content = recipe.written(image.copy(), Rendition(max(image.size), each, quality))
    return len(content), ssim(pixels(image), pixels(Image.open(BytesIO(content))))


def smallest_as_good(image: Image.Image, each: RenditionFormat, wanted: float) -> int:
    """Bytes of the smallest file that is as similar; similarity rises with the quality."""
    low, high = 0, len(QUALITIES) - 1
    while low < high:
        middle = (low + high) // 2
        if coded(image, each, QUALITIES[middle])[1] >= wanted:
            high = middle
        else:
            low = middle + 1
    return coded(image, each, QUALITIES[low])[0]


def page(photos: Sequence[Image.Image], side: int) -> None:
    """What the cards of a page weigh, shown `side` pixels of the screen large."""
    shrunk = [each.resize(fit(each.size, side), Image.Resampling.LANCZOS) for each in photos]
    jpegs = [coded(each, "jpg", JPEG) for each in shrunk]
    weight = _mean(size for size, _ in jpegs)
    old = _mean(
        coded(each.resize(fit(each.size, OLD_CARD), Image.Resampling.LANCZOS), "jpg", JPEG)[0]
        for each in photos
    )
    print(
        f"  {side} px: before, JPEG of {OLD_CARD} px: {_page(old)};"
        f" JPEG of {side} px: {_page(weight)}, SSIM {_mean(s for _, s in jpegs):.4f}"
    )
    for each, qualities in recipe.MODERN.items():
        as_good = _mean(
            smallest_as_good(image, each, wanted)
            for image, (_, wanted) in zip(shrunk, jpegs, strict=True)
        )
        ours = [coded(image, each, qualities[side]) for image in shrunk]
        own = _mean(size for size, _ in ours)
        print(
            f"    {each}: equal quality {_page(as_good)} ({as_good / weight:.2f} of JPEG);"
            f" as made (quality {qualities[side]}) {_page(own)} ({own / weight:.2f};"
            f" {own / old:.2f} of before), SSIM {_mean(s for _, s in ours):.4f}"
        )


def _page(each: float) -> str:
    return f"{CARDS * each / 1000:.0f} kB"


def _mean(values: object) -> float:
    return float(np.mean(list(values)))  # type: ignore[call-overload]


def before(data: bytes) -> int:
    """The three thumbnails of before, each at its first showing; their bytes."""
    total = 0
    for side, quality in OLD_THUMBNAILS:
        options = {"size": (side, side), "quality": quality}
        source = engine.generate_source_image(BytesIO(data), options, [pil_image])
        image = engine.process_image(source, options)
        total += len(engine.save_pil_image(image, filename="photo.jpg", quality=quality).read())
    return total


def now(data: bytes) -> int:
    photo = open_shrunk(data, PhotoLimits())
    return sum(len(content) for _, content in make_renditions(photo))


def seconds(call: Callable[[bytes], int], data: bytes) -> tuple[float, int]:
    times = []
    for _ in range(ROUNDS):
        started = process_time()
        size = call(data)
        times.append(process_time() - started)
    return float(np.median(times)), size


def making(name: str, image: Image.Image) -> None:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    (old, old_bytes), (new, new_bytes) = (
        seconds(before, out.getvalue()),
        seconds(now, out.getvalue()),
    )
    print(
        f"  {name}, {image.width}x{image.height}, {out.tell() / 1000:.0f} kB: before {old:.2f} s and"
        f" {old_bytes / 1000:.0f} kB; now {new:.2f} s and {new_bytes / 1000:.0f} kB;"
        f" ratio {new / old:.1f}; {1 / new:.1f} photos a second and core"
    )


def photos_of(pack: Path | None) -> list[Image.Image]:
    if pack is None:
        return [Image.fromarray(each) for each in load_sample_images().images]
    with (pack / "catalogue_full.csv").open(encoding="utf-8", newline="") as file:
        names = [name for row in csv.DictReader(file) for name in row["images"].split(";")[1:2]]
    chosen = names[:: max(1, len(names) // CARDS)][:CARDS]
    return [Image.open(pack / name).convert("RGB") for name in chosen]


def main(pack: Path | None = None) -> None:
    photos = photos_of(pack)
    longest = min(max(each.size) for each in photos)
    print(f"{len(photos)} real photos, weighed for a page of {CARDS} cards; sizes as shown:")
    for side in SIDES_OF_ALIAS["card"]:
        if side <= longest:
            page(photos, side)
    print("Making, processor time:")
    sample = Image.fromarray(load_sample_images().images[0])
    rng = np.random.default_rng(1)
    for name, size in (("catalogue photo", (900, 600)), ("phone photo", (4000, 3000))):
        grain = rng.normal(0, 4, (size[1], size[0], 1))
        large = pixels(sample.resize(size, Image.Resampling.BICUBIC)) + grain
        making(name, Image.fromarray(large.clip(0, 255).astype(np.uint8)))
