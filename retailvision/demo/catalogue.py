"""Draws the demo shop to a folder: the catalogue with its photos, and phone photos to search with."""

import csv
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from retailvision.demo.designs import FAMILY_ORDER, SIBLINGS, Design, design, siblings
from retailvision.demo.photos import BARCODED, PACKS, catalogue_photo, shows_back
from retailvision.demo.snapshots import phone_photo

COLUMNS = ("sku", "name", "category", "description", "brand", "price", "barcode", "images",
           "attribute:colour", "attribute:size")  # fmt: skip
_QUALITY = 88
_UNKNOWN_EVERY = 10  # one phone photo in so many shows a product that the shop does not sell
_BARCODE_EVERY = 40  # and one in so many is a close shot of a barcode


@dataclass(frozen=True)
class DrawnCatalogue:
    """What was drawn, and where."""

    folder: Path
    catalogue: Path
    queries: Path
    products: int
    photos: int
    phone_photos: int


@dataclass(frozen=True)
class _Product:
    """One job: all photos of a product."""

    out: str
    seed: int
    number: int
    photos: int
    size: int


@dataclass(frozen=True)
class _Query:
    """One job: a phone photo."""

    out: str
    seed: int
    phone_seed: int
    index: int
    products: int
    size: int


def photo_name(d: Design, view: int) -> str:
    return f"photos/{d.sku}_{view + 1}.jpg"


def query_name(index: int) -> str:
    return f"phone/q_{index + 1:04d}.jpg"


def _save(image: Image.Image, path: Path, quality: int) -> None:
    image.save(path, "JPEG", quality=quality)


def _draw_product(job: _Product) -> int:
    d = design(job.seed, job.number)
    for view in range(job.photos):
        # A range is photographed in one go: its siblings stand in the same place, in the same light.
        rng = np.random.default_rng([job.seed, 4, job.number // SIBLINGS, view])
        image = catalogue_photo(d, view, rng, job.size)
        _save(image, Path(job.out) / photo_name(d, view), _QUALITY)
    return job.photos


def _draw_query(job: _Query) -> int:
    rng = np.random.default_rng([job.phone_seed, 5, job.index])
    shown = query_subject(job.seed, job.phone_seed, job.index, job.products)
    d = design(job.seed, shown)
    close = _is_barcode(job.index, d)
    image, quality = phone_photo(d, _neighbours(job, shown, rng), rng, job.size, barcode=close)
    _save(image, Path(job.out) / query_name(job.index), quality)
    return 1


def _is_barcode(index: int, d: Design) -> bool:
    return index % _BARCODE_EVERY == _BARCODE_EVERY - 1 and d.family in BARCODED


def query_subject(seed: int, phone_seed: int, index: int, products: int) -> int:
    """The number of the product that a phone photo shows; `products` or more is not in the catalogue."""
    order = np.random.default_rng([phone_seed, 6]).permutation(products)
    if index % _UNKNOWN_EVERY == _UNKNOWN_EVERY - 4:
        # Lines that begin after the catalogue's last line, so that no sibling is in it.
        first = -(-products // SIBLINGS) * SIBLINGS
        rng = np.random.default_rng([phone_seed, 7, index])
        return first + int(rng.integers(SIBLINGS * len(FAMILY_ORDER) * 3))
    known = index - (index + 3) // _UNKNOWN_EVERY
    shown = int(order[known % products])
    if index % _BARCODE_EVERY == _BARCODE_EVERY - 1:
        wanted = BARCODED[(index // _BARCODE_EVERY) % len(BARCODED)]
        for step in range(products):
            number = int(order[(known + step) % products])
            d = design(seed, number)
            if d.family == wanted and shows_back(d):
                return number
    return shown


def _neighbours(job: _Query, shown: int, rng: np.random.Generator) -> list[Design]:
    """Products that may stand beside: of its own line, its own kind, and any."""
    kind = FAMILY_ORDER[shown // SIBLINGS % len(FAMILY_ORDER)]
    alike = [n for n in range(job.products) if n // SIBLINGS != shown // SIBLINGS and design(job.seed, n).family == kind] if job.products < 400 else []  # fmt: skip
    packs = [n for n in (int(v) for v in rng.integers(0, job.products, 12)) if design(job.seed, n).family in PACKS]  # fmt: skip
    own = siblings(shown, job.products) if shown < job.products else []
    numbers = [int(n) for n in rng.permutation(own)[: int(rng.random() < 0.35)]]
    numbers += [int(n) for n in rng.permutation(alike)[:2]]
    numbers += packs[:2]
    return [design(job.seed, n) for n in numbers if n != shown][:4]


def _run(jobs: list[_Product | _Query], workers: int) -> Iterator[int]:
    if workers <= 1:
        for job in jobs:
            yield _draw(job)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(_draw, jobs, chunksize=max(1, min(4, len(jobs) // (workers * 4) or 1)))


def _draw(job: _Product | _Query) -> int:
    return _draw_product(job) if isinstance(job, _Product) else _draw_query(job)


def _write_tables(
    out: Path, *, seed: int, phone_seed: int, products: int, photos: int, queries: int
) -> None:
    if photos:
        _write_catalogue(out / "catalogue.csv", seed=seed, products=products, photos=photos)
    with (out / "queries.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "sku"))
        for index in range(queries):
            number = query_subject(seed, phone_seed, index, products)
            writer.writerow(
                (query_name(index), design(seed, number).sku if number < products else "")
            )


def _write_catalogue(path: Path, *, seed: int, products: int, photos: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(products):
            d = design(seed, number)
            images = ";".join(photo_name(d, view) for view in range(photos))
            writer.writerow(
                (d.sku, d.name, d.category, d.description, d.brand, d.price, d.barcode, images, d.colour, d.size)
            )  # fmt: skip


def draw_catalogue(
    out: Path,
    *,
    products: int = 72,
    photos: int = 3,
    phone_photos: int = 120,
    seed: int = 2026,
    phone_seed: int | None = None,
    size: int = 900,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> DrawnCatalogue:
    """Draws the shop of a seed: `catalogue.csv` with `photos/`, and `queries.csv` with `phone/`.

    `size` is the side of a catalogue photo in pixels; a phone photo is as wide and a third higher.
    `phone_seed` gives other phone photos of the same shop; with no `photos` those alone are drawn. The files depend on these arguments alone, not
    on the number of workers (all cores if not given). `on_progress` gets images drawn and images in all."""
    if products < 1 or photos < 0 or phone_photos < 0 or size < 64:
        raise ValueError("products must be at least 1, photos and phone_photos 0, size 64")
    other = seed + 1 if phone_seed is None else phone_seed
    for folder in ("photos", "phone") if photos else ("phone",):
        (out / folder).mkdir(parents=True, exist_ok=True)
    jobs: list[_Product | _Query] = (
        [_Product(str(out), seed, n, photos, size) for n in range(products)] if photos else []
    )
    jobs += [_Query(str(out), seed, other, i, products, size) for i in range(phone_photos)]
    total, done = products * photos + phone_photos, 0
    for drawn in _run(jobs, workers or os.cpu_count() or 1):
        done += drawn
        if on_progress:
            on_progress(done, total)
    _write_tables(
        out, seed=seed, phone_seed=other, products=products, photos=photos, queries=phone_photos
    )
    return DrawnCatalogue(
        out, out / "catalogue.csv", out / "queries.csv", products, products * photos, phone_photos
    )
