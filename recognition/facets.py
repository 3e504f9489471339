"""How many products each further filter would leave, for the panel beside a list of products.

The counts of a facet are made with all filters but its own. Sets of more than `SEARCH_EXACT_COUNT`
products are counted on a sixteenth of them that was drawn once and for all (`Product.SAMPLED`), and
said to be about so many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Value

from products.models import Category, Product
from products.models.product import SAMPLED, SAMPLED_ONE_IN, ProductQuerySet
from recognition.filters import Filters, is_code
from stores.models import StockLevel, Store
from stores.models.store import in_public

# As many brands as somebody reads through; who wants another types its name.
BRANDS = 40
_CENT = Decimal("0.01")
_RANGES = 5
# Where a range of prices may begin: round numbers, closer than any range is.
_EDGES = tuple(
    Decimal(step) * Decimal(10) ** power
    for power in range(-1, 7)
    for step in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8")
)


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From `low` to `high`, both included; None: no bound on that side."""

    low: Decimal | None
    high: Decimal | None
    number: int


@dataclass(frozen=True, slots=True)
class Facets:
    """`{category: products in it and below it}`, for the children of the chosen category (of the root
    without one); brands with most products first; price ranges, lowest first; `{store: products}`
    of the stores that were asked about.

    `exact` False: all numbers are estimates. `brand_count`: how many brands there are in all.
    """

    exact: bool
    total: int
    categories: list[tuple[Category, int]]
    brands: list[tuple[str, int]]
    brand_count: int
    prices: list[PriceRange]
    in_stock: int
    stores: dict[int, int]

    @property
    def about(self) -> bool:
        return not self.exact


def count_up_to(products: ProductQuerySet, most: int) -> int:
    """How many there are; `most + 1` where there are more."""
    return products.order_by()[: most + 1].count()


def count_facets(
    *,
    words: str = "",
    filters: Filters,
    stores: Sequence[Store] = (),
    brands: Sequence[str] = (),
) -> Facets:
    """The facets of the products that have these words and fit the filters. `stores` are counted, and
    `brands` named, whether or not they are among those with most products.
    """
    wide = products_of(words, Filters(category=filters.category))
    exact = count_up_to(wide, settings.SEARCH_EXACT_COUNT) <= settings.SEARCH_EXACT_COUNT
    counted_on = wide if exact else wide.filter(SAMPLED)
    rows = _rows(counted_on, filters, stores, [*filters.brands, *brands])
    scale = 1 if exact else SAMPLED_ONE_IN
    counted: dict[str, dict[str, int]] = {}
    for facet, value, number in rows:
        counted.setdefault(facet, {})[value] = number * scale

    def of(facet: str) -> dict[str, int]:
        return counted.get(facet, {})

    return Facets(
        exact=exact,
        total=of("total").get("", 0),
        categories=_children(
            filters.category, {int(pk): number for pk, number in of("category").items()}
        ),
        brands=sorted(of("brand").items(), key=lambda each: -each[1]),
        brand_count=of("brands").get("", 0) // scale,
        prices=_ranges({int(edge): number for edge, number in of("price").items()}),
        in_stock=of("in_stock").get("", 0),
        stores={int(pk): number for pk, number in of("store").items()},
    )


def products_of(words: str, filters: Filters) -> ProductQuerySet:
    """What a list of these words holds; of a barcode, however it is spelled, its product too."""
    products = Product.objects.filter(filters.condition())
    if not words:
        return products
    found = products.with_words(words)
    named = Product.objects.by_barcode(words) if is_code(words) else None
    return found if named is None else found | products.filter(pk=named.pk)


