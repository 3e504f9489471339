"""Places of this app that apps above it may fill from their `AppConfig.ready()`.

The catalogue never learns who fills them: each entry is a plain callable.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.files.base import File
from django.http import HttpRequest
from rest_framework import serializers

from products.models import Product, ProductImage

# Read-only columns beside a photo in the product's admin page. Each takes a ProductImage, returns
# text or safe HTML and has a `short_description`.
photo_columns: list[Callable[[ProductImage], Any]] = []

# What of ProductImage's relations these columns read, as `prefetch_related` takes it.
photo_prefetch: list[Any] = []

# Read-only columns of the admin's product list; each takes a Product.
product_columns: list[Callable[[Any], Any]] = []

# What these columns read, for the products of one page of that list: each loader takes them, attaches
# attributes to them and makes one query (or a few), however many products there are. The list itself
# is not annotated: an annotation would be computed for the whole catalogue before its first page.
product_page_loaders: list[Callable[[Sequence[Product]], None]] = []

# What the API shows with a photo beside its own fields.
photo_fields: list["PhotoFields"] = []

# Further filters of the admin's product list.
product_filters: list[type[SimpleListFilter]] = []

# What may be done with a photo on its product's page, as with a failed one: try again.
photo_actions: list["PhotoAction"] = []

# Boxes below a product's form in the admin, each loaded when it comes into view.
product_panels: list["ProductPanel"] = []

# Finds products by an uploaded photo for the admin's list. One, or none: then the list offers no
# search by photo.
photo_finders: list[Callable[[File], "PhotoFinding"]] = []

# Why products are kept: each takes those that somebody wants to delete and returns a sentence, which
# says what to do instead, for each that must stay.
reasons_to_keep: list[Callable[[Iterable[Product]], list[str]]] = []

# What else moves when a product is merged into another: (product, heir, actor), called inside the
# merge's transaction, with both products locked; may raise ValidationError.
merge_steps: list[Callable[[Product, Product, Any], None]] = []


@dataclass(frozen=True, slots=True)
class PhotoFields:
    """Fields of a photo in the API: each with its name and how it is shown. The loader takes all photos
    of one answer and attaches attributes of these names to them by one query, or a few.
    """

    fields: Mapping[str, serializers.Field]
    load: Callable[[Sequence[ProductImage]], None]


@dataclass(frozen=True, slots=True)
class PhotoAction:
    """A button beside a photo. `applies` reads only what `photo_prefetch` fetched; `run` says in
    words what it did.
    """

    name: str
    label: Any
    applies: Callable[[ProductImage], bool]
    run: Callable[[ProductImage], str]


@dataclass(frozen=True, slots=True)
class ProductPanel:
    """A box below a product's form: its name in addresses, its title, and its content as safe HTML."""

    name: str
    title: Any
    render: Callable[[HttpRequest, Product], str]


@dataclass(frozen=True, slots=True)
class PhotoFinding:
    """Products nearest to a photo, with their cosine distance, best first; one that a barcode names
    stands first and has none.
    """

    hits: Sequence[tuple[int, float | None]]
    barcode: str = ""
    note: str = ""


class PhotoSearchFailed(Exception):
    """No search by photo just now; the text is for the person who asked."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """What an app adds to a customer's page of a product, as safe HTML; "" for none.

    `offer` says in schema.org's words what the app knows of the offer, such as its availability.
    """

    section: str = ""
    beside_price: str = ""
    offer: Mapping[str, Any] = field(default_factory=dict)


# Each takes the request, which may ask for more of the part, and the product.
page_parts: list[Callable[[HttpRequest, Product], PagePart]] = []

# Sections below all that is said of the product, over the whole width.
page_ends: list[Callable[[Product], str]] = []

# Whether work is in hand that goes before making small pictures; asked every few hundred milliseconds.
more_urgent: list[Callable[[], bool]] = []
