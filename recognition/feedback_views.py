"""What a customer says of an answer: below it, or on a page of its own where no script runs."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from products.models import Product
from recognition.counting.seeing import choices_of
from recognition.models import Sighting
from recognition.reviewing.feedback import (
    FeedbackRefused,
    Standing,
    give_feedback,
    may_change_until,
    sighting_for,
)
from recognition.search import Answer
from recognition.throttles import seconds_to_wait


@dataclass(frozen=True, slots=True)
class Feedback:
    """The question below an answer, and what was answered."""

    token: str
    first: Product | None
    said: str = ""
    product: Product | None = None
    until: datetime | None = None
    problem: str = ""
    verdict: str = ""
    """Its kind. A match names the product, so that nothing else can be meant; where nothing like it is
    sold, none is right until somebody says which."""
    named: str = ""
    """The SKU of what stands above all others, by a verdict or a barcode."""
    denied: bool = False
    """Whether that was said to be wrong."""

    @classmethod
    def on(cls, answer: Answer) -> "Feedback | None":
        """The question about a new answer; None: it was not recorded, or shows nothing."""
        if answer.sighting is None or not (answer.results or answer.verdict or answer.barcode):
            return None
        verdict = answer.verdict
        named = verdict.product if verdict else None
        first = named or (answer.results[0].product if answer.results else None)
        return cls(answer.sighting, first, verdict=verdict.kind if verdict else "")

    def naming(self, product: Product) -> "Feedback":
        """The same below an answer that names this product above all others."""
        said_other = self.said != "" and self.product is not None and self.product != product
        denied = said_other or self.said == Sighting.Review.REJECTED
        return replace(self, first=product, named=product.sku, denied=denied)

    @classmethod
    def once_more(cls, answer: Answer, user: Any) -> "Feedback | None":
        """The same below the answer to a photo that was asked with before: what was said of it stands."""
        found = sighting_for(user, answer.sighting) if answer.sighting else None
        question = cls.on(answer)
        if found is None or question is None:
            return None
        sighting, standing = found
        return cls.about(sighting, question.first, standing) if sighting.review else question

    @classmethod
    def about(
        cls, sighting: Sighting, first: Product | None, standing: Standing, problem: str = ""
    ) -> "Feedback":
        """What was said; a product that customers cannot see is named to staff alone."""
        product = sighting.reviewed_product
        hidden = product is not None and not product.is_active and standing is not Standing.STAFF
        return cls(
            sighting.token,
            first,
            said=sighting.review,
            product=None if hidden else product,
            until=may_change_until(sighting),
            problem=problem,
        )


@never_cache
@require_safe
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    """A recorded answer, for who holds its token."""
    wait = seconds_to_wait(request, "feedback")
    if wait is not None:
        return _too_often(request, token, wait)
    found = sighting_for(request.user, token)
    if found is None:
        raise Http404
    return _page(request, *found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """`sku`: it is this product; `none`: none of those that were shown."""
    if request.method != "POST":
        # A refusal is a page, which may be loaded again or read in another language.
        return redirect("recognition:answer", token=token)
    wait = seconds_to_wait(request, "feedback")
    if wait is not None:
        return _too_often(request, token, wait)
    found = sighting_for(request.user, token)
    if found is None:
        raise Http404
    sighting, standing = found
    try:
        product = _said_product(request, standing)
        sighting = give_feedback(sighting=sighting, product=product, user=request.user)
    except FeedbackRefused as error:
        status = 409 if error.code != "no_product" else 400
        return _page(request, sighting, standing, problem=str(error), status=status)
    if _by_htmx(request):
        return _page(request, sighting, standing)
    return redirect("recognition:answer", token=token)


def _said_product(request: HttpRequest, standing: Standing) -> Product | None:
    if "none" in request.POST:
        return None
    product = find_product(request.POST.get("sku", ""), standing)
    if product is None:
        raise FeedbackRefused(_("There is no such product. Choose one of these."), "no_product")
    return product


def find_product(sku: str, standing: Standing) -> Product | None:
    """The product of a SKU, or what it was merged into; customers name only what they can see."""
    product = Product.objects.filter(sku=sku).first() if sku and "\0" not in sku else None
    product = product.heir() if product is not None else None
    if product is None or (standing is not Standing.STAFF and not product.is_active):
        return None
    return product


def _page(
    request: HttpRequest,
    sighting: Sighting,
    standing: Standing,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    by_htmx = _by_htmx(request)
    choices = choices_of(sighting)
    if standing is not Standing.STAFF:
        choices = [choice for choice in choices if choice.product.is_active]
    first = choices[0].product if choices else None
    about = Feedback.about(sighting, first, standing, problem)
    named = find_product(request.POST.get("named", ""), standing)
    context: dict[str, Any] = {
        "feedback": about.naming(named) if named else about,
        "sighting": sighting,
        "choices": choices,
    }
    template = "recognition/_feedback.html" if by_htmx else "recognition/answer.html"
    return render(request, template, context, status=status)


def _too_often(request: HttpRequest, token: str, wait: int) -> HttpResponse:
    problem = _("That was very fast. Wait a moment, then tap again.")
    # What stands there stays as it was, denied or not.
    asked = Feedback(
        token,
        None,
        problem=problem,
        named=request.POST.get("named", ""),
        denied="denied" in request.POST,
    )
    context = {"feedback": asked, "text": problem, "status": 429}
    template = "recognition/_feedback.html" if _by_htmx(request) else "error.html"
    response = render(request, template, context, status=429)
    response["Retry-After"] = str(wait)
    return response


def _by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
