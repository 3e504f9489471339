"""The filters beside a list of products, as its templates show them.

A list by words or by category has an address, so what can be chosen there is a link. The answer to a
photo has none: there it is a button of the search form, which sends the photo's token along.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zlib import crc32

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, ngettext

from products.models import Category, Product
from products.templatetags.catalogue import price
from recognition.asked import DROP, PRICE, Address, plain
from recognition.facets import Facets, PriceRange, count_facets
from recognition.filters import Filters
from stores.models import Store

# Brands in sight; the others unfold.
_BRANDS_SHOWN = 8
# Products of an answer whose brands and categories stand first.
MOST_NEAR = 24
# What "near me" offers: ways in kilometres, and the most stores that it chooses, fewer than an address
# takes.
NEAR = {"distances": (5, 10, 25), "most": 25}


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose or to take off: a link where it has an `href`, else a button that sends `name`
    and `value`.
    """

    label: str
    href: str = ""
    name: str = ""
    value: str = ""
    number: int | None = None
    chosen: bool = False
    ident: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the filters' template shows. `stores` empty: the site keeps none, or too many to list and
    none was looked for (`many_stores`).
    """

    address: Address
    facets: Facets
    up: list[Option]
    here: str
    categories: list[Option]
    brands: list[Option]
    more_brands: list[Option]
    other_brands: int
    prices: list[Option]
    price_min: str
    price_max: str
    stores: list[Option]
    many_stores: bool
    keeps_stores: bool
    found_stores: str
    in_stock: Option
    with_photo: bool = False
    chips: list[Option] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a list of products is shown: its address, and how it leads to a category."""

    address: Address
    filters: Filters
    words: str = ""
    with_photo: bool = False
    # A page of the category itself; filters of a search else.
    of_category: bool = False

    def option(self, label: str, address: Address, name: str, value: str, **more: Any) -> Option:
        if self.with_photo:
            return Option(label, name=name, value=value, **more)
        return Option(label, href=str(address), **more)

    def to_category(
        self, category: Category | None, label: str, number: int | None = None
    ) -> Option:
        ident = f"category-{category.pk if category else 0}"
        if self.of_category:
            pairs = self.address.without("page").pairs
            href = str(Address(category.get_absolute_url(), pairs)) if category else ""
            return Option(label, href=href, number=number, ident=ident)
        if self.with_photo and category is None:
            return Option(label, name=DROP, value="category", number=number, ident=ident)
        name = category.full_name if category else ""
        address = self.address.having(category=name)
        return self.option(label, address, "category", name, number=number, ident=ident)


def make_panel(place: Place, *, find_store: str = "", near: Sequence[int] = ()) -> Panel:
    """The panel of a list. `near`: products that were found by a photo; their categories and brands
    stand first.
    """
    filters = place.filters
    listed, many = _listed_stores(filters, find_store)
    first_brands, first_categories = _of_products(near)
    facets = count_facets(
        words="" if place.with_photo else place.words,
        filters=filters,
        stores=listed,
        brands=first_brands,
    )
    brands = _brands(facets, filters, first_brands)
    up, here = _way_up(place)
    return Panel(
        address=place.address,
        facets=facets,
        up=up,
        here=here,
        categories=_categories(place, facets, first_categories),
        brands=brands[: max(_BRANDS_SHOWN, len(filters.brands))],
        more_brands=brands[max(_BRANDS_SHOWN, len(filters.brands)) :],
        other_brands=max(0, facets.brand_count - len(brands)),
        prices=[_price_option(place, each) for each in facets.prices],
        price_min=plain(filters.price_min),
        price_max=plain(filters.price_max),
        stores=[
            Option(
                store.name,
                value=store.code,
                number=facets.stores.get(store.pk, 0),
                chosen=store in filters.stores,
                ident=f"store-{store.pk}",
            )
            for store in listed
            if store.pk in facets.stores or store in filters.stores
        ],
        many_stores=many,
        keeps_stores=bool(listed) or many,
        found_stores=find_store,
        in_stock=Option(
            gettext("In stock in any store"),
            value="1",
            number=facets.in_stock,
            chosen=filters.in_stock,
            ident="in-stock",
        ),
        with_photo=place.with_photo,
    )


def _listed_stores(filters: Filters, find_store: str) -> tuple[list[Store], bool]:
    """The stores that are offered, and whether there are too many to offer all."""
    most = settings.SEARCH_STORES_LISTED
    stores = list(Store.objects.public()[: most + 1])
    if len(stores) <= most:
        return stores, False
    found: Iterable[Store] = ()
    if find_store:
        fits = Q(name__icontains=find_store) | Q(address__icontains=find_store)
        found = Store.objects.public().filter(fits | Q(code__iexact=find_store))[:most]
    return list(dict.fromkeys([*filters.stores, *found])), True


