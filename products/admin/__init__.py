"""The catalogue in the admin: one module for each concern."""

from products.admin.category import CategoryAdmin
from products.admin.product import ProductAdmin
from products.imports.admin import ImportRunAdmin

__all__ = ["CategoryAdmin", "ImportRunAdmin", "ProductAdmin"]
