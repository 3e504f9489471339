"""The customer's search page, and what it loads after its answer."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from products.models import Category, Product
from products.page_head import PageHead
from recognition.asked import DROP, Address, as_pressed, pairs_of
from recognition.encoders import Busy, EncoderError
from recognition.feedback_views import Feedback
from recognition.forms import SearchForm, nothing_asked
from recognition.listing import NoSuchPage, list_products
from recognition.looking_at import sees_patches
from recognition.models import Encoder, Sighting
from recognition.panel import Place
from recognition.search import encoder_of_words
from recognition.seen_photos import carry
from recognition.shown import (
    PHOTO_PAGE,
    of_answer,
    of_listing,
    part_of,
    show_address,
    template_of,
)
from recognition.sightings import answer_and_record
from recognition.throttles import seconds_to_wait, too_often
from recognition.versions import NoActiveEncoder

logger = logging.getLogger(__name__)

# Main categories that the empty page offers to browse.
_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int = 200
    shown: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    address: Address | None = None
    wait: int | None = None
    """Seconds until it may go better."""


@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: HttpRequest) -> HttpResponse:
    """Shows the form, and the answer to what was sent with it.

    Words and filters have an address; a photo, which has none, comes by POST. htmx gets the results
    alone, from the same template that the whole page includes.
    """
    sent = as_pressed(request.POST if request.method == "POST" else request.GET)
    with_photo = bool(request.FILES.get("photo") or sent.get("seen"))
    if (
        request.method == "POST"
        and not with_photo
        and (DROP in request.POST or not nothing_asked(sent))
    ):
        return _to_address(request, sent)
    asked = request.method == "POST" or not nothing_asked(sent)
    form = SearchForm(sent, request.FILES) if asked else SearchForm()
    wait = seconds_to_wait(request) if asked else None
    if wait is not None:
        outcome = _Outcome(429, problem=too_often(wait), wait=wait)
    else:
        outcome = _answer(request, form) if asked else _Outcome()
    encoder = Encoder.objects.active()
    context = {
        "head": _head(request),
        "form": form,
        "asked": asked,
        "problem": outcome.problem,
        "again": outcome.wait is not None,
        "encoder": encoder,
        "fallback": encoder.fallback_reason if encoder else "",
        "words_by_names_only": encoder_of_words(encoder) is None,
        "examples": _examples() if not asked else (),
        "proposes_boxes": sees_patches(encoder.key if encoder else None),
        "max_megabytes": settings.PHOTO_MAX_BYTES // 2**20,
        **outcome.shown,
    }
    page = "recognition/search.html"
    template = template_of(request, page) if asked else page
    response = render(request, template, context, status=outcome.status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if outcome.wait is not None:
        response["Retry-After"] = str(outcome.wait)
    if outcome.address is not None and not part_of(request):
        show_address(request, response, outcome.address)
    return response


def _examples() -> QuerySet[Category]:
    """The first main categories that hold something which is sold, in them or below."""
    sold = Product.objects.active().filter(category__path__startswith=OuterRef("path")).order_by()
    return Category.objects.filter(Exists(sold), depth=1)[:_EXAMPLES]


def _head(request: HttpRequest) -> PageHead:
    """Of the page as it is before anything is asked."""
    return PageHead.of(
        request,
        title=gettext("Find any product from a photo"),
        description=gettext(
            "Photograph what you hold, see or need again, and get the closest products of our"
            " catalogue."
        ),
        address=reverse("recognition:search"),
    )


def _to_address(request: HttpRequest, sent: QueryDict) -> HttpResponse:
    """From a form without a photo to the address of what it asks."""
    form = SearchForm(sent)
    if form.is_valid():
        data = form.cleaned_data
        pairs = pairs_of(data["q"], form.filters(), sort=form.sorting, page=data["page"] or 1)
    else:  # what is wrong is said there
        pairs = tuple(
            (name, value) for name in form.fields for value in sent.getlist(name) if value
        )
    response = HttpResponseRedirect(str(Address(request.path, pairs)))
    response.status_code = 303
    return response


def _answer(request: HttpRequest, form: SearchForm) -> _Outcome:
    try:
        if not form.is_valid():
            # A photo that is needed once more: the page has it, and sends it by itself.
            again = 409 if form.has_error("seen", "seen") else 400
            return _Outcome(again, problem=" ".join(form.texts()))
        if form.by_photo:
            return _by_photo(request, form)
        return _by_address(request, form)
    except Busy as busy:
        text = gettext("Many people are searching just now. Try again in a few seconds.")
        return _Outcome(503, problem=text, wait=busy.wait)
    except NoSuchPage:
        return _Outcome(404, problem=gettext("The list ends before this page."))
    except (NoActiveEncoder, EncoderError):
        logger.exception("The page cannot search by photo")
        return _Outcome(
            503,
            problem=gettext(
                "Search by photo is not available at the moment. Searching by words works."
            ),
        )


def _by_photo(request: HttpRequest, form: SearchForm) -> _Outcome:
    data = form.cleaned_data
    page = data["page"] or 1
    # As deep as the list of an answer leads; the photo is not looked at for what lies behind.
    if page > 1 and page * PHOTO_PAGE > settings.SEARCH_MAX_LIMIT:
        raise NoSuchPage
    answer = answer_and_record(
        form.query(size=PHOTO_PAGE), user=request.user, source=Sighting.Source.SEARCH
    )
    if data["seen"] is not None:
        answer = replace(answer, sighting=form.sighting)  # as it was recorded at first
        feedback = Feedback.once_more(answer, request.user)
    else:
        feedback = Feedback.on(answer)
    filters = form.filters()
    place = Place(
        address=Address(request.path, pairs_of(data["q"], filters)),
        filters=filters,
        words=data["q"],
        with_photo=True,
    )
    token = carry(answer, answer.sighting)
    shown = of_answer(request, place, answer, page=page, token=token, feedback=feedback)
    # The answer to a photo, which is not sent again, has no address.
    return _Outcome(shown=shown, address=Address(request.path))


def _by_address(request: HttpRequest, form: SearchForm) -> _Outcome:
    data = form.cleaned_data
    filters = form.filters()
    listing = list_products(
        words=data["q"],
        barcode=form.barcode,
        filters=filters,
        sort=form.sorting or None,
        page=data["page"] or 1,
    )
    pairs = pairs_of(data["q"], filters, sort=form.sorting, page=listing.page)
    address = Address(request.path, pairs)
    place = Place(address=address, filters=filters, words=data["q"])
    shown = of_listing(request, place, listing, find_store=data["find_store"])
    return _Outcome(shown=shown, address=address)
