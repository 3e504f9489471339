"""Products page by page, in every order."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Product
from recognition.filters import Filters
from recognition.listing import NoSuchPage, Sort, list_products
from recognition.models import Encoder
from recognition.search import Query, search
from tests.factories import ProductFactory
from tests.recognition.shop_of_many import fill_shop

pytestmark = pytest.mark.django_db


def skus(page: int = 1, **asked: object) -> list[str]:
    asked.setdefault("filters", Filters())
    listing = list_products(page=page, **asked)  # type: ignore[arg-type]
    return [result.product.sku for result in listing.results]


@pytest.fixture
def small_pages(settings: object) -> None:
    settings.CATALOGUE_PAGE = 7  # type: ignore[attr-defined]


@pytest.mark.parametrize("sort", ["relevance", "name", "price", "-price"])
@pytest.mark.parametrize("words", ["", "thing"])
def test_pages_hold_each_product_once(
    encoder: Encoder, small_pages: None, sort: Sort, words: str
) -> None:
    fill_shop()
    first = list_products(words=words, filters=Filters(), sort=sort)
    assert (first.total, first.pages, first.exact) == (39, 6, True)
    seen = [sku for page in range(1, 7) for sku in skus(page, words=words, sort=sort)]
    assert len(seen) == len(set(seen)) == 39
    with pytest.raises(NoSuchPage):
        list_products(words=words, filters=Filters(), sort=sort, page=7)


def test_sorting(db: None) -> None:
    fill_shop()
    prices = dict(Product.objects.values_list("sku", "price"))
    up = [prices[sku] for sku in skus(sort="price", words="blue")]
    known = [price for price in up if price is not None]
    assert known == sorted(known)
    assert up[len(known) :] == [None] * (len(up) - len(known))
    down = [prices[sku] for sku in skus(sort="-price", words="blue")]
    assert [price for price in down if price is not None] == known[::-1]
    assert down[-1] is None
    names = [Product.objects.get(sku=sku).name for sku in skus(sort="name")]
    assert names == sorted(names)


def test_words_come_in_the_order_of_the_search(encoder: Encoder) -> None:
    fill_shop()
    ProductFactory(sku="BEST", name="Blue blue", brand="Blue")
    asked = search(Query(text="blue", limit=24))
    assert skus(words="blue")[:24] == [result.product.sku for result in asked.results]


def test_filters_and_what_they_leave(db: None) -> None:
    fill_shop()
    listing = list_products(words="blue", filters=Filters(brands=("nord",), price_max=Decimal(10)))
    assert listing.total == len(listing.results) > 0
    for result in listing.results:
        assert result.product.brand.lower() == "nord"
        assert result.product.price is not None
        assert result.product.price <= 10


def test_more_than_can_be_counted_is_said(db: None, settings: object) -> None:
    settings.SEARCH_EXACT_COUNT = 20  # type: ignore[attr-defined]
    settings.CATALOGUE_PAGE = 6  # type: ignore[attr-defined]
    fill_shop()
    listing = list_products(filters=Filters())
    assert (listing.total, listing.exact, listing.pages) == (20, False, 4)
    assert len(skus(4)) == 6


def test_a_barcode_comes_first_and_counts(db: None) -> None:
    products, _stores = fill_shop()
    products[5].barcode = "4006381333931"
    products[5].save()
    listing = list_products(words="400 6381 333931", barcode="400 6381 333931", filters=Filters())
    assert [result.product.sku for result in listing.results] == ["M005"]
    assert listing.results[0].matched_by == ("barcode",)
    assert (listing.total, listing.barcode and listing.barcode.product) == (1, products[5])
    narrowed = list_products(
        words="4006381333931", barcode="4006381333931", filters=Filters(brands=("Other",))
    )
    assert narrowed.results == []
    assert narrowed.barcode is not None


@pytest.mark.parametrize("words", ["", "thing"])
def test_a_page_costs_the_same_however_many_products(db: None, words: str) -> None:
    fill_shop(8)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            list_products(words=words, filters=Filters())
        return len(captured)

    few = queries()
    for n in range(40):
        ProductFactory(name=f"Further thing {n}", category_path="Home/Lamps")
    assert queries() == few
