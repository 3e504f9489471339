"""What the demo shop sells: each product is a Design, a pure function of the seed and its number.

Three products in a row are siblings: one range of one brand, alike but for flavour, colour or size. Real
shelves are like that, and it is what makes a search by photo err."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from retailvision.demo.barcode import in_store_number
from retailvision.demo.words import BRANDS, FAMILIES, PALETTES, PRAISE, RGB, Range, Variant, mix

SIBLINGS = 3
FAMILY_ORDER = tuple(FAMILIES)
_TYPE = (("heavy", "sans"), ("serif", "sans"), ("round", "sans"), ("hand", "plain"), ("black", "italic"),
         ("heavy", "italic"), ("serif", "plain"), ("round", "round"))  # fmt: skip

_COLOUR_CODED = ("bottle", "can", "carton", "jar", "box", "pouch", "tube")
_WORN = ("tshirt", "shoe")  # a larger size of these costs the same and looks the same


@dataclass(frozen=True)
class Design:
    """One product. `look` seeds everything that siblings share: layout, logo, proportions."""

    number: int
    sku: str
    family: str
    title: str
    brand: str
    variant: str
    size: str
    motif: str
    accent: RGB
    paper: RGB
    ink: RGB
    lead: RGB
    brand_face: str
    text_face: str
    look: int
    large: bool
    price: str
    barcode: str

    @property
    def name(self) -> str:
        return f"{self.brand} {self.title} {self.variant} {self.size}"

    @property
    def category(self) -> str:
        return FAMILIES[self.family][1]

    @property
    def description(self) -> str:
        return f"{self.title}, {self.variant.lower()}. {PRAISE[self.family]}"

    @property
    def colour(self) -> str:
        return colour_name(self.accent)

    def pick(self, what: str, count: int) -> int:
        """A choice from 0 to count - 1 that siblings share."""
        return int(self.rng(what).integers(count))

    def own(self, what: str, count: int) -> int:
        """A choice from 0 to count - 1 in which siblings differ."""
        return (self.pick(what, count) + self.number % SIBLINGS) % count

    def rng(self, what: str) -> np.random.Generator:
        """Randomness that siblings share, apart for each thing it is used for."""
        return np.random.default_rng([self.look, *what.encode()])


_COLOURS: dict[str, RGB] = {
    "white": (240, 236, 226), "black": (50, 50, 55), "grey": (130, 130, 134), "red": (190, 44, 54),
    "orange": (228, 124, 56), "yellow": (238, 196, 72), "green": (88, 140, 86), "blue": (62, 98, 160),
    "navy": (38, 50, 84), "dark green": (46, 88, 70), "light blue": (134, 176, 208), "purple": (126, 96, 168), "pink": (216, 130, 146),
    "brown": (120, 76, 50), "beige": (212, 180, 132),
}  # fmt: skip


def colour_name(rgb: RGB) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(rgb, _COLOURS[name], strict=True))

    return min(_COLOURS, key=distance)


@lru_cache(maxsize=16)
def _brand_order(seed: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.random.default_rng([seed, 1]).permutation(len(BRANDS)))


def _apart(variants: tuple[Variant, ...]) -> int:
    """The smallest difference in colour between two of the variants, summed over the channels."""
    return min(
        sum(abs(x - y) for x, y in zip(a[1], b[1], strict=True))
        for a, b in combinations(variants, 2)
    )


@lru_cache(maxsize=4096)
def _choices(seed: int, line: int) -> tuple[tuple[Variant, str, bool], ...]:
    """Variant, size and whether it is the large size, of each sibling of a line."""
    rng = np.random.default_rng([seed, 2, line])
    _, variants, sizes, _, _ = _range_of(line)
    trios = [
        tuple(variants[int(i)] for i in trio)
        for trio in combinations(range(len(variants)), SIBLINGS)
    ]
    trios = [trios[int(i)] for i in rng.permutation(len(trios))]
    # Ranges are coloured so that shoppers can tell them apart: the first trio that is, or the best.
    chosen = next((t for t in trios if _apart(t) > 130), max(trios, key=_apart))
    small = sizes[0]
    out = [(v, small, False) for v in chosen]
    sized = FAMILY_ORDER[line % len(FAMILY_ORDER)] not in _WORN
    if len(sizes) > 1 and sized and rng.random() < 0.08:
        out[2] = (chosen[0], sizes[1], True)  # the first again, in the large size
    elif len(sizes) > 1 and rng.random() < 0.5:
        out = [(v, sizes[1], sized) for v in chosen]
    return tuple(out)


def _range_of(line: int) -> Range:
    ranges = FAMILIES[FAMILY_ORDER[line % len(FAMILY_ORDER)]][2]
    return ranges[(line // len(FAMILY_ORDER)) % len(ranges)]


def _palette(rng: np.random.Generator, accents: list[RGB]) -> tuple[RGB, RGB, RGB]:
    """A palette on which every sibling's colour can be seen."""
    order = [PALETTES[int(i)] for i in rng.permutation(len(PALETTES))]

    def contrast(paper: RGB) -> int:
        return min(sum(abs(a - b) for a, b in zip(paper, c, strict=True)) for c in accents)

    return next((p for p in order if contrast(p[0]) > 120), order[0])


@lru_cache(maxsize=4096)
def design(seed: int, number: int) -> Design:
    """The product of this number (0, 1, ...) in the shop of this seed."""
    line, sibling = divmod(number, SIBLINGS)
    family = FAMILY_ORDER[line % len(FAMILY_ORDER)]
    turn = line // len(FAMILY_ORDER)
    code = FAMILIES[family][0]
    title, _, _, low, high = _range_of(line)
    rng = np.random.default_rng([seed, 3, line])
    # Brands differ between the lines of one family, so that names are unique.
    brand = BRANDS[_brand_order(seed)[(turn + 131 * (line % len(FAMILY_ORDER))) % len(BRANDS)]]
    paper, ink, lead = _palette(rng, [v[1] for v, _, _ in _choices(seed, line)])
    brand_face, text_face = _TYPE[int(rng.integers(len(_TYPE)))]
    (variant, accent, motif), size, large = _choices(seed, line)[sibling]
    if family in _COLOUR_CODED:
        # A flavour colours the whole pack, as on real shelves.
        paper, lead = mix(paper, accent, 0.32), mix(lead, accent, 0.62)
    base = float(rng.uniform(low, high)) * (1.6 if large else 1.0)
    cents = (49, 79, 89, 95, 99, 29)[int(rng.integers(6))]
    return Design(
        number=number,
        sku=f"{code}-{turn * SIBLINGS + sibling + 1:04d}",
        family=family,
        title=title,
        brand=brand,
        variant=variant,
        size=size,
        motif=motif,
        accent=accent,
        paper=paper,
        ink=ink,
        lead=lead,
        brand_face=brand_face,
        text_face=text_face,
        look=int(rng.integers(2**62)),
        large=large,
        price=f"{int(base)}.{cents:02d}",
        barcode=in_store_number((seed % 1000) * 10_000_000 + number + 1),
    )


def siblings(number: int, products: int) -> list[int]:
    """The other numbers of the same line that are in a catalogue of so many products."""
    first = number - number % SIBLINGS
    return [n for n in range(first, min(first + SIBLINGS, products)) if n != number]
