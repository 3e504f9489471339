"""Which pages of the stores search engines should know."""

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from stores.models import Store


class StoreSitemap(Sitemap):
    def items(self) -> QuerySet[Store]:
        return Store.objects.public().order_by("pk").only("code")
