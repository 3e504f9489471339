"""The catalogue check-up against faults that were planted in a real catalogue.

`--pack DIR` holds `catalogue_full.csv` (the columns of an import; the first photo of each product is
its packshot), the photos it names, and `queries.csv` (columns file and sku) with photos that are not
in the catalogue. Each seed plants 10 products entered twice, each entry with other photos, and 15
photos moved to a wrong product, both at once, in a transaction that is rolled back; then the whole
check-up runs as it does in the admin. Choices were made on the seeds 0 to 9 of a like planting; those
here report. The second entry's name says nothing, or is a variant of the first's.

Peers, in the same run: pairs by the distance of their nearest photos alone, as the product page's
“possible duplicates” rank them; photos by how much nearer another product's nearest photo is.
"""

import csv
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings, setup_databases, teardown_databases
from PIL import Image

from products.models import Product, ProductImage
from recognition.encoders import PACKAGED_KEY
from recognition.findings.checking import look_at_catalogue
from recognition.findings.found import Kind
from recognition.findings.loading import load_catalogue
from recognition.findings.measures.photos import surroundings
from recognition.loaded import encoder_for
from recognition.models import Encoder
from recognition.versions import settle_encoder

SEEDS = range(100, 110)
TWICE, MOVED = 10, 15


@dataclass
class Planted:
    twice: set[frozenset[int]] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)
    hosts: set[int] = field(default_factory=set)


def plant(seed: int, *, packshots: bool, alike: bool) -> Planted:
    rng = np.random.default_rng(seed)
    products = list(Product.objects.filter(is_active=True).order_by("pk"))
    packshot = {p.pk: p.images.order_by("position").first() for p in products}
    gallery = {p.pk: list(p.images.order_by("position"))[1:] for p in products}
    if packshots:
        parked = Product.objects.create(
            sku="PARKED", name="Parked", category=products[0].category, is_active=False
        )
        faces = [image.pk for image in packshot.values()]
        ProductImage.objects.exclude(pk__in=faces).update(product=parked)
    order = rng.permutation(len(products))
    planted = Planted()
    for n, at in enumerate(order[:TWICE]):
        product = products[at]
        second = Product.objects.create(
            sku=f"SECOND-{n}", category=product.category,
            name=variant(product.name, rng) if alike else f"Article {rng.integers(10_000, 99_999)}",
        )  # fmt: skip
        number = 1 if packshots else len(gallery[product.pk]) // 2
        taken = rng.choice(len(gallery[product.pk]), number, replace=False)
        for at_image in taken:
            move(gallery[product.pk][at_image], second)
        planted.twice.add(frozenset((product.pk, second.pk)))
    rest = [products[at] for at in order[TWICE:]]
    images = [packshot[p.pk] for p in rest]
    if not packshots:
        images += [image for p in rest for image in gallery[p.pk]]
    for at in rng.choice(len(images), MOVED, replace=False):
        image, true = images[at], images[at].product_id
        wrong = [p for p in products if p.pk != true]
        host = wrong[rng.integers(len(wrong))]
        move(image, host)
        planted.hosts.add(host.pk)
        planted.moved[image.pk] = true
        if packshots:
            planted.bare.add(true)
    filled = set(ProductImage.objects.values_list("product", flat=True))
    planted.bare -= filled
    return planted


def variant(name: str, rng: np.random.Generator) -> str:
    """As somebody else would type it: in another order, cut short, or with a word more."""
    words = name.split()
    how = rng.integers(3)
    if how == 0 and len(words) > 1:
        return " ".join(reversed(words))
    if how == 1 and max(map(len, words)) > 5:
        return " ".join(word if len(word) < 6 else f"{word[:4]}." for word in words)
    return f"{name} loose" if len(words) < 3 else " ".join(words[1:])


def move(image: ProductImage, to: Product) -> None:
    ProductImage.objects.filter(pk=image.pk).update(product=to, position=99)
    image.product_id = to.pk


def rates(found: Iterable[object], true: Iterable[object]) -> list[float]:
    found, true = list(found), set(true)
    right = sum(each in true for each in found)
    return [len(found), right / len(found) if found else np.nan, right / len(true)]


def judge(encoder: Encoder, planted: Planted) -> list[float]:
    started = perf_counter()
    look = look_at_catalogue(encoder, lambda _percent: None)
    seconds = perf_counter() - started
    by_kind = {kind: [f for f in look.found if f.kind == kind] for kind in Kind}
    for rows in by_kind.values():
        rows.sort(key=lambda f: -f.score)
    pairs = [frozenset((f.product, f.other)) for f in by_kind[Kind.DUPLICATE]]
    lookalike_pairs = [frozenset((f.product, f.other)) for f in by_kind[Kind.INSEPARABLE]]
    moved = by_kind[Kind.MISPLACED]
    unseen = by_kind[Kind.UNSEEN]
    right_place = [planted.moved.get(f.photo) == f.other for f in moved if f.photo in planted.moved]
    near_pairs, near_photos = peers(encoder)
    return [
        *rates(pairs, planted.twice),
        sum(pair in planted.twice for pair in lookalike_pairs) / TWICE,
        sum(pair in planted.twice for pair in near_pairs[:TWICE]) / TWICE,
        *rates([f.photo for f in moved], planted.moved),
        float(np.mean(right_place)) if right_place else np.nan,
        sum(pk in planted.moved for pk in near_photos[:MOVED]) / MOVED,
        len(lookalike_pairs),
        len(unseen),
        sum(f.product in planted.bare for f in unseen),
        len(planted.bare),
        sum(f.product in planted.hosts for f in unseen),
        len(planted.hosts),
        seconds,
    ]


