"""What the pages that list products hand to their templates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django_htmx.http import push_url

from products.models import Product
from products.spelling import probably_meant
from recognition.asked import DROP, FILTER_NAMES, Address
from recognition.facets import count_up_to, products_of
from recognition.feedback_views import Feedback
from recognition.filters import Filters
from recognition.listing import Listing
from recognition.looking_at import sees_patches
from recognition.panel import NEAR, Option, Place, make_chips, make_panel
from recognition.search import Answer, Result
from stores.availability import holdings, shelves
from stores.told import ToldStore, wall_clock

# Cards of the answer to a photo: a set of look-alikes is seldom larger, and further ones are a press away.
PHOTO_PAGE = settings.SEARCH_DEFAULT_LIMIT
# The first row of the widest screen: these pictures are loaded at once.
_FIRST_ROW = 4
_SHELVES_SHOWN = 3
# Where further pages are put, by the `id` of what they replace.
_PARTS = ("more", "before")


@dataclass(frozen=True, slots=True)
class Hero:
    """The product that stands above all others, large, with where to get it.

    `unlike`: a barcode names it, and the photo looks more like something else; for one without photos
    that means nothing. `undecided`: nobody knows then which of them is right, so that somebody has to
    look. `outside`: the filters leave it out; it is named all the same.
    """

    result: Result
    unlike: bool = False
    undecided: bool = False
    outside: bool = False

    @property
    def product(self) -> Product:
        return self.result.product


def of_listing(
    request: HttpRequest, place: Place, listing: Listing, *, find_store: str = ""
) -> dict[str, Any]:
    """A page of products by words, or of all."""
    context = _of_products(place, [*listing.results, *listing.by_meaning])
    context |= {
        "cards": listing.results,
        "part": part_of(request),
        "cards_start": (listing.page - 1) * settings.CATALOGUE_PAGE + 1,
        "listing": listing,
        "sorts": _sorts(place, listing),
        "pages": _pages(place, listing),
        "next": _page(place, listing.page + 1) if listing.page < listing.pages else None,
        "previous": _page(place, listing.page - 1) if listing.page > 1 else None,
        "shown_to": (listing.page - 1) * settings.CATALOGUE_PAGE + len(listing.results),
    }
    if not listing.results:
        context["ways_out"] = ways_out(place)
        if place.words and not listing.barcode and not context["ways_out"]:
            context["meant"] = meant(place)
    return context | _filters(place, later=by_script(request), find_store=find_store)


def of_answer(
    request: HttpRequest,
    place: Place,
    answer: Answer,
    *,
    page: int,
    token: str,
    feedback: Feedback | None,
) -> dict[str, Any]:
    """The answer to a photo; `token` carries the photo along."""
    results = answer.results
    context = _of_products(place, results)
    verdict = answer.verdict
    named = _hero(place, answer)
    hero = named if page == 1 else None
    context |= {
        "answer": answer,
        "token": token,
        "page": page,
        "part": part_of(request),
        "cards_start": (page - 1) * PHOTO_PAGE + 1,
        "hero": hero,
        # Where it names what stands above, that says so itself.
        "barcode": None if hero and hero.product == _of_barcode(answer) else answer.barcode,
        "cards": [each for each in results if hero is None or each.product != hero.product],
        "fallback": answer.fallback or "",
        # A verdict that no card stands for; the words ask for something different.
        "left_out": hero is None and _is_left_out(place, answer),
        # Where a barcode said what it is; what a photo of it looks like is seldom wanted then.
        "others_closed": hero is not None
        and hero.unlike
        and (verdict is None or verdict.kind != "lookalike"),
        "says_alike": not (named and named.unlike)
        and (verdict is None or verdict.kind != "unknown"),
        "feedback": _feedback(feedback, answer, hero) if page == 1 else None,
        "says_why": sees_patches(answer.encoder),
        "more": page + 1
        if answer.more and (page + 1) * PHOTO_PAGE <= settings.SEARCH_MAX_LIMIT
        else 0,
    }
    if hero is not None:
        shelf = shelves([hero.product.pk])
        if shelf is not None:
            now = wall_clock()
            held = [ToldStore(each.store, now, each.quantity) for each in shelf[hero.product.pk]]
            held.sort(key=lambda one: not one.opening.is_open)
            context["hero_shelves"] = held[:_SHELVES_SHOWN]
            context["hero_more_shelves"] = max(0, len(held) - _SHELVES_SHOWN)
    if not results and place.filters.narrows:
        context["ways_out"] = ways_out(place)
    near = [result.product.pk for result in results]
    return context | _filters(place, later=by_script(request), near=near)


def _hero(place: Place, answer: Answer) -> Hero | None:
    """What a verdict or a barcode names; None where words say what should be different about it."""
    if place.words:
        return None
    named = answer.verdict.product if answer.verdict else None
    judged = named is not None
    if named is None:
        # A barcode needs no calibration; it only must not be taken at its word against the photo.
        named = _of_barcode(answer)
    if named is None:
        return None
    inside = next((each for each in answer.results if each.product == named), None)
    if inside is None and not _is_left_out(place, answer, named):
        return None  # gone, or hidden, a moment ago
    unlike = named == _of_barcode(answer) and not _looks_like(answer, named)
    return Hero(
        inside or _outside(answer, named),
        unlike=unlike,
        undecided=not judged and (answer.verdict is not None or unlike),
        outside=inside is None,
    )


def _of_barcode(answer: Answer) -> Product | None:
    barcode = answer.barcode
    return barcode.product if barcode is not None and barcode.seen_in_photo else None


def _is_left_out(place: Place, answer: Answer, product: Product | None = None) -> bool:
    """Whether the filters alone keep a product, or what the verdict names, from the results."""
    product = product or (answer.verdict.product if answer.verdict else None)
    if product is None or not place.filters.narrows:
        return False
    outside = Product.objects.active().exclude(place.filters.condition())
    return outside.filter(pk=product.pk).exists()


def _feedback(feedback: Feedback | None, answer: Answer, hero: Hero | None) -> Feedback | None:
    if feedback is None or hero is None:
        return feedback if answer.results else None
    return feedback.naming(hero.product)


def _looks_like(answer: Answer, product: Product) -> bool:
    over_all = answer.seen.over_all if answer.seen else []
    if not over_all or over_all[0].product_id == product.pk:
        return True
    return not product.images.exists()


def _outside(answer: Answer, product: Product) -> Result:
    """A product that no filter let through, as it would have been found without them."""
    over_all = answer.seen.over_all if answer.seen else []
    hit = next((hit for hit in over_all if hit.product_id == product.pk), None)
    photos = {image.pk: image for image in product.images.all()} if hit else {}
    return Result(
        product=product,
        matched_by=("photo",) if hit else ("barcode",),
        distance=hit.distance if hit else None,
        photo=photos.get(hit.image_id) if hit else None,
    )


def by_script(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def part_of(request: HttpRequest) -> str:
    """The part of the results that htmx asks for; "" for all of them."""
    target = request.headers.get("HX-Target", "") if by_script(request) else ""
    return target if target in _PARTS else ""


def template_of(request: HttpRequest, page: str) -> str:
    """The whole page, or what htmx asks for of it."""
    if not by_script(request):
        return page
    return "recognition/_page.html" if part_of(request) else "recognition/_results.html"


def show_address(request: HttpRequest, response: HttpResponse, address: Address) -> None:
    """Tells a browser that loaded the results alone where they are."""
    if by_script(request) and str(address) != _address_shown(request):
        push_url(response, str(address))


def _address_shown(request: HttpRequest) -> str | None:
    try:
        return str(request.htmx.current_url_abs_path)  # type: ignore[attr-defined]
    except ValueError:  # the header is the caller's and may hold anything
        return None


def _of_products(place: Place, results: Sequence[Result]) -> dict[str, Any]:
    products = [result.product for result in results]
    return {
        "place": place,
        "chips": make_chips(place),
        "clear": clear_all(place),
        "cards": results,
        "eager": _FIRST_ROW,
        "near": NEAR,
        "holdings": holdings([product.pk for product in products], stores=place.filters.stores),
    }


def _filters(
    place: Place, *, later: bool, near: Sequence[int] = (), find_store: str = ""
) -> dict[str, Any]:
    """The panel; or where to get it, since the answer must not wait for its numbers."""
    if not later:
        return {"panel": make_panel(place, near=near, find_store=find_store)}
    address = place.address.having(find_store=find_store)
    if place.of_category and place.filters.category is not None:
        address = address.having(of=str(place.filters.category.pk))
    if place.with_photo:
        address = address.having(photo="1", near=",".join(map(str, near)))
    return {"panel_address": f"{reverse('recognition:filters')}?{address.query}"}


def ways_out(place: Place) -> list[Option]:
    """For a list that is empty: what it would hold without one of the filters, or without any."""
    filters, address = place.filters, place.address
    ways = [
        (
            bool(filters.brands),
            filters.but(brands=()),
            place.option(gettext("Any brand"), address.having(brand=()), DROP, "brand"),
        ),
        (
            filters.asks_price,
            filters.but(price_min=None, price_max=None),
            place.option(
                gettext("Any price"),
                address.without("price_min", "price_max", "page"),
                DROP,
                "price",
            ),
        ),
        (
            filters.asks_stock,
            filters.but(stores=(), in_stock=False),
            place.option(
                gettext("Also what is not in stock there"),
                address.having(store=(), in_stock=""),
                DROP,
                "stock",
            ),
        ),
        (
            filters.category is not None and not place.of_category,
            filters.but(category=None),
            place.option(gettext("All categories"), address.having(category=""), DROP, "category"),
        ),
        (
            len(make_chips(place)) > 1,
            Filters(category=filters.category if place.of_category else None),
            clear_all(place),
        ),
    ]
    counted = [(way, _number(place, fewer)) for applies, fewer, way in ways if applies]
    return [replace(way, number=number) for way, number in counted if number]


def meant(place: Place) -> Option | None:
    """Other words, which find something where these find nothing."""
    for words in probably_meant(place.words):
        other = replace(place, words=words)
        if number := _number(other, place.filters):
            return place.option(words, place.address.having(q=words), "q", words, number=number)
    return None


def clear_all(place: Place) -> Option:
    return place.option(
        gettext("Clear all filters"), place.address.without(*FILTER_NAMES, "page"), DROP, "filters"
    )


def _number(place: Place, filters: Filters) -> int:
    words = "" if place.with_photo else place.words
    return count_up_to(products_of(words, filters), settings.SEARCH_EXACT_COUNT)


def _sorts(place: Place, listing: Listing) -> list[Option]:
    texts = {
        "relevance": gettext("Best match"),
        "name": gettext("Name"),
        "price": gettext("Price, lowest first"),
        "-price": gettext("Price, highest first"),
    }
    if not place.words:
        del texts["relevance"]
    return [Option(text, value=sort, chosen=sort == listing.sort) for sort, text in texts.items()]


def _pages(place: Place, listing: Listing) -> list[Option | None]:
    """The first page, the last, and those around this one; None for a gap."""
    near = {listing.page + step for step in (-1, 0, 1)} | {1, listing.pages}
    numbers = sorted(number for number in near if 1 <= number <= listing.pages)
    pages: list[Option | None] = []
    for before, number in zip([0, *numbers], numbers, strict=False):
        if number - before > 1:
            pages.append(None)
        pages.append(_page(place, number, chosen=number == listing.page))
    return pages if listing.pages > 1 else []


def _page(place: Place, number: int, *, chosen: bool = False) -> Option:
    address = place.address.having(page=str(number) if number > 1 else "")
    return Option(str(number), href=str(address), chosen=chosen)
