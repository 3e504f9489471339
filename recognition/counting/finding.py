"""Products by what people type or scan, as the stock pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass

from products.imaging import canonical_gtin
from products.models import Product, ProductImage, ProductQuerySet
from products.spelling import probably_meant
from stores.models import StockLevel, Stocktake, Store
from stores.product_codes import products_by_code

_MOST_BY_WORDS = 24


@dataclass(slots=True)
class Choice:
    """A product to choose. The level is None where it is not to be seen: while counting."""

    product: Product
    photo: ProductImage | None = None
    distance: float | None = None
    by_barcode: bool = False
    in_scope: bool = True
    level: int | None = None


def product_by_code(text: str) -> Product | None:
    """The product of a SKU or a barcode; one that was merged leads to its heir."""
    code = text.strip()
    product = products_by_code([code]).get(code) if code else None
    return product.heir() if product is not None else None


def is_barcode(text: str) -> bool:
    return canonical_gtin(text.strip()) is not None


def choices_by_words(text: str, *, stocktake: Stocktake | None = None) -> list[Choice]:
    """Products whose text holds the words, best first; those that may be counted before others."""
    products = (
        _with_words(text)
        .select_related("category")
        .prefetch_related("images")
        .defer("text", "description", "attributes")
    )
    if stocktake is not None and stocktake.category is not None:
        inside = list(products.in_category(stocktake.category)[:_MOST_BY_WORDS])
        more = products.exclude(category__path__startswith=stocktake.category.path)
        found = inside + list(more[: _MOST_BY_WORDS - len(inside)])
    else:
        found = list(products[:_MOST_BY_WORDS])
    return [Choice(each, photo=each.face, in_scope=in_scope(each, stocktake)) for each in found]


def meant_by(text: str) -> str:
    """Other words, which find something where these find nothing; "" if none are known."""
    return next((each for each in probably_meant(text) if _with_words(each).exists()), "")


def _with_words(text: str) -> ProductQuerySet:
    return Product.objects.filter(merged_into=None).matching(text)


def in_scope(product: Product, stocktake: Stocktake | None) -> bool:
    """Whether a product may be counted in a stocktake; `category` of both should be at hand."""
    if product.merged_into_id is not None:
        return False
    if stocktake is None or stocktake.category is None:
        return True
    return str(product.category.path).startswith(stocktake.category.path)


def with_levels(choices: Iterable[Choice], store: Store) -> list[Choice]:
    """The same with what the store holds of each; by one query."""
    choices = list(choices)
    levels = StockLevel.objects.filter(
        store=store, product__in=[choice.product.pk for choice in choices]
    )
    held = dict(levels.values_list("product", "quantity"))
    for choice in choices:
        choice.level = held.get(choice.product.pk, 0)
    return choices
