"""The site's map for search engines: an index of files, each of one kind of page."""

from django.contrib.sitemaps import Sitemap, views
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from products.sitemaps import CategorySitemap, ProductSitemap
from stores.sitemaps import StoreSitemap

_HOUR = 3600


class PageSitemap(Sitemap):
    """Pages that are there whatever the catalogue holds, by the names of their addresses."""

    def items(self) -> list[str]:
        return ["recognition:search", "recognition:categories", "stores:list"]

    def location(self, item: str) -> str:
        return reverse(item)


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": PageSitemap,
    "categories": CategorySitemap,
    "stores": StoreSitemap,
    "products": ProductSitemap,
}
# The same for everybody.
_shared = cache_control(public=True, max_age=_HOUR)

urlpatterns = [
    path(
        "sitemap.xml",
        _shared(require_safe(views.index)),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap-file"},
        name="sitemap",
    ),
    path(
        "sitemaps/<str:section>.xml",
        _shared(require_safe(views.sitemap)),
        {"sitemaps": SITEMAPS},
        name="sitemap-file",
    ),
]
