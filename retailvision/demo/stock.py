"""The demo's stores and what they hold: a plan made of a seed, booked elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class DemoStore:
    """A store with the clerk who works there."""

    code: str
    name: str
    address: str
    opening_hours: str
    latitude: float
    longitude: float
    clerk: str
    # Which part of the products it keeps, and about how many of each.
    share: float
    most: int


STORES = (
    DemoStore("ALTONA", "Altona", "Ottenser Hauptstraße 10\n22765 Hamburg",
              "Mo-Fr 08:00-20:00\nSa 09:00-18:00", 53.5523, 9.9286, "clerk-altona", 0.9, 24),
    DemoStore("HAFEN", "HafenCity", "Am Sandtorkai 30\n20457 Hamburg",
              "Mo-Sa 07:00-22:00", 53.5433, 9.9947, "clerk-hafen", 0.6, 12),
    DemoStore("LAGER", "Warehouse Billbrook", "Billstraße 180\n20539 Hamburg",
              "Mo-Fr 06:00-16:00", 53.5412, 10.0637, "clerk-lager", 1.0, 120),
)  # fmt: skip
WAREHOUSE = "LAGER"
_SALES = 8


@dataclass(slots=True)
class StockPlan:
    """What is booked, in this order: `{store: {sku: pieces}}`, and sales as such by the receipt."""

    received: dict[str, dict[str, int]] = field(default_factory=dict)
    sold: list[tuple[str, str, dict[str, int]]] = field(default_factory=list)
    reorder_points: dict[str, dict[str, int]] = field(default_factory=dict)
    # From the warehouse to a store, and still on the way.
    sent: tuple[str, dict[str, int]] = ("", {})


def plan_stock(skus: Sequence[str], *, seed: int = 2026) -> StockPlan:
    """The plan for some products; the same for the same SKUs in the same order.

    Nothing is sold or sent that was not received before.
    """
    rng = np.random.default_rng([seed, 8])
    plan = StockPlan()
    for store in STORES:
        kept = [sku for sku in skus if rng.random() < store.share]
        plan.received[store.code] = {sku: int(rng.integers(2, store.most + 1)) for sku in kept}
    left = {code: dict(held) for code, held in plan.received.items()}
    for store in STORES:
        if store.code == WAREHOUSE:
            continue
        for number in range(_SALES):
            receipt = _sale(left[store.code], rng)
            if receipt:
                plan.sold.append((store.code, f"receipt {number + 1}", receipt))
        # Some shelves have run low, most are fine.
        plan.reorder_points[store.code] = {
            sku: quantity + int(rng.integers(0, 4))
            if rng.random() < 0.15
            else max(1, quantity // 3)
            for sku, quantity in left[store.code].items()
        }
    target = STORES[1].code
    low = [
        sku
        for sku, point in plan.reorder_points[target].items()
        if left[target][sku] <= point and left[WAREHOUSE].get(sku, 0) > 1
    ]
    low = low or [sku for sku, there in left[WAREHOUSE].items() if there > 1]
    plan.sent = (target, {sku: max(1, left[WAREHOUSE][sku] // 4) for sku in low[:4]})
    return plan


def _sale(left: dict[str, int], rng: np.random.Generator) -> dict[str, int]:
    """What one customer takes, and takes it off `left`."""
    there = [sku for sku, quantity in left.items() if quantity > 0]
    receipt: dict[str, int] = {}
    for index in rng.permutation(len(there))[: int(rng.integers(1, 4))]:
        sku = there[int(index)]
        receipt[sku] = int(rng.integers(1, min(3, left[sku]) + 1))
        left[sku] -= receipt[sku]
    return receipt
