"""What the rows of a batch refer to, each by one query. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.db import connection
from django.db.models.functions import Lower

from products.heirs import heirs_of
from products.models import Category, Product, ProductImage
from products.models.category import full_names, split_path


@dataclass(slots=True)
class KnownPhotos:
    """The photos of a product: digests as received and as stored, and names in an export."""

    digests: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def export_name(stored: str) -> str:
    """The name of a stored photo in an export. It is random, so it is known again by it."""
    return "".join(PurePosixPath(stored).parts[-2:])


def known_photos(skus: Iterable[str]) -> dict[str, KnownPhotos]:
    """Photos by SKU; a merged product's are its heir's, too."""
    skus = list(skus)
    merged = Product.objects.defer("text").filter(sku__in=skus).exclude(merged_into=None)
    by_id = {each.pk: each.sku for each in merged}
    heir_of = {by_id[pk]: heir.sku for pk, heir in heirs_of(merged).items()}
    known: dict[str, KnownPhotos] = {}
    rows = ProductImage.objects.filter(product__sku__in={*skus, *heir_of.values()}).order_by()
    for sku, source_digest, digest, name in rows.values_list(
        "product__sku", "source_digest", "digest", "file"
    ):
        photos = known.setdefault(sku, KnownPhotos())
        photos.digests |= {source_digest, digest}
        photos.names.add(export_name(name))
    for sku, heir in heir_of.items():
        own, taken = known.get(sku, KnownPhotos()), known.get(heir, KnownPhotos())
        known[sku] = KnownPhotos(own.digests | taken.digests, own.names | taken.names)
    return known


def locked_products(skus: Iterable[str]) -> dict[str, Product]:
    """Products by SKU, locked until the transaction ends, always in the same order."""
    # The text-search vector is large, and the database makes it by itself.
    products = Product.objects.defer("text").filter(sku__in=list(skus))
    return {p.sku: p for p in products.select_for_update(of=("self",), no_key=True).order_by("pk")}


def barcode_owners(barcodes: Iterable[str]) -> dict[str, str]:
    """`{barcode: SKU}`"""
    owners = Product.objects.filter(barcode__in=[b for b in barcodes if b]).order_by()
    return dict(owners.values_list("barcode", "sku"))


def category_names(ids: Iterable[int]) -> dict[int, str]:
    return full_names(Category.objects.filter(pk__in=set(ids)))


def find_categories(paths: Iterable[str]) -> dict[str, Category]:
    """Categories by the text that names them, as `Category.objects.find` finds each; those that
    are not there are left out.

    Raises:
        ValidationError: a text is no path.
    """
    wanted = {text: split_path(text) for text in set(paths)}
    lowered = _lowered({name for names in wanted.values() for name in names})
    by_place: dict[tuple[str, str], Category] = {}
    level = Category.objects.annotate(lowered=Lower("name")).filter(
        lowered__in=set(lowered.values())
    )
    for category in level:
        parent = category.path[: -Category.steplen]
        by_place[parent, category.lowered] = category
    found = {}
    for text, names in wanted.items():
        node: Category | None = None
        for name in names:
            node = by_place.get((node.path if node else "", lowered[name]))
            if node is None:
                break
        if node is not None:
            found[text] = node
    return found


def _lowered(names: set[str]) -> dict[str, str]:
    """Names in lower case as the database has it, whose unique constraint decides."""
    ordered = sorted(names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, lower(name) FROM unnest(%s::text[]) AS t(name)", [ordered])
        return dict(cursor.fetchall())
