"""The drawn demo shop: what its files promise, and that they never differ."""

import csv
import hashlib
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from retailvision.demo import DrawnCatalogue, draw_catalogue
from retailvision.demo.catalogue import COLUMNS, query_subject
from retailvision.demo.designs import FAMILY_ORDER, SIBLINGS

ALL_FAMILIES = SIBLINGS * len(FAMILY_ORDER)
SMALL: dict[str, Any] = {
    "products": ALL_FAMILIES,
    "photos": 3,
    "phone_photos": 20,
    "seed": 7,
    "size": 96,
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DrawnCatalogue:
    return draw_catalogue(tmp_path_factory.mktemp("demo"), **SMALL, workers=2)


def test_the_table_has_the_columns_of_the_import(drawn: DrawnCatalogue) -> None:
    with drawn.catalogue.open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(COLUMNS)
    found = rows(drawn.catalogue)
    assert len(found) == drawn.products == ALL_FAMILIES
    assert len({row["sku"] for row in found}) == ALL_FAMILIES
    assert len({row["name"] for row in found}) == ALL_FAMILIES
    for row in found:
        assert row["name"].startswith(row["brand"])
        assert "/" in row["category"]
        assert Decimal("0.5") < Decimal(row["price"]) < 400
        assert row["attribute:colour"]
        assert row["attribute:size"]
    assert len({row["category"] for row in found}) >= 10


def test_every_photo_named_is_there_at_its_size(drawn: DrawnCatalogue) -> None:
    names = [name for row in rows(drawn.catalogue) for name in row["images"].split(";")]
    assert len(names) == drawn.photos == 3 * ALL_FAMILIES
    assert {p.name for p in (drawn.folder / "photos").iterdir()} == {Path(n).name for n in names}
    for name in names:
        with Image.open(drawn.folder / name) as photo:
            assert (photo.size, photo.format) == ((96, 96), "JPEG")


def test_phone_photos_alone(drawn: DrawnCatalogue, tmp_path: Path) -> None:
    again = draw_catalogue(tmp_path, **{**SMALL, "photos": 0}, workers=1)
    assert not again.catalogue.exists()
    assert rows(again.queries) == rows(drawn.queries)
    photos = {name: made for name, made in digests(drawn.folder).items() if "phone" in name}
    assert photos
    assert digests(tmp_path) == {**photos, "queries.csv": digests(drawn.folder)["queries.csv"]}


def test_queries_name_known_and_unknown_products(drawn: DrawnCatalogue) -> None:
    known = {row["sku"] for row in rows(drawn.catalogue)}
    queries = rows(drawn.queries)
    assert [list(row) for row in queries[:1]] == [["file", "sku"]]
    assert len(queries) == drawn.phone_photos == 20
    unknown = [row for row in queries if not row["sku"]]
    assert len(unknown) == 2
    assert {row["sku"] for row in queries if row["sku"]} <= known
    for row in queries:
        with Image.open(drawn.folder / row["file"]) as photo:
            assert photo.size == (96, 128)


def test_photos_of_different_products_differ(drawn: DrawnCatalogue) -> None:
    files = digests(drawn.folder)
    assert len(set(files.values())) == len(files)
    faces = [row["images"].split(";")[0] for row in rows(drawn.catalogue)]
    small = [
        np.asarray(Image.open(drawn.folder / f).convert("RGB").resize((32, 32)), np.float32)
        for f in faces
    ]
    closest = min(float(np.abs(a - b).mean()) for a, b in combinations(small, 2))
    assert closest > 1.0


def test_the_same_seed_draws_the_same_bytes_with_any_number_of_workers(
    drawn: DrawnCatalogue, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    again = draw_catalogue(
        tmp_path, **SMALL, workers=1, on_progress=lambda done, total: seen.append((done, total))
    )
    assert digests(again.folder) == digests(drawn.folder)
    assert seen[-1] == (drawn.photos + 20, drawn.photos + 20)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_another_phone_seed_leaves_the_catalogue_alone(tmp_path: Path) -> None:
    few: dict[str, Any] = {
        "products": 4,
        "photos": 1,
        "phone_photos": 4,
        "seed": 3,
        "size": 96,
        "workers": 1,
    }
    first = digests(draw_catalogue(tmp_path / "a", **few).folder)
    other = digests(draw_catalogue(tmp_path / "b", **few, phone_seed=99).folder)
    for name, digest in first.items():
        if name.startswith("photos/") or name == "catalogue.csv":
            assert other[name] == digest
        elif name.startswith("phone/"):
            assert other[name] != digest


def test_unknown_products_come_from_lines_that_the_shop_has_not() -> None:
    for products in (70, 71, 72):
        subjects = [query_subject(2026, 5, i, products) for i in range(400)]
        unknown = [n for n in subjects if n >= products]
        assert len(unknown) == 40
        sold = {n // SIBLINGS for n in range(products)}
        assert not sold & {n // SIBLINGS for n in unknown}


def test_phone_photos_cover_the_catalogue_evenly() -> None:
    subjects = [query_subject(2026, 5, i, 72) for i in range(160)]
    known = [n for n in subjects if n < 72]
    assert len(set(known)) >= 68  # a barcode shot takes the place of what cannot show one
    assert max(known.count(n) for n in set(known)) <= 5


def readable(path: Path) -> set[str]:
    with Image.open(path) as photo:
        return {code.text for code in zxingcpp.read_barcodes(photo)}


def test_some_barcodes_can_be_read_and_they_are_the_right_ones(tmp_path: Path) -> None:
    """Full size, since a barcode needs pixels; one jar is enough."""
    few: dict[str, Any] = {
        "products": 10,
        "photos": 2,
        "phone_photos": 0,
        "seed": 2026,
        "workers": 2,
    }
    shop = draw_catalogue(tmp_path, **few)
    jar = next(row for row in rows(shop.catalogue) if row["sku"] == "JAR-0001")
    front, back = (tmp_path / name for name in jar["images"].split(";"))
    assert readable(back) == {jar["barcode"]}
    assert readable(front) == set()


def test_photos_are_sharp_where_the_product_is(drawn: DrawnCatalogue) -> None:
    """A blank or blurred picture has next to no edges."""
    for row in rows(drawn.catalogue):
        with Image.open(drawn.folder / row["images"].split(";")[0]) as photo:
            edges = np.asarray(photo.convert("L").filter(ImageFilter.FIND_EDGES), np.float32)
        assert float((edges[8:-8, 8:-8] > 40).mean()) > 0.012, row["sku"]


@pytest.mark.parametrize(
    "wrong", [{"products": 0}, {"photos": -1}, {"phone_photos": -1}, {"size": 10}]
)
def test_senseless_numbers_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        draw_catalogue(tmp_path / "never", **wrong)
    assert not (tmp_path / "never").exists()
