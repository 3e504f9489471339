"""What pages load of the filters once their products are there."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from products.models import Category
from recognition.asked import Address, pairs_of
from recognition.forms import WholeCatalogueForm
from recognition.panel import MOST_NEAR, NEAR, Place, make_panel
from recognition.throttles import seconds_to_wait
from stores.models import Store

# A chain of 2,000 stores is some 40 kB, packed; asked for by a press, and seldom changed.
_PLACES_SECONDS = 600


@require_safe
@vary_on_headers("HX-Request")
def filters_panel(request: HttpRequest) -> HttpResponse:
    """The filters of a list with their numbers, for a page that shows the products already.

    `photo`: the list answers a photo; `near`: products that it found; `of`: the list is a category's own.
    """
    form = WholeCatalogueForm(request.GET)
    if not form.is_valid():
        return HttpResponse(" ".join(form.texts()), status=400, content_type="text/plain")
    data = form.cleaned_data
    wait = seconds_to_wait(request) if data["q"] else None
    if wait is not None:
        return HttpResponse(status=429, headers={"Retry-After": str(wait)})
    category = _category(request.GET.get("of", ""))
    filters = form.filters(category)
    own = filters.but(category=None) if category is not None else filters
    path = category.get_absolute_url() if category is not None else reverse("recognition:search")
    place = Place(
        address=Address(path, pairs_of(data["q"], own, sort=form.sorting)),
        filters=filters,
        words=data["q"],
        with_photo=request.GET.get("photo") == "1",
        of_category=category is not None,
    )
    panel = make_panel(place, find_store=data["find_store"], near=_ids(request.GET.get("near", "")))
    context = {
        "panel": panel,
        "place": place,
        "near": NEAR,
        "swaps_branches": place.of_category,
    }
    response = render(request, "recognition/_filters.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _category(text: str) -> Category | None:
    return get_object_or_404(Category, pk=text) if text.isdecimal() and len(text) < 19 else None


def _ids(text: str) -> list[int]:
    parts = text.split(",")[:MOST_NEAR]
    return [int(part) for part in parts if part.isdecimal() and len(part) < 19]


@require_safe
@cache_control(public=True, max_age=_PLACES_SECONDS)
def store_places(_request: HttpRequest) -> JsonResponse:
    """The open stores that have a place on the map: `[code, name, latitude, longitude]` each.

    The same for everybody: who is near is found out in the browser, and nobody sends where they are.
    """
    rows = Store.objects.public().values_list("code", "name", "latitude", "longitude")
    # To some ten metres, which is as exact as a distance is shown.
    places = [
        [code, name, round(north, 4), round(east, 4)]
        for code, name, north, east in rows
        if north is not None and east is not None
    ]
    return JsonResponse({"stores": places})
