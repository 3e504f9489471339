"""Two drawn catalogues on which what helps groceries hurts, and what `encoder tune` proposes for them.

- `framed`: picture frames. What is sold is the moulding, at the rim; the picture inside is another one
  in every photo. A zoom looks at the picture.
- `few_photos`: a hundred tins with one photo each, and a few cushions with six. An adapter learns from
  the cushions what does not matter of tins.

Drawn from a seed, before any of it was tried with an encoder. Prints top-1 of labelled phone photos for
each way alone, then the proposals, with and without those photos.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from benchmarks import pack
from recognition.adapters import Recipe, TooFewPhotos, fit_adapter
from recognition.confidence import Gallery, scoring
from recognition.tuning.candidates import VIEWS, Candidate
from recognition.tuning.choosing import propose
from recognition.tuning.trials import Asked, Photos, run_trials

SIDE = 300
Picture = Image.Image
Draw = Callable[[np.random.Generator], Picture]
_WOODS = ((94, 62, 38), (140, 96, 58), (186, 148, 100), (58, 40, 30), (214, 190, 150))
_PAINTS = ((20, 20, 22), (236, 234, 228), (172, 140, 60), (120, 24, 30), (30, 60, 96), (60, 90, 70))
_LINES = 3
_WALLS = ((226, 222, 212), (198, 208, 204), (212, 196, 184), (182, 194, 208), (160, 158, 150))


# --- frames ---------------------------------------------------------------------------------------


def frame_of(product: int) -> Callable[[Picture], Picture]:
    """The moulding of a product, put around a picture."""
    rng = np.random.default_rng([1, product])
    colours = [(*_WOODS, *_PAINTS)[int(at)] for at in rng.permutation(len(_WOODS) + len(_PAINTS))]
    outer, inner, ornament = colours[:3]
    width = float(rng.uniform(0.10, 0.16))
    step = int(rng.integers(9, 22))
    kind = int(rng.integers(4))

    def put(picture: Picture) -> Picture:
        side = picture.width
        rim = int(width * side)
        framed = Image.new("RGB", (side, side), outer)
        draw = ImageDraw.Draw(framed)
        middle, half = rim // 3, max(step // 4, 2)
        for at in range(0, side, step):
            for x, y in ((at, middle), (at, side - middle), (middle, at), (side - middle, at)):
                _ornament(draw, kind, (x, y), half, ornament)
        if kind == _LINES:
            for inset in (rim // 5, rim // 2):
                box = (inset, inset, side - inset, side - inset)
                draw.rectangle(box, outline=ornament, width=2)
        line = rim - max(rim // 5, 3)
        draw.rectangle((line, line, side - line, side - line), fill=inner)
        inside = side - 2 * rim
        framed.paste(picture.resize((inside, inside)), (rim, rim))
        return framed

    return put


def _ornament(
    draw: ImageDraw.ImageDraw,
    kind: int,
    place: tuple[int, int],
    half: int,
    colour: tuple[int, int, int],
) -> None:
    """One bead, stroke or notch of the moulding."""
    x, y = place
    if kind == 0:
        draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)
    elif kind == 1:
        draw.line((x - half, y + half, x + half, y - half), fill=colour, width=3)
    elif kind == 2:
        draw.rectangle((x - half // 2, y - half, x + half // 2, y + half), fill=colour)


def art(rng: np.random.Generator) -> Picture:
    """Some picture or other: a sky, hills, and shapes in front."""
    side = SIDE
    top, bottom = rng.integers(60, 255, (2, 3))
    rows = np.linspace(0, 1, side)[:, None, None]
    sky = np.broadcast_to((1 - rows) * top + rows * bottom, (side, side, 3)).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(sky))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(2, 5))):
        heights = rng.uniform(0.3, 0.9, 6) * side
        points = list(zip(np.linspace(0, side, 6).tolist(), heights.tolist(), strict=True))
        draw.polygon(
            [(0, side), *points, (side, side)], fill=tuple(rng.integers(0, 255, 3).tolist())
        )
    for _ in range(int(rng.integers(0, 6))):
        x, y = rng.integers(0, side, 2).tolist()
        size = int(rng.integers(10, 80))
        draw.ellipse((x, y, x + size, y + size), fill=tuple(rng.integers(0, 255, 3).tolist()))
    return picture


def framed_photo(product: int, rng: np.random.Generator, *, phone: bool) -> Picture:
    return photographed(frame_of(product)(art(rng)), rng, phone=phone)


# --- tins and cushions ----------------------------------------------------------------------------


def tin(product: int) -> Picture:
    """A tin on white: band, stripes and a mark, in the colours of its kind."""
    rng = np.random.default_rng([2, product])
    picture = Image.new("RGB", (SIDE, SIDE), (250, 250, 248))
    draw = ImageDraw.Draw(picture)
    left, right, top, bottom = 80, 220, 40, 260
    body, band, mark = (tuple(each) for each in rng.integers(20, 235, (3, 3)).tolist())
    draw.rectangle((left, top, right, bottom), fill=body)
    draw.ellipse((left, top - 18, right, top + 18), fill=(200, 202, 206))
    height = int(rng.integers(110, 170))
    draw.rectangle((left, height, right, height + int(rng.integers(20, 60))), fill=band)
    for _ in range(int(rng.integers(1, 4))):
        x, y = int(rng.integers(100, 170)), int(rng.integers(70, 220))
        size = int(rng.integers(14, 46))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, x + size, y + size), fill=mark)
    return picture


def cushion(product: int, rng: np.random.Generator) -> Picture:
    """A cushion with the weave of its kind, in a colour that is any."""
    kind = np.random.default_rng([3, product])
    ground = tuple(rng.integers(40, 230, 3).tolist())
    picture = Image.new("RGB", (SIDE, SIDE), _WALLS[int(rng.integers(len(_WALLS)))])
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((50, 60, 250, 250), radius=36, fill=ground)
    step, slant = int(kind.integers(8, 30)), int(kind.integers(-30, 30))
    thread = tuple(max(0, each - 50) for each in ground)
    for x in range(60, 240, step):
        draw.line((x, 70, x + slant, 240), fill=thread, width=int(kind.integers(2, 6)))
    return picture


# --- photographing --------------------------------------------------------------------------------


def photographed(thing: Picture, rng: np.random.Generator, *, phone: bool) -> Picture:
    """Upright before a wall; by phone smaller, askew, in other light, and less sharp."""
    share = float(rng.uniform(0.82, 0.93)) if phone else 0.95
    wall = Image.new("RGB", (SIDE, SIDE), _WALLS[int(rng.integers(len(_WALLS)))])
    size = int(SIDE * share)
    small = thing.resize((size, size), Image.Resampling.LANCZOS).convert("RGBA")
    if phone:
        small = small.rotate(float(rng.normal(0, 2.5)), Image.Resampling.BICUBIC, expand=False)
    spare = SIDE - size
    x, y = (int(rng.integers(0, spare + 1)) if phone else spare // 2 for _ in range(2))
    wall.paste(small, (x, y), small)
    if not phone:
        return wall
    light = ImageEnhance.Brightness(wall).enhance(float(rng.uniform(0.7, 1.2)))
    tint = np.asarray(light, dtype=np.float32) * rng.uniform(0.9, 1.1, 3)
    seen = Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8))
    return seen.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.2))))


# --- to a folder ----------------------------------------------------------------------------------


def draw_framed(folder: Path, *, products: int = 60, photos: int = 4, queries: int = 180) -> None:
    """Each product in `photos` photos, another picture inside each."""
    rng = np.random.default_rng(11)
    shown = [
        (f"FRAME-{p:03d}", "Frames", [framed_photo(p, rng, phone=n == photos - 1) for n in range(photos)])
        for p in range(products)
    ]  # fmt: skip
    asked = [
        (f"FRAME-{q % products:03d}", framed_photo(q % products, rng, phone=True))
        for q in range(queries)
    ]
    write(folder, shown, asked)


def draw_few_photos(
    folder: Path, *, tins: int = 100, cushions: int = 15, photos: int = 6, queries: int = 200
) -> None:
    rng = np.random.default_rng(12)
    shown = [(f"TIN-{p:03d}", "Tins", [tin(p)]) for p in range(tins)]
    shown += [
        (f"CUSHION-{p:03d}", "Cushions", [cushion(p, rng) for _ in range(photos)])
        for p in range(cushions)
    ]
    asked = [
        (f"TIN-{q % tins:03d}", photographed(tin(q % tins), rng, phone=True))
        for q in range(queries)
    ]
    write(folder, shown, asked)


def write(
    folder: Path, shown: list[tuple[str, str, list[Picture]]], asked: list[tuple[str, Picture]]
) -> None:
    """`catalogue.csv` as `import_catalogue` takes it, `queries.csv` with file and sku, and photos."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "catalogue.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "name", "category", "images"])
        for sku, category, pictures in shown:
            names = [f"{sku}-{at}.jpg" for at in range(len(pictures))]
            for name, picture in zip(names, pictures, strict=True):
                picture.save(folder / name, quality=90)
            rows.writerow([sku, sku.title(), category, ";".join(names)])
    with (folder / "queries.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "sku"])
        for at, (sku, picture) in enumerate(asked):
            picture.save(folder / f"query-{at:03d}.jpg", quality=80)
            rows.writerow([f"query-{at:03d}.jpg", sku])


# --- measuring ------------------------------------------------------------------------------------


def main() -> None:
    for name, draw in (("framed", draw_framed), ("few_photos", draw_few_photos)):
        with TemporaryDirectory() as folder:
            draw(Path(folder))
            pack.choose(folder)
            measure(name)


def measure(name: str) -> None:
    shop, asked = pack.catalogue("catalogue.csv"), pack.queries("queries.csv")
    vectors = pack.vectors([*shop.files, *(file for file, _sku in asked)], VIEWS)
    views = {
        view: np.stack([found[file] for file in shop.files]) for view, found in vectors.items()
    }
    queries = {
        view: np.stack([found[file] for file, _sku in asked]) for view, found in vectors.items()
    }
    truth = np.array([shop.skus.index(sku) for _file, sku in asked])
    print(
        f"\n{name}: {len(shop.skus)} products, {len(shop.files)} photos, {len(asked)} phone photos"
    )
    for view in VIEWS:
        plain = _top1(views[view], shop.products, queries[view], truth)
        try:
            adapter = fit_adapter(views[view], shop.products, Recipe("whitening", 0.1))
        except TooFewPhotos:
            adapted = "-"
        else:
            top1 = _top1(
                adapter.apply(views[view]), shop.products, adapter.apply(queries[view]), truth
            )
            adapted = f"{top1:.3f}"
        print(f"  {view or 'whole':28} top-1 {plain:.3f}, whitened {adapted}")
    first = np.zeros(len(shop.files), dtype=bool)
    first[np.unique(shop.products, return_index=True)[1]] = True
    photos = Photos(views, shop.products, first, np.ones(len(first), dtype=bool))
    single = float((np.bincount(shop.products) == 1).mean())
    present = Candidate("", None, scoring.NEAREST)
    for label, given in (("catalogue alone", None), ("labelled", Asked(queries, truth))):
        found = propose(run_trials(photos, given), present, single_share=single)
        print(f"  tune, {label}: {found.verdict}: {found.chosen}")


def _top1(
    gallery: np.ndarray, products: np.ndarray, queries: np.ndarray, truth: np.ndarray
) -> float:
    known = Gallery(gallery, products.tolist())
    nearest = known.scores(queries, scoring.NEAREST).argmin(axis=1)
    return float((known.products[nearest] == truth).mean())
