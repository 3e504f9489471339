"""What the shop of the scenes sells: drawn by the tests, or real photos from a folder for people."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import ImageDraw

from tests.barcodes import ean13_picture
from tests.pictures import encoded, phone_photo, product_photo, product_picture

_SIDE = 640
GTIN = "4006381333931"
UNKNOWN_GTIN = "4012345678901"
_BRANDS = ("Moorbrook", "Cedar & Lantern", "Nord", "Hof Ahrens", "Vita d’Oro")
_PRICES = ("2.49", "0.89", "12.95", "1.20", "5.00", "1249.00")
_KINDS = (
    ("Oat drink", "Drinks/Plant drinks"),
    ("Apple juice", "Drinks/Juice"),
    ("Rye bread", "Bakery/Bread"),
    ("Strawberry jam", "Pantry/Spreads"),
    ("Goat cheese", "Dairy/Cheese"),
    ("Pink Lady apple", "Fruit/Apple"),
)
_DESCRIPTION = (
    "Pressed within a day of the harvest, from orchards that we know by name. Cloudy, without added"
    " sugar, and good cold or hot with a stick of cinnamon. Shake before opening; keep cool and use"
    " within three days."
)
_LONG_NAME = (
    "Stone-ground wholemeal spelt crispbread with rosemary, sea salt and cold-pressed"
    " rapeseed oil, family pack"
)


@dataclass(frozen=True, slots=True)
class Good:
    """A product and its photos; `asked` is another photo of it, as a customer would take one."""

    fields: dict[str, Any]
    photos: tuple[bytes, ...] = ()
    asked: bytes = b""


@dataclass(frozen=True, slots=True)
class Goods:
    """`main` has everything a product can have, `twin` looks like it, `bare` has the least.

    `stranger` and `code` are photos: of something that is not sold, and of a printed barcode.
    """

    main: Good
    twin: Good
    bare: Good
    long: Good
    others: list[Good]
    stranger: bytes
    code: bytes = field(default_factory=lambda: encoded(ean13_picture(GTIN, width=600), quality=90))

    def all(self) -> list[Good]:
        return [self.main, self.twin, self.bare, self.long, *self.others]


def drawn_goods(others: int = 28) -> Goods:
    """Coloured shapes; quick to make, and each is found by its own photo."""
    twin = product_picture(1, _SIDE)
    ImageDraw.Draw(twin).rectangle((40, 40, 130, 130), fill=(250, 240, 80))
    return _named(
        photos=[
            [product_photo(seed, _SIDE) for seed in (1, 101, 102, 103, 104)],
            [encoded(twin, quality=92)],
            *([product_photo(seed, _SIDE)] for seed in range(3, 4 + others)),
        ],
        asked=[phone_photo(seed, _SIDE) for seed in (1, 1, *range(3, 4 + others))],
        stranger=product_photo(9999, _SIDE),
    )


def packed_goods(folder: Path, others: int = 28) -> Goods:
    """Those of a folder with `catalogue_full.csv` and `queries.csv`, spread over its products."""
    rows, asked = _rows(folder / "catalogue_full.csv"), _rows(folder / "queries.csv")
    # Neighbours in the file are alike: the second is the twin of the first.
    chosen = [*rows[:2], *rows[2 : -1 : max(1, (len(rows) - 3) // (others + 1))]][: others + 3]
    queries = {row["sku"]: folder / row["file"] for row in reversed(asked)}
    return _named(
        photos=[
            [(folder / name).read_bytes() for name in row["images"].split(";")[:5]]
            for row in chosen
        ],
        asked=[queries[row["sku"]].read_bytes() for row in chosen],
        stranger=queries[rows[-1]["sku"]].read_bytes(),
        texts=[(row["name"], row["category"], row["description"]) for row in chosen],
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _named(
    *,
    photos: Sequence[Sequence[bytes]],
    asked: Sequence[bytes],
    stranger: bytes,
    texts: Sequence[tuple[str, str, str]] = (),
) -> Goods:
    goods = [
        Good(_fields(n, texts[n] if texts else None), tuple(photos[n]), asked[n])
        for n in range(len(photos))
    ]
    goods[0].fields.update(
        barcode=GTIN,
        attributes={"size": "1 l", "colour": "gold", "organic": "yes", "contains": ["apple"]},
    )
    goods[2].fields["name"] = _LONG_NAME
    bare = Good({"sku": "BARE-1", "name": "Paper bag", "category_path": "Household"})
    return Goods(goods[0], goods[1], bare, goods[2], goods[3:], stranger)


def _fields(n: int, text: tuple[str, str, str] | None) -> dict[str, Any]:
    kind, category = _KINDS[n // 2 % len(_KINDS)]
    name, path, description = text or (f"{kind} No. {n + 1}", category, _DESCRIPTION)
    return {
        "sku": f"G-{n + 1:03d}",
        "name": name,
        "category_path": path,
        "brand": _BRANDS[n % len(_BRANDS)],
        "description": description,
        "price": _PRICES[n % len(_PRICES)],
    }
