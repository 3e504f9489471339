"""The numbers beside a list of products: 200,000 products, 20 stores with 30,000 of them each.

The peer, in the same run, counts the same facets exactly, with one query for each as Django's documentation
groups and counts. Measured: one panel, and how far estimates are from what is there.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count
from django.test.utils import setup_databases, teardown_databases
from tqdm import tqdm

from products.models import Category, Product
from recognition.facets import Facets, count_facets
from recognition.filters import Filters
from recognition.listing import list_products
from stores.models import StockLevel, Store

PRODUCTS, STORES, A_STORE, TIMES = 200_000, 20, 30_000, 15
KINDS = ["lamp", "chair", "kettle", "scarf", "biscuit", "puzzle", "tent", "pen", "mug", "towel"]
COLOURS = ["blue", "red", "green", "white", "black", "oak", "steel"]


def fill() -> None:
    rng = np.random.default_rng(7)
    leaves = [
        Category.objects.at_path(f"Aisle {n // 25:02d}/Shelf {n // 5 % 5}/Kind {n % 5}")
        for n in range(500)
    ]
    brands = rng.zipf(1.4, PRODUCTS) % 3000
    kinds, colours = rng.integers(0, 10, PRODUCTS), rng.integers(0, 7, PRODUCTS)
    prices = np.round(np.exp(rng.normal(2.5, 1.1, PRODUCTS)), 2)
    for start in tqdm(range(0, PRODUCTS, 5000), desc="products", unit_scale=5000, disable=None):
        Product.objects.bulk_create(
            [
                Product(
                    sku=f"F-{n:06d}", name=f"{COLOURS[colours[n]]} {KINDS[kinds[n]]} {n % 997}",
                    brand=f"Brand {brands[n]}", category=leaves[n % 500], price=str(prices[n]),
                    description="A thing of everyday use, well made, and in many places at home.",
                    is_active=n % 20 != 0,
                )
                for n in range(start, start + 5000)
            ]
        )  # fmt: skip
    ids = np.array(Product.objects.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        # Levels without their movements, which no facet reads.
        cursor.execute("ALTER TABLE stores_stocklevel DISABLE TRIGGER USER")
        for n in range(STORES):
            store = Store.objects.create(code=f"S{n:02d}", name=f"Store {n:02d}")
            held = rng.choice(ids, A_STORE, replace=False)
            StockLevel.objects.bulk_create(
                [StockLevel(store=store, product_id=int(pk), quantity=int(pk) % 9) for pk in held],
                batch_size=5000,
            )
        cursor.execute("ALTER TABLE stores_stocklevel ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def one_query_a_facet(words: str, filters: Filters) -> dict[str, Any]:
    """The same numbers, each exact and by a query of its own."""

    def products(**without: Any) -> Any:
        found = Product.objects.filter(filters.but(**without).condition())
        return (found.with_words(words) if words else found).order_by()

    anywhere = {"stores": (), "in_stock": False}
    return {
        "total": products().count(),
        "categories": dict(products().values_list("category__path").annotate(n=Count("pk"))),
        "brands": dict(
            products(brands=()).values_list("brand").annotate(n=Count("pk")).order_by("-n")[:40]
        ),
        "prices": products(price_min=None, price_max=None).values_list("price").annotate(
            n=Count("pk")
        )[:1000].count(),
        "in_stock": products(stores=(), in_stock=True).count(),
        "stores": dict(
            StockLevel.objects.filter(quantity__gt=0, product__in=products(**anywhere))
            .order_by().values_list("store").annotate(n=Count("pk"))
        ),
    }  # fmt: skip


def timed(what: Callable[[], Any]) -> tuple[float, float, Any]:
    what()
    taken = []
    for _ in range(TIMES):
        started = perf_counter()
        found = what()
        taken.append((perf_counter() - started) * 1000)
    return float(np.median(taken)), float(np.percentile(taken, 95)), found


def off(facets: Facets, exact: dict[str, Any]) -> float:
    """How far the numbers of the twenty largest brands and of the stock are off, at the median."""
    truth = [(facets.total, exact["total"]), (facets.in_stock, exact["in_stock"])]
    truth += [(number, exact["brands"].get(brand)) for brand, number in facets.brands[:20]]
    return float(np.median([abs(one / other - 1) for one, other in truth if other]))


def cases(stores: Sequence[Store]) -> list[tuple[str, str, Filters]]:
    find = Category.objects.all().find
    some = tuple(stores[:3])
    return [
        ("everything", "", Filters()),
        ("in stock", "", Filters(in_stock=True)),
        ("three stores", "", Filters(stores=some)),
        ("5 to 20", "", Filters(price_min=Decimal(5), price_max=Decimal(20))),
        ("two brands", "", Filters(brands=("Brand 1", "Brand 7"))),
        ("a word (28,000)", "blue", Filters()),
        ("an aisle (9,500)", "", Filters(category=find("Aisle 03"))),
        ("two words (2,600)", "blue lamp", Filters()),
        ("a shelf (380)", "", Filters(category=find("Aisle 03/Shelf 2/Kind 3"))),
        ("all of it", "blue", Filters(category=find("Aisle 03"), brands=("Brand 1",), stores=some)),
    ]


def main() -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        fill()
        measure()
    finally:
        teardown_databases(old, verbosity=0)


def measure() -> None:
    stores = list(Store.objects.all())
    print(
        f"{'':20}{'p50 ms':>9}{'p95 ms':>9}{'peer p50':>10}{'ratio':>7}{'off by':>9}{'list p50':>10}"
    )
    for name, words, filters in cases(stores):
        p50, p95, facets = timed(lambda: count_facets(words=words, filters=filters, stores=stores))  # noqa: B023
        peer, _p95, exact = timed(lambda: one_query_a_facet(words, filters))  # noqa: B023
        listed, _p95, _page = timed(lambda: list_products(words=words, filters=filters))  # noqa: B023
        far = "exact" if facets.exact else f"{off(facets, exact):.1%}"
        print(f"{name:20}{p50:9.1f}{p95:9.1f}{peer:10.1f}{peer / p50:7.1f}{far:>9}{listed:10.1f}")