def _of_products(products: Sequence[int]) -> tuple[list[str], list[str]]:
    """The brands of some products, and the paths of their categories; of the first products first."""
    if not products:
        return [], []
    rows = {
        pk: (brand, path)
        for pk, brand, path in Product.objects.filter(pk__in=products).values_list(
            "pk", "brand", "category__path"
        )
    }
    known = [rows[pk] for pk in products if pk in rows]
    brands = dict.fromkeys(brand for brand, _path in known if brand)
    return list(brands), list(dict.fromkeys(path for _brand, path in known))


def _way_up(place: Place) -> tuple[list[Option], str]:
    """The categories above the chosen one, from the whole catalogue down, and its own name."""
    chosen = place.filters.category
    if chosen is None:
        return [], ""
    above = chosen.above()[:-1]
    top = place.to_category(None, gettext("All categories"))
    return [top, *(place.to_category(each, each.name) for each in above)], chosen.name


def _categories(place: Place, facets: Facets, first: Sequence[str]) -> list[Option]:
    chosen = place.filters.category
    over = f"{chosen.full_name}/" if chosen else ""
    options = []
    for category, number in sorted(
        facets.categories, key=lambda each: _place_in(first, each[0].path)
    ):
        # Known without asking once more for each.
        category.full_name = f"{over}{category.name}"
        options.append(place.to_category(category, category.name, number))
    return options


def _place_in(paths: Sequence[str], branch: str) -> int:
    """How early a branch comes among the categories of some products; behind them where it does not."""
    return next((n for n, path in enumerate(paths) if path.startswith(branch)), len(paths))


def _brands(facets: Facets, filters: Filters, first: Sequence[str]) -> list[Option]:
    chosen = {brand.upper() for brand in filters.brands}
    known = {brand.upper(): (brand, number) for brand, number in facets.brands}
    for brand in filters.brands:
        known.setdefault(brand.upper(), (brand, 0))
    order = [brand.upper() for brand in first]
    ranked = sorted(
        known,
        key=lambda key: (key not in chosen, order.index(key) if key in order else len(order)),
    )
    return [
        Option(
            known[key][0],
            value=known[key][0],
            number=known[key][1],
            chosen=key in chosen,
            ident=f"brand-{crc32(key.encode()):x}",
        )
        for key in ranked
    ]


def _price_option(place: Place, each: PriceRange) -> Option:
    low, high = plain(each.low), plain(each.high)
    filters = place.filters
    return place.option(
        price_text(each.low, each.high),
        place.address.having(price_min=low, price_max=high),
        PRICE,
        f"{low}..{high}",
        number=each.number,
        ident=f"price-{low}-{high}",
        chosen=(filters.price_min, filters.price_max) == (each.low, each.high),
    )


def price_text(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return gettext("Up to %(high)s") % {"high": price(high)}
    if high is None:
        return gettext("From %(low)s") % {"low": price(low)}
    return gettext("%(low)s to %(high)s") % {"low": price(low), "high": price(high)}


def make_chips(place: Place) -> list[Option]:
    """What is chosen, each to be taken off by itself."""
    filters, address = place.filters, place.address
    chips = []
    if filters.category is not None and not place.of_category:
        without = address.having(category="")
        chips.append(place.option(filters.category.name, without, DROP, "category"))
    for brand in filters.brands:
        without = address.dropping("brand", brand)
        chips.append(place.option(brand, without, DROP, f"brand:{brand}"))
    if filters.asks_price:
        text = price_text(filters.price_min, filters.price_max)
        chips.append(
            place.option(text, address.without("price_min", "price_max", "page"), DROP, "price")
        )
    if filters.in_stock and not filters.stores:
        chips.append(
            place.option(gettext("In stock"), address.having(in_stock=""), DROP, "in_stock")
        )
    return [*chips, *_store_chips(place)]


def _store_chips(place: Place) -> list[Option]:
    stores = place.filters.stores
    if len(stores) <= 3:
        return [
            place.option(
                gettext("In stock: %(store)s") % {"store": store.name},
                place.address.dropping("store", store.code),
                DROP,
                f"store:{store.code}",
            )
            for store in stores
        ]
    text = ngettext(
        "In stock in %(number)d store", "In stock in any of %(number)d stores", len(stores)
    )
    label = text % {"number": len(stores)}
    return [place.option(label, place.address.having(store=()), DROP, "store")]