def _rows(
    products: ProductQuerySet,
    filters: Filters,
    stores: Sequence[Store],
    brands: Sequence[str],
) -> list[tuple[str, str, int]]:
    """`(facet, value, number)`, by one statement that looks at each product once."""
    # By the few that are closed or warehouses, which costs nothing for each product, unlike a join.
    hidden = Store.objects.exclude(in_public())
    held = StockLevel.objects.filter(product=OuterRef("pk"), quantity__gt=0).order_by()
    held = held.exclude(store__in=list(hidden.values_list("pk", flat=True)))
    here = held.filter(store__in=filters.stores) if filters.stores else held
    yes = Value(True)
    prices = Filters(price_min=filters.price_min, price_max=filters.price_max)
    counted = (
        products.order_by()
        .annotate(
            by_brand=_fits(Filters(brands=filters.brands)) if filters.brands else yes,
            by_price=_fits(prices) if filters.asks_price else yes,
            held=Exists(held),
            by_stock=Exists(here) if filters.asks_stock else yes,
        )
        .values_list(
            "pk", "category_id", "brand", "price", "by_brand", "by_price", "held", "by_stock"
        )
    )
    try:
        sql, parameters = counted.query.sql_with_params()
    except EmptyResultSet:  # Words without a letter or digit, which nothing has.
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT.replace("{products}", sql),
            [
                *parameters,
                [brand.upper() for brand in brands],
                BRANDS,
                list(_EDGES),
                [store.pk for store in stores],
            ],
        )
        rows: list[tuple[str, str, int]] = cursor.fetchall()
    return rows


def _fits(filters: Filters) -> ExpressionWrapper:
    return ExpressionWrapper(filters.condition(), output_field=BooleanField())


def _children(chosen: Category | None, counted: dict[int, int]) -> list[tuple[Category, int]]:
    """Numbers of products by the branches below a category, in the order of the tree."""
    end = (len(chosen.path) if chosen else 0) + Category.steplen
    numbers: dict[str, int] = {}
    for pk, path in Category.objects.filter(pk__in=counted).values_list("pk", "path"):
        if len(path) >= end:
            numbers[path[:end]] = numbers.get(path[:end], 0) + counted[pk]
    branches = Category.objects.filter(path__in=numbers).order_by("path")
    return [(branch, numbers[branch.path]) for branch in branches]


def _ranges(bins: dict[int, int]) -> list[PriceRange]:
    """Neighbouring bins of prices as a few ranges of about as many products each. Bin n begins at edge
    n - 1.
    """
    cuts: list[int] = []
    wanted, so_far, total = 1, 0, sum(bins.values())
    for edge in sorted(bins):
        if so_far * _RANGES >= wanted * total:
            cuts.append(edge)
            wanted = so_far * _RANGES // total + 1
        so_far += bins[edge]
    if not cuts:
        return []
    ranges = []
    for first, last in pairwise([None, *cuts, None]):
        number = sum(
            n
            for edge, n in bins.items()
            if (first is None or edge >= first) and (last is None or edge < last)
        )
        low = None if first is None else _EDGES[first - 1]
        high = None if last is None else _EDGES[last - 1] - _CENT
        ranges.append(PriceRange(low, high, number))
    return ranges


_COUNT = """
WITH product (id, category, brand, price, by_brand, by_price, held, by_stock) AS MATERIALIZED (
    {products}
)
SELECT 'total', '', count(*) FROM product WHERE by_brand AND by_price AND by_stock
UNION ALL
SELECT 'category', category::text, count(*) FROM product
WHERE by_brand AND by_price AND by_stock GROUP BY category
UNION ALL
(
    SELECT 'brand', min(brand), count(*) FROM product
    WHERE by_price AND by_stock AND brand <> '' GROUP BY upper(brand)
    ORDER BY upper(brand) = ANY(%s) DESC, count(*) DESC, upper(brand) LIMIT %s
)
UNION ALL
SELECT 'brands', '', count(DISTINCT upper(brand)) FROM product
WHERE by_price AND by_stock AND brand <> ''
UNION ALL
SELECT 'price', width_bucket(price, %s::numeric[])::text, count(*) FROM product
WHERE by_brand AND by_stock AND price IS NOT NULL GROUP BY 2
UNION ALL
SELECT 'in_stock', '', count(*) FROM product WHERE by_brand AND by_price AND held
UNION ALL
SELECT 'store', level.store_id::text, count(*)
FROM product JOIN stores_stocklevel level ON level.product_id = product.id AND level.quantity > 0
-- IS TRUE: tested on what one look into the index gives, in place of a look for each of the stores.
WHERE by_brand AND by_price AND (level.store_id = ANY(%s)) IS TRUE GROUP BY level.store_id
"""
