"""Places of this app that apps above it may fill from their `AppConfig.ready()`.

The catalogue never learns who fills them: each entry is a plain callable.
"""

from collections.abc import Callable
from typing import Any

from products.models import Product, ProductImage

# Read-only columns beside a photo in the product's admin page. Each takes a ProductImage, returns
# text or safe HTML and has a `short_description`.
photo_columns: list[Callable[[ProductImage], Any]] = []

# Relations of ProductImage that these columns read, fetched with the photos.
photo_prefetch: list[str] = []

# Read-only columns of the admin's product list; each takes a Product.
product_columns: list[Callable[[Any], Any]] = []

# Changes of the admin's product queryset that these columns need.
product_annotations: list[Callable[[Any], Any]] = []

# What else moves when a product is merged into another: (product, heir, actor), called inside the
# merge's transaction, with both products locked; may raise ValidationError.
merge_steps: list[Callable[[Product, Product, Any], None]] = []
