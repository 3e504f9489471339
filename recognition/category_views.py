"""Categories as pages: all of them, and one with its products."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from products.models import Category, Product, ProductImage
from products.page_head import PageHead
from recognition.asked import Address, pairs_of
from recognition.forms import CatalogueForm
from recognition.listing import NoSuchPage, list_products
from recognition.panel import Place
from recognition.shown import of_listing, part_of, show_address, template_of
from recognition.throttles import seconds_to_wait, too_often

# Smaller categories of a main one that the overview names; its own page has them all.
_BRANCHES_SHOWN = 8


@require_safe
def categories_page(request: HttpRequest) -> HttpResponse:
    """The tree of categories that hold something, each main one with a photo out of it."""
    numbers = _numbers()
    mains = []
    branches: dict[str, list[tuple[Category, int]]] = {}
    for category in Category.objects.filter(depth__lte=2, path__in=numbers).order_by("path"):
        if category.depth == 1:
            mains.append(category)
        else:
            main = category.path[: Category.steplen]
            branches.setdefault(main, []).append((category, numbers[category.path]))
    faces = _faces(mains)
    shown = [
        {
            "category": category,
            "number": numbers[category.path],
            "face": faces.get(category.pk),
            "branches": branches.get(category.path, [])[:_BRANCHES_SHOWN],
            "more": max(0, len(branches.get(category.path, [])) - _BRANCHES_SHOWN),
        }
        for category in mains
    ]
    context = {
        "mains": shown,
        "crumbs": [(gettext("Search"), reverse("recognition:search")), (gettext("Categories"), "")],
        "head": PageHead.of(
            request,
            title=gettext("Categories"),
            description=gettext("All categories of our catalogue."),
            address=request.path,
        ),
    }
    return render(request, "recognition/categories.html", context)


def _numbers() -> dict[str, int]:
    """Active products by path of category, those below it included."""
    rows = Product.objects.active().order_by().values_list("category__path").annotate(n=Count("pk"))
    numbers: dict[str, int] = {}
    for path, number in rows:
        for end in range(Category.steplen, len(path) + 1, Category.steplen):
            numbers[path[:end]] = numbers.get(path[:end], 0) + number
    return numbers


def _faces(mains: list[Category]) -> dict[int, ProductImage]:
    """A photo out of each category; by two queries."""
    photo = (
        ProductImage.objects.filter(
            product__is_active=True,
            product__merged_into=None,
            product__category__path__startswith=OuterRef("path"),
        )
        .order_by("product_id", "position")
        .values("pk")[:1]
    )
    rows = dict(
        Category.objects.filter(pk__in=[main.pk for main in mains])
        .annotate(photo=Subquery(photo))
        .values_list("pk", "photo")
    )
    photos = ProductImage.objects.in_bulk([pk for pk in rows.values() if pk])
    return {main: photos[photo] for main, photo in rows.items() if photo in photos}


# Also of the way from an old name to the new one, which browsers else keep for good: a category that
# gets its first name back would lead round in a circle.
@cache_control(private=True, no_cache=True)
@require_safe
def category_page(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A category with its products and those below it, filtered and sorted as on the search page."""
    category = get_object_or_404(Category, pk=pk)
    if slug != category.slug:
        query = request.META.get("QUERY_STRING", "")
        here = category.get_absolute_url()
        return redirect(f"{here}?{query}" if query else here, permanent=True)
    form = CatalogueForm(request.GET)
    wait = seconds_to_wait(request) if request.GET.get("q") else None
    shown: dict[str, Any] = {}
    status, problem = 200, ""
    address = Address(category.get_absolute_url())
    if wait is not None:
        status, problem = 429, too_often(wait)
    elif not form.is_valid():
        status, problem = 400, " ".join(form.texts())
    else:
        data = form.cleaned_data
        filters = form.filters(category)
        page = data["page"] or 1
        own = pairs_of(data["q"], filters.but(category=None), sort=form.sorting, page=page)
        address = Address(address.path, own)
        place = Place(address=address, filters=filters, words=data["q"], of_category=True)
        try:
            listing = list_products(
                words=data["q"],
                barcode=form.barcode,
                filters=filters,
                sort=form.sorting or None,
                page=page,
            )
            shown = of_listing(request, place, listing, find_store=data["find_store"])
        except NoSuchPage:
            status, problem = 404, gettext("The list ends before this page.")
    context = {
        "category": category,
        "crumbs": _crumbs(category),
        "form": form,
        "problem": problem,
        "again": wait is not None,
        "head": _head(request, category, address, is_indexed=bool(shown.get("cards"))),
        **shown,
    }
    template = template_of(request, "recognition/category.html")
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if wait is not None:
        response["Retry-After"] = str(wait)
    if shown and not part_of(request):
        show_address(request, response, address)
    return response


def _crumbs(category: Category) -> list[tuple[str, str]]:
    *over, here = category.above()
    return [
        (gettext("Categories"), reverse("recognition:categories")),
        *((each.name, each.get_absolute_url()) for each in over),
        (here.name, ""),
    ]


def _head(
    request: HttpRequest, category: Category, address: Address, *, is_indexed: bool
) -> PageHead:
    """Who shares a filtered page shares that of the same number without filters."""
    pages = tuple(pair for pair in address.pairs if pair[0] == "page")
    return PageHead.of(
        request,
        title=category.name,
        description=gettext("%(name)s: products, prices and the stores that have them.")
        % {"name": category.full_name},
        address=str(Address(category.get_absolute_url(), pages)),
        is_indexed=is_indexed and not address.without("page").pairs,
    )
