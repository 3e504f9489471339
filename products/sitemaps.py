"""Which pages of the catalogue search engines should know."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet

from products.models import Category, Product

# A file may name 50,000, but is made anew for each robot that asks: 10,000 take a second.
_PER_FILE = 10_000


class ProductSitemap(Sitemap):
    """Every active product. Two queries a file, however many there are."""

    limit = _PER_FILE

    def items(self) -> QuerySet[Product]:
        return Product.objects.active().order_by("pk").only("sku", "updated_at")

    def lastmod(self, product: Product) -> datetime:
        return product.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        """By the database: Django's own would load every product."""
        newest: datetime | None = self.items().aggregate(newest=Max("updated_at"))["newest"]
        return newest


class CategorySitemap(Sitemap):
    """Categories with an active product in them or below. Two queries."""

    def items(self) -> list[Category]:
        used = Product.objects.active().order_by().values_list("category__path", flat=True)
        paths = {
            path[:end]
            for path in used.distinct()
            for end in range(Category.steplen, len(path) + 1, Category.steplen)
        }
        found: Any = Category.objects.filter(path__in=paths)
        return list(found)
