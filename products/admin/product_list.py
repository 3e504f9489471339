"""The list of products: what one page of it needs is loaded for that page alone."""

from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db.models import F, Func, IntegerField, QuerySet, Value, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from products import slots
from products.admin.photo_search import PARAMETER, PhotoHits, hits_of
from products.admin.search import in_order_of_words
from products.heirs import heirs_of
from products.models import Product
from products.models.category import full_names


class ProductChangeList(ChangeList):
    """Ten thousand products cost what the fifty on the page cost."""

    photo_hits: PhotoHits | None = None
    photo_is_gone = False

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Product]:
        token = str(request.GET.get(PARAMETER) or "")
        self.photo_hits = hits_of(request, token)
        self.photo_is_gone = bool(token) and self.photo_hits is None
        products: QuerySet[Product] = super().get_queryset(request, *args, **kwargs)
        if ORDER_VAR in self.params:
            return products
        if self.photo_hits is not None:
            return products.order_by(_place_in(self.photo_hits), "pk")
        return in_order_of_words(products, self.query) if self.query else products

    @property
    def without_photo(self) -> str:
        """The address of this list without the search by photo."""
        return str(self.get_query_string(remove=[PARAMETER, PAGE_VAR]))

    def get_ordering_field_columns(self) -> dict[int, str]:
        """None are marked where the best come first: that is the order of no column."""
        if ORDER_VAR not in self.params and (self.query or self.photo_hits is not None):
            return {}
        columns: dict[int, str] = super().get_ordering_field_columns()
        return columns

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page: list[Any] = list(self.result_list)  # type: ignore[has-type]
        load_page(page)
        if self.photo_hits is not None:
            for product in page:
                product.photo_distance = self.photo_hits.distances.get(product.pk)
        self.result_list = page


def load_page(products: list[Any]) -> None:
    """Attaches to the products of one page what its columns show, by a fixed number of queries."""
    prefetch_related_objects(products, "images")
    paths = full_names({product.category for product in products})
    heirs = heirs_of(products)
    for product in products:
        product.category_path = paths[product.category_id]
        product.shown_heir = heirs.get(product.pk)
    for load in slots.product_page_loaders:
        load(products)


def state_badge(product: Any) -> str:
    """Active, inactive, or what the product was merged into."""
    if product.merged_into_id is None:
        if product.is_active:
            return _badge(_("active"), "bg-green-100 text-green-700 dark:bg-green-500/20")
        return _badge(_("inactive"), "bg-base-500/8 dark:bg-base-500/20")
    colours = "bg-orange-100 text-orange-700 dark:bg-orange-500/20"
    heir: Product | None = product.shown_heir
    if heir is None:
        return _badge(_("merged"), colours)
    return format_html(
        '{} <a href="{}" title="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
        _badge(_("merged into"), colours),
        reverse("admin:products_product_change", args=[heir.pk]),
        heir.name,
        heir.sku,
    )


def _badge(label: Any, colours: str) -> str:
    return format_html(
        '<span class="inline-block font-semibold rounded px-2 py-0.5 text-xs {}">{}</span>',
        colours,
        label,
    )


def _place_in(hits: PhotoHits) -> Func:
    return Func(
        Value(list(hits.distances)),
        F("pk"),
        template="array_position(%(expressions)s)",
        arg_joiner="::bigint[], ",
        output_field=IntegerField(),
    )
