"""Labelled real photos, for the benchmarks that need them: a folder with `catalogue*.csv` as
`import_catalogue` reads them and `queries*.csv` with the columns file and sku.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from recognition.encoders import PACKAGED_KEY, EncoderOptions, build_encoder
from recognition.tuning.looking import look

_folder: Path | None = None
_BATCH = 32


def choose(folder: str | Path | None) -> None:
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


ByView = dict[str, dict[str, NDArray[np.float32]]]


def vectors(files: list[str], views: Sequence[str]) -> ByView:
    """By views and file, the unit vectors of the packaged encoder."""
    encoder = build_encoder(PACKAGED_KEY, EncoderOptions(device="cpu"))
    unique = sorted(set(files))
    found: ByView = {view: {} for view in views}
    for at in tqdm(range(0, len(unique), _BATCH), unit="batch", disable=None):
        batch = unique[at : at + _BATCH]
        seen = look(encoder, [_open(folder() / each) for each in batch], views, _BATCH)
        for view, each in seen.items():
            found[view].update(zip(batch, each, strict=True))
    return found


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
