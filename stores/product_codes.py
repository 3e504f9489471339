"""Products by what people type or scan: a SKU or a barcode."""

from collections.abc import Iterable

from products.imaging import canonical_gtin
from products.models import Product, ProductQuerySet


def products_by_code(codes: Iterable[str]) -> dict[str, Product]:
    """`{code: product}`; a SKU goes before a barcode, codes that lead to nothing are left out.

    Two queries, and one for each heir.
    """
    codes = set(codes)
    found = products_by_sku(codes)
    return found | products_by_barcode(codes - found.keys())


def products_by_sku(skus: Iterable[str]) -> dict[str, Product]:
    """`{SKU: product}`. A merged product's own; booking it says where it went. One query."""
    return {each.sku: each for each in _products().filter(sku__in=_plain(skus))}


def products_by_barcode(codes: Iterable[str]) -> dict[str, Product]:
    """`{code: product}` for barcodes in any spelling. A merged product's leads to its heir, since
    the goods still carry it. One query, and one for each heir.
    """
    gtins = {code: gtin for code in _plain(codes) if (gtin := canonical_gtin(code))}
    if not gtins:
        return {}
    by_gtin = {each.barcode: each for each in _products().filter(barcode__in=gtins.values())}
    heirs = {code: by_gtin[gtin].heir() for code, gtin in gtins.items() if gtin in by_gtin}
    return {code: heir for code, heir in heirs.items() if heir is not None}


def _products() -> ProductQuerySet:
    return Product.objects.defer("text", "description", "attributes")


def _plain(codes: Iterable[str]) -> set[str]:
    return {code for code in codes if "\0" not in code}
