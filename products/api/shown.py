"""What the API shows of products, loaded for all products of an answer by a fixed number of queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from api.etags import etag_of
from api.sparse import chosen_fields
from products import slots
from products.api.serializers import CatalogueProductOutput
from products.models import Product, ProductImage, ProductQuerySet
from products.models.category import full_names

PARAMETER = "fields"
# Which columns each field of the answer is made of. Photos come by a query of their own.
_COLUMNS: dict[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in (
            "sku", "name", "brand", "description", "attributes", "barcode", "price", "is_active",
            "created_at", "updated_at",
        )
    },
    "category": ("category", "category__path", "category__name"),
    "merged_into": ("merged_into", "merged_into__sku"),
    "currency": (),
    "url": (),
    "photos": (),
}  # fmt: skip
FIELDS = tuple(CatalogueProductOutput().fields)
# The first half of a product's ETag: what people change. How far recognition has come with its
# photos changes by itself, and is no reason to refuse a change.
VERSION_LENGTH = 32


def wanted_fields(query: Mapping[str, str]) -> tuple[str, ...]:
    """Those that `?fields=sku,name` asks for; all where nothing is asked.

    Raises:
        ValidationError: there are no such fields.
    """
    text = query.get(PARAMETER)
    if text is None:
        return FIELDS
    chosen = chosen_fields(text, FIELDS)
    return tuple(name for name in FIELDS if name in chosen)


def with_fields(products: ProductQuerySet, fields: Collection[str]) -> ProductQuerySet:
    """Only the columns and the photos that these fields need."""
    related = [name for name in ("category", "merged_into") if name in fields]
    columns = [column for name in fields for column in _COLUMNS[name]]
    found: Any = products.select_related(*related) if related else products
    found = found.only("id", "sku", *columns)
    if "photos" in fields:
        images = ProductImage.objects.order_by("position", "id")
        found = found.prefetch_related(Prefetch("images", images))
    return found


def as_data(
    products: Sequence[Any], fields: Collection[str], context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Products as they are shown, from `with_fields`."""
    if "category" in fields:
        names = full_names({product.category for product in products})
    for product in products:
        if "category" in fields:
            product.category_path = names[product.category_id]
        if "merged_into" in fields:
            heir = product.merged_into
            product.heir_sku = heir.sku if heir is not None else None
        product.currency = settings.CURRENCY
        product.page = context["absolute"](product.get_absolute_url())
    if "photos" in fields:
        load_photo_fields([image for product in products for image in product.images.all()])
    shown = CatalogueProductOutput(products, many=True, context={**context, "fields": fields})
    return list(shown.data)


def load_photo_fields(images: Iterable[ProductImage]) -> None:
    """What apps above say of photos, by their queries, however many photos there are."""
    found = list(images)
    if found:
        for each in slots.photo_fields:
            each.load(found)


def tag_of(product: Product, data: Any) -> str:
    """The ETag of a product that is shown as `data`: its version, then a digest of all the rest."""
    return f'"{version_of(product)}.{etag_of(data)[1:17]}"'


def version_of(product: Product) -> str:
    """A digest of all that a person can change of a product, its photos included."""
    names = [
        "sku", "name", "brand", "category_id", "description", "attributes", "barcode", "price",
        "is_active", "merged_into_id",
    ]  # fmt: skip
    images = ProductImage.objects.filter(product=product).order_by("position", "id")
    photos = [list(row) for row in images.values_list("pk", "digest")]
    return etag_of([[getattr(product, name) for name in names], photos]).strip('"')
