"""The catalogue: categories, products and their photos."""

from products.models.category import Category
from products.models.history import ProductEvent, ProductImageEvent
from products.models.image import ProductImage
from products.models.import_run import ImportRowError, ImportRun
from products.models.product import Product, ProductQuerySet
from products.models.rendition_attempt import RenditionAttempt

__all__ = [
    "Category",
    "ImportRowError",
    "ImportRun",
    "Product",
    "ProductEvent",
    "ProductImage",
    "ProductImageEvent",
    "ProductQuerySet",
    "RenditionAttempt",
]