def peers(encoder: Encoder) -> tuple[list[frozenset[int]], list[int]]:
    catalogue = load_catalogue(encoder)
    around, owner = surroundings(catalogue.photos), catalogue.photos.owner
    ids = catalogue.product_ids
    near: dict[frozenset[int], float] = {}
    for row in np.argsort(-around.nearness[:, 0]):
        pair = frozenset((int(ids[owner[row]]), int(ids[around.rivals[row, 0]])))
        near.setdefault(pair, float(around.nearness[row, 0]))
    nearer = np.where(np.isfinite(around.own), around.nearness[:, 0] - around.own, -np.inf)
    return list(near), catalogue.image_ids[np.argsort(-nearer)].tolist()


HEAD = (
    "pairs found", "precision", "recall", "shown as look-alikes instead", "nearest photo alone: of its first 10",
    "photos found", "precision", "recall", "of those, to the right product",
    "nearest photo alone: of its first 15", "look-alike pairs", "without useful photo",
    "of those, bare by what was moved", "bare by what was moved",
    "of those, with a photo moved to them", "products with a photo moved to them", "seconds",
)  # fmt: skip


def lookalikes(encoder: Encoder, pack: Path) -> None:
    """The sound catalogue: how search does with photos that are not in it, between such a pair."""
    look = look_at_catalogue(encoder, lambda _percent: None)
    pairs = {frozenset((f.product, f.other)) for f in look.found if f.kind == Kind.INSEPARABLE}
    others = [f for f in look.found if f.kind in {Kind.DUPLICATE, Kind.MISPLACED}]
    print(
        f"nothing planted: {len(others)} false findings of duplicates and misplaced photos,"
        f" {len(pairs)} look-alike pairs"
    )
    catalogue = load_catalogue(encoder)
    owner = catalogue.product_ids[catalogue.photos.owner]
    of_sku = dict(Product.objects.values_list("sku", "pk"))
    with (pack / "queries.csv").open() as file:
        rows = [(row["file"], of_sku[row["sku"]]) for row in csv.DictReader(file) if row["sku"]]
    network, wrong_in, wrong, asked, missed = encoder_for(encoder.key), 0, 0, 0, 0
    others_asked = others_missed = 0
    for start in range(0, len(rows), 32):
        batch = rows[start : start + 32]
        pictures = [Image.open(pack / name).convert("RGB") for name, _pk in batch]
        similar = network.encode_images(pictures) @ catalogue.photos.vectors.T
        for (_name, true), likeness in zip(batch, similar, strict=True):
            best = {int(pk): float(likeness[owner == pk].max()) for pk in catalogue.product_ids}
            first = max(best, key=best.__getitem__)
            wrong += first != true
            wrong_in += frozenset((first, true)) in pairs
            for pk, likeness_of_it in best.items():
                if pk != true and frozenset((pk, true)) in pairs:
                    asked, missed = asked + 1, missed + (likeness_of_it > best[true])
                elif pk != true:
                    others_asked += 1
                    others_missed += likeness_of_it > best[true]
    print(
        f"{len(rows)} other photos: between the two of a look-alike pair search is wrong in"
        f" {missed / max(asked, 1):.1%} of {asked}, between any other two in"
        f" {others_missed / max(others_asked, 1):.1%}; {wrong_in} of its {wrong} wrong answers"
        f" ({wrong_in / max(wrong, 1):.0%}) are the other one of such a pair, and"
        f" {len(pairs)} of {len(best) * (len(best) - 1) // 2} pairs are"
    )


def main(pack: Path | None = None) -> None:
    if pack is None:
        print("left out: give --pack DIR")
        return
    old = setup_databases(verbosity=0, interactive=False)
    media = tempfile.mkdtemp(dir=settings.DATA_DIR)
    try:
        with override_settings(MEDIA_ROOT=media, ENCODER="packaged"):
            call_command(
                "import_catalogue", str(pack / "catalogue_full.csv"), images=pack, verbosity=0
            )
            call_command("embed")
            encoder = settle_encoder()
            assert encoder.key == PACKAGED_KEY
            lookalikes(encoder, pack)
            for packshots, alike in ((False, False), (False, True), (True, False), (True, True)):
                figures = []
                for seed in SEEDS:
                    with transaction.atomic():
                        planted = plant(seed, packshots=packshots, alike=alike)
                        figures.append(judge(encoder, planted))
                        transaction.set_rollback(True)
                print(
                    f"\n{'packshots only' if packshots else 'all photos'}, names of second entries"
                    f" {'are variants' if alike else 'say nothing'}: mean of {len(SEEDS)} seeds"
                    " (lowest, highest)"
                )
                for name, column in zip(HEAD, np.array(figures).T, strict=True):
                    if np.isnan(column).all():
                        print(f"  {name:40} none found")
                    else:
                        print(
                            f"  {name:40}{np.nanmean(column):7.2f}"
                            f"   ({np.nanmin(column):.2f}, {np.nanmax(column):.2f})"
                        )
    finally:
        shutil.rmtree(media, ignore_errors=True)
        teardown_databases(old, verbosity=0)
