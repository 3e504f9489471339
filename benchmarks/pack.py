"""Labelled real photos, for the benchmarks that need them: a folder with `catalogue*.csv` as
`import_catalogue` reads them and `queries*.csv` with the columns file and sku.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from recognition.encoders import PACKAGED_KEY, EncoderOptions, build_encoder

_folder: Path | None = None
# (x, y, width, height) as shares of the photo: what the encoder is shown of it.
WHOLE = (0.0, 0.0, 1.0, 1.0)
CENTRE = (0.15, 0.15, 0.7, 0.7)
TIGHT = (0.25, 0.25, 0.5, 0.5)


def choose(folder: str | None) -> None:
    global _folder  # noqa: PLW0603 - one run, one pack
    _folder = Path(folder) if folder else None


def folder() -> Path:
    if _folder is None:
        raise SystemExit("This benchmark needs labelled photos: give --pack DIR.")
    return _folder


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`products`: for each photo the place of its SKU in `skus`; `categories` by SKU."""

    skus: list[str]
    categories: dict[str, str]
    files: list[str]
    products: NDArray[np.int64]


def catalogue(name: str) -> Catalogue:
    with (folder() / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    skus = [row["sku"] for row in rows]
    photos = [(at, photo) for at, row in enumerate(rows) for photo in row["images"].split(";")]
    return Catalogue(
        skus,
        {row["sku"]: row["category"] for row in rows},
        [photo for _at, photo in photos],
        np.array([at for at, _photo in photos]),
    )


def queries(name: str) -> list[tuple[str, str]]:
    """(file, sku), the SKU empty where the photo shows nothing of the catalogue."""
    with (folder() / name).open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["sku"]) for row in csv.DictReader(file)]


def vectors(
    files: list[str], boxes: tuple[tuple[float, ...], ...]
) -> dict[str, NDArray[np.float32]]:
    """For each file the unit vector of the packaged encoder, the mean over the boxes."""
    encoder = build_encoder(PACKAGED_KEY, EncoderOptions(device="cpu"))
    unique = sorted(set(files))
    total = np.zeros((len(unique), encoder.dimension), dtype=np.float32)
    for box in boxes:
        found = []
        for at in tqdm(range(0, len(unique), 32), unit="batch", disable=None):
            pictures = [_cut(folder() / each, box) for each in unique[at : at + 32]]
            found.append(encoder.encode_images(pictures))
        total += np.concatenate(found)
    total /= np.linalg.norm(total, axis=1, keepdims=True)
    return dict(zip(unique, total, strict=True))


def _cut(path: Path, box: tuple[float, ...]) -> Image.Image:
    with Image.open(path) as image:
        picture = image.convert("RGB")
    left, top, width, height = box
    x, y = left * picture.width, top * picture.height
    return picture.crop(
        (int(x), int(y), round(x + width * picture.width), round(y + height * picture.height))
    )
