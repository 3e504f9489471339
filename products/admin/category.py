"""The tree of categories in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from products.admin.category_form import CategoryForm
from products.admin.search import find_categories
from products.models import Category, Product

# Whoever must move more of them works with the list of products, which the page links to.
_MOST_NAMED = 10


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = CategoryForm
    list_display = ["path_text", "number_of_products"]
    search_fields = ["name"]
    ordering = ["path"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        inside = (
            Product.objects.filter(category__path__startswith=OuterRef("path"))
            .order_by()
            .annotate(number=Func("pk", function="COUNT", output_field=IntegerField()))
            .values("number")
        )
        return super().get_queryset(request).annotate(number_inside=Subquery(inside))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Category], search_term: str  # noqa: ARG002
    ) -> tuple[QuerySet[Category], bool]:  # fmt: skip
        """Whole paths are shown and may be typed; all by one query."""
        found: Any = find_categories(queryset, search_term) if search_term.strip() else queryset
        return found.with_full_names(), False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # What lies below goes too, and its products stand in the way: say so before, not in a 500.
        below = list(
            dict.fromkeys(
                category
                for each in objs
                for category in Category.objects.filter(
                    path__startswith=each.path
                ).with_full_names()
            )
        )
        in_the_way = _products_in_the_way(list(objs), below)
        if in_the_way:
            return [str(category) for category in below], {}, set(), in_the_way
        return super().get_deleted_objects(below, request)

    @admin.display(description=_("category"), ordering="path")
    def path_text(self, category: Category) -> str:
        return format_html(
            '<span style="padding-inline-start:{}rem">{}</span>',
            1.5 * (category.depth - 1),
            category.name,
        )

    @admin.display(description=_("products"))
    def number_of_products(self, category: Category) -> int:
        return int(category.number_inside)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:  # noqa: ARG002
        # The tree's own delete keeps its book of children right.
        for category in list(queryset.order_by("-depth")):
            Category.objects.get(pk=category.pk).delete()


def _products_in_the_way(chosen: list[Category], below: list[Category]) -> list[str]:
    """The first products of these branches and, for each that was chosen, a link to its whole list."""
    products = Product.objects.filter(category__in=below).order_by("name", "sku")
    links: list[str] = [
        format_html(
            '<a href="{}">{}</a>', reverse("admin:products_product_change", args=[each.pk]), each
        )
        for each in products[:_MOST_NAMED]
    ]
    for category in chosen:
        number = products.filter(category__path__startswith=category.path).count()
        if number:
            text = ngettext(
                "All %(number)d product of %(category)s",
                "All %(number)d products of %(category)s",
                number,
            )
            url = f"{reverse('admin:products_product_changelist')}?category={category.pk}"
            links.append(
                format_html(
                    '<a href="{}">{}</a>', url, text % {"number": number, "category": category}
                )
            )
    return links
