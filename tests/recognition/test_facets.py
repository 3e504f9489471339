"""A number beside a filter is how many products there are once it is chosen."""

import itertools
from decimal import Decimal

import pytest

from products.models import Category, Product
from recognition.facets import count_facets
from recognition.filters import Filters
from recognition.listing import list_products
from stores.models import Store
from tests.factories import ProductFactory
from tests.recognition.shop_of_many import fill_shop

pytestmark = pytest.mark.django_db


def number(filters: Filters, words: str = "") -> int:
    products = Product.objects.filter(filters.condition())
    return (products.with_words(words) if words else products).count()


def find(path: str) -> Category:
    category = Category.objects.all().find(path)
    assert category is not None
    return category


def cases() -> list[tuple[str, Filters]]:
    stores = tuple(Store.objects.active())
    return [
        ("", Filters()),
        ("blue", Filters()),
        ("blue", Filters(brands=("nord",))),
        ("", Filters(category=find("Home"), brands=("NORD", "Süd"))),
        ("", Filters(category=find("Home/Mugs"), price_min=Decimal(3), in_stock=True)),
        ("", Filters(price_max=Decimal("9.99"), stores=stores[:2])),
        ("red", Filters(category=find("Home"), stores=stores[1:2], brands=("Süd",), in_stock=True)),
        ("nothing has these words", Filters()),
    ]


@pytest.mark.parametrize("case", range(8))
def test_every_number_is_what_choosing_it_leaves(db: None, case: int) -> None:
    fill_shop()
    words, filters = cases()[case]
    stores = list(Store.objects.all())
    facets = count_facets(words=words, filters=filters, stores=stores)
    assert facets.exact
    assert facets.total == number(filters, words)
    for category, counted in facets.categories:
        assert counted == number(filters.but(category=category), words), category
    for brand, counted in facets.brands:
        assert counted == number(filters.but(brands=(brand,)), words), brand
    for store in stores:
        alone = filters.but(stores=(store,), in_stock=False)
        counted = facets.stores.get(store.pk, 0)
        assert counted == (number(alone, words) if store.is_active else counted), store
    assert facets.in_stock == number(filters.but(stores=(), in_stock=True), words)
    priced = filters.but(price_min=None, price_max=None)
    for each in facets.prices:
        chosen = priced.but(price_min=each.low, price_max=each.high)
        assert each.number == number(chosen, words), each


def test_price_ranges_take_all_prices_and_share_none(db: None) -> None:
    for cents in range(0, 60_000, 777):
        ProductFactory(price=Decimal(cents) / 100)
    ranges = count_facets(filters=Filters()).prices
    assert 3 <= len(ranges) <= 6
    assert sum(each.number for each in ranges) == Product.objects.count()
    assert ranges[0].low is None
    assert ranges[-1].high is None
    for one, other in itertools.pairwise(ranges):
        assert one.high is not None
        assert other.low == one.high + Decimal("0.01")
        assert one.number < Product.objects.count() / 2


def test_prices_that_are_all_alike_make_no_ranges(db: None) -> None:
    for _ in range(5):
        ProductFactory(price="4.20")
    assert count_facets(filters=Filters()).prices == []
    assert count_facets(words="missing", filters=Filters()).prices == []


@pytest.mark.parametrize("code", ["2002600000266", "2002 6000 00266", "200-2600000-266"])
def test_a_barcode_is_counted_however_it_is_spelled(db: None, code: str) -> None:
    products, _stores = fill_shop()
    products[0].barcode = "2002600000266"
    products[0].save()
    facets = count_facets(words=code, filters=Filters())
    assert facets.total == 1
    assert [number for _category, number in facets.categories] == [1]
    listing = list_products(words=code, barcode=code, filters=Filters())
    assert listing.total == facets.total
    outside = Filters(brands=("Other",))
    assert count_facets(words=code, filters=outside).total == 0
    assert count_facets(words=code, filters=Filters(category=find("Pantry/Tea"))).total == (
        products[0].category == find("Pantry/Tea")
    )


@pytest.mark.parametrize("words", ["-", "!!!", "👟"])
def test_words_without_a_letter_are_counted_as_nothing(db: None, words: str) -> None:
    fill_shop(8)
    facets = count_facets(words=words, filters=Filters())
    assert facets.exact
    assert (facets.total, facets.in_stock, facets.brand_count) == (0, 0, 0)
    assert (facets.categories, facets.brands, facets.prices, facets.stores) == ([], [], [], {})


def test_the_children_of_the_chosen_category_are_counted(db: None) -> None:
    fill_shop()
    names = [str(category) for category, _number in count_facets(filters=Filters()).categories]
    assert names == ["Home", "Pantry"]
    below = count_facets(filters=Filters(category=find("Home"))).categories
    assert [str(category) for category, _number in below] == ["Home/Lamps", "Home/Mugs"]
    assert count_facets(filters=Filters(category=find("Pantry/Tea"))).categories == []


def test_brands_are_one_whatever_their_capitals(db: None) -> None:
    fill_shop()
    brands = [brand for brand, _number in count_facets(filters=Filters()).brands]
    assert sorted(brand.lower() for brand in brands) == ["nord", "süd"]


def test_a_brand_that_is_asked_for_is_named_however_rare(db: None) -> None:
    for n in range(60):
        for _ in range(2):
            ProductFactory(brand=f"Brand {n:02d}")
    ProductFactory(brand="Rare")
    facets = count_facets(filters=Filters(), brands=["Rare"])
    assert ("Rare", 1) in facets.brands
    assert len(facets.brands) == 40
    assert facets.brand_count == 61


def test_a_large_set_is_counted_on_a_sample_and_says_so(db: None, settings: object) -> None:
    settings.SEARCH_EXACT_COUNT = 300  # type: ignore[attr-defined]
    category = Category.objects.at_path("Many/One")
    other = Category.objects.at_path("Many/Other")
    Product.objects.bulk_create(
        [
            Product(
                sku=f"B{n}", name=f"Bulk {n}", category=category if n % 4 else other, brand="B",
                price=n % 50,
            )
            for n in range(4000)
        ]
    )  # fmt: skip
    facets = count_facets(filters=Filters())
    assert not facets.exact
    # A sixteenth: 250 of 4,000 that were drawn, so one standard deviation is some 6 %.
    assert facets.total == pytest.approx(4000, rel=0.25)
    shares = {str(each): n / facets.total for each, n in facets.categories}
    assert shares["Many"] == 1
    within = count_facets(filters=Filters(category=find("Many"))).categories
    parts = {str(each): n for each, n in within}
    assert parts["Many/One"] / parts["Many/Other"] == pytest.approx(3, rel=0.5)
    # A narrow set is exact again.
    assert count_facets(words="Bulk 17", filters=Filters()).exact
