"""The customer's search page."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import push_url

from products.models import Category
from products.models.category import PATH_SEPARATOR, full_names
from recognition.encoders import Busy, EncoderError
from recognition.feedback_views import Feedback
from recognition.forms import SearchForm
from recognition.looking_at import sees_patches
from recognition.models import Encoder, Sighting
from recognition.search import Answer
from recognition.sightings import answer_and_record
from recognition.throttles import seconds_to_wait
from recognition.versions import NoActiveEncoder

logger = logging.getLogger(__name__)

# Main categories that the empty page offers to browse.
_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int = 200
    answer: Answer | None = None
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: HttpRequest) -> HttpResponse:
    """Shows the form, and the answer to what was sent with it.

    Words come by GET, so that an answer has an address; a photo comes by POST.
    htmx gets the results alone, from the same template that the whole page includes.
    """
    asked = request.method == "POST" or bool(request.GET.get("q"))
    form = SearchForm(request.POST or request.GET or None, request.FILES or None)
    if request.method == "POST" and not form.is_bound:
        form = SearchForm({})
    wait = seconds_to_wait(request) if asked else None
    if wait is not None:
        outcome = _Outcome(429, problem=_too_often(wait))
    else:
        outcome = _answer(form, request.user) if asked else _Outcome()
    encoder = Encoder.objects.active()
    categories = _category_choices()
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "answer": outcome.answer,
        "problem": outcome.problem,
        "encoder": encoder,
        "fallback": encoder.fallback_reason if encoder else "",
        "categories": categories,
        "examples": [name for name, _ in categories if PATH_SEPARATOR not in name][:_EXAMPLES],
        "proposes_boxes": sees_patches(encoder.key if encoder else None),
        "max_megabytes": settings.PHOTO_MAX_BYTES // 2**20,
    }
    if outcome.answer is not None:
        # Of the encoder that answered: another may have become active meanwhile.
        context["fallback"] = outcome.answer.fallback or ""
        found = {result.product.category for result in outcome.answer.results}
        context["category_names"] = full_names(found)
        context["feedback"] = Feedback.on(outcome.answer)
        by_photo = outcome.answer.seen is not None
        context["says_why"] = by_photo and sees_patches(outcome.answer.encoder)
    partial = getattr(request, "htmx", False) and asked
    template = "recognition/_results.html" if partial else "recognition/search.html"
    response = render(request, template, context, status=outcome.status)
    patch_vary_headers(response, ["HX-Request"])
    if wait is not None:
        response["Retry-After"] = str(wait)
    if partial and outcome.answer is not None:
        # Words have an address; the answer to a photo, which is not sent again, has none.
        address = request.path if request.method == "POST" else request.get_full_path()
        if address != _address_shown(request):
            push_url(response, address)
    return response


def _address_shown(request: HttpRequest) -> str | None:
    try:
        return str(request.htmx.current_url_abs_path)  # type: ignore[attr-defined]
    except ValueError:  # the header is the caller's and may hold anything
        return None


def _answer(form: SearchForm, user: Any) -> _Outcome:
    try:
        if not form.is_valid():
            return _Outcome(status=400, problem=" ".join(_messages(form)))
        answer = answer_and_record(form.query(), user=user, source=Sighting.Source.SEARCH)
        return _Outcome(answer=answer)
    except Busy:
        return _Outcome(
            503, problem=gettext("Many people are searching just now. Try again in a few seconds.")
        )
    except (NoActiveEncoder, EncoderError):
        logger.exception("The page cannot search by photo")
        return _Outcome(
            503,
            problem=gettext(
                "Search by photo is not available at the moment. Searching by words works."
            ),
        )


def _too_often(wait: int) -> str:
    return ngettext(
        "You are searching very fast. Go on in %(seconds)d second.",
        "You are searching very fast. Go on in %(seconds)d seconds.",
        wait,
    ) % {"seconds": wait}


def _messages(form: SearchForm) -> list[str]:
    return [str(message) for messages in form.errors.values() for message in messages]


def _category_choices() -> list[tuple[str, str]]:
    names = full_names(Category.objects.all())
    return [(name, name) for name in sorted(names.values())]
