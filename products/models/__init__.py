"""The catalogue: categories, products and their photos."""

from products.models.category import Category
from products.models.image import ProductImage
from products.models.product import Product, ProductQuerySet

__all__ = ["Category", "Product", "ProductImage", "ProductQuerySet"]
