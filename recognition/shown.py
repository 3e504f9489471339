"""What the pages that list products hand to their templates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django_htmx.http import push_url

from products.spelling import probably_meant
from recognition.asked import DROP, FILTER_NAMES, Address
from recognition.facets import count_up_to, products_of
from recognition.feedback_views import Feedback
from recognition.filters import Filters
from recognition.hero import (
    Hero,
    hero_of,
    is_left_out,
    photo_speaks_against_barcode,
    product_of_barcode,
)
from recognition.listing import Listing
from recognition.looking_at import sees_patches
from recognition.panel import NEAR, Option, Place, make_chips, make_panel
from recognition.search import Answer, Result
from stores.availability import holdings

# Cards of the answer to a photo: a set of look-alikes is seldom larger, and further ones are a press away.
PHOTO_PAGE = settings.SEARCH_DEFAULT_LIMIT
# The first row of the widest screen: these pictures are loaded at once.
_FIRST_ROW = 4
_STORES_SHOWN = 3
# Whoever was told what it is, or what it may be, seldom looks at more than a row of what else is similar;
# whoever says by words what should be different about it looks for something else.
_ROW = 4
_WORTH_FOLDING = 3
# Products of which the page offers to say why.
_EXPLAINED = 3
# Where further pages are put, by the `id` of what they replace.
_PARTS = ("more", "before")


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
    judged = verdict.product if verdict else None
    kind = verdict.kind if verdict else ""
    speaks_against = photo_speaks_against_barcode(answer)
    hero: Hero | None = None
    if page == 1 and not place.words:  # words say what should be different about it
        hero = hero_of(answer, place.filters, speaks_against=speaks_against)
    cards = [each for each in results if hero is None or each.product != hero.product]
    likely = _likely(answer, cards) if page == 1 and hero is None and not place.words else []
    rest = cards[len(likely) :]
    few = _open_cards(answer, rest) if page == 1 and verdict and not place.words else len(rest)
    context |= {
        "answer": answer,
        "token": token,
        "page": page,
        "part": part_of(request),
        "cards_start": (page - 1) * PHOTO_PAGE + 1,
        "hero": hero,
        # Where it names what stands above, that says so itself.
        "barcode": None if hero and hero.product == product_of_barcode(answer) else answer.barcode,
        # What the verdict names, then what is similar, of which the first row is open.
        "likely": likely,
        "cards": rest,
        "first_row": rest[:few],
        "folded": rest[few:],
        "eager": max(0, _FIRST_ROW - len(likely)),
        "explained": [each.product for each in cards[:_EXPLAINED]],
        "fallback": answer.fallback or "",
        # A verdict that no card stands for.
        "left_out": hero is None and judged is not None and is_left_out(judged, place.filters),
        # Where a barcode said what it is; what a photo of it looks like is seldom wanted then.
        "others_closed": hero is not None and hero.unlike and kind != "lookalike",
        "says_alike": kind != "unknown" and not speaks_against,
        "feedback": _question(feedback, answer, hero) if page == 1 else None,
        "says_why": sees_patches(answer.encoder),
        "more": page + 1
        if answer.more and (page + 1) * PHOTO_PAGE <= settings.SEARCH_MAX_LIMIT
        else 0,
    }
    stores = hero.stores() if hero else None
    if stores is not None:
        context["hero_stores"] = stores[:_STORES_SHOWN]
        context["hero_more_stores"] = max(0, len(stores) - _STORES_SHOWN)
    if not results and place.filters.narrows:
        context["ways_out"] = ways_out(place)
    near = [result.product.pk for result in results]
    return context | _filters(place, later=by_script(request), near=near)


def _likely(answer: Answer, cards: Sequence[Result]) -> list[Result]:
    """The look-alikes that the verdict names, where they come first: then they stand apart from the rest.
    All of them or none, since the page says how many they are: filters may leave some out, and some may
    be on further pages, to which the way is below the rest.
    """
    verdict = answer.verdict
    if verdict is None or verdict.kind != "lookalike":
        return []
    first = cards[: len(verdict.products)]
    is_whole = {each.product for each in first} == set(verdict.products)
    is_last = len(first) == len(cards)
    return list(first) if is_whole and not (is_last and answer.more) else []


def _open_cards(answer: Answer, rest: Sequence[Result]) -> int:
    """How many of the cards need no press to be seen: a row, and whatever the verdict calls possible."""
    verdict = answer.verdict
    named = verdict.products if verdict and verdict.kind == "lookalike" else ()
    few = max((at for at, each in enumerate(rest, 1) if each.product in named), default=0)
    few = max(few, _ROW)
    return few if len(rest) >= few + _WORTH_FOLDING else len(rest)


def _question(feedback: Feedback | None, answer: Answer, hero: Hero | None) -> Feedback | None:
    """It needs something to be about."""
    if feedback is None or hero is None:
        return feedback if answer.results else None
    return feedback.naming(hero.product)


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
