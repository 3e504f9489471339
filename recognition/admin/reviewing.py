"""Review answers: two queues of sightings, one after the other, judged by one tap or key."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from products.models import Product
from recognition.counting.finding import Choice, choices_by_words, product_by_code
from recognition.counting.seeing import choices_of
from recognition.models import Sighting
from recognition.reviewing.feedback import REVIEW
from recognition.reviewing.queues import (
    AUDIT,
    QUEUES,
    NotYours,
    audit_response,
    judge,
    progress,
    release,
    take_back,
    take_next,
)

_SKIPPED = "review_skipped"
_LAST = "review_last"
# More than anybody skips in one go; the oldest come again.
_MOST_SKIPPED = 200
_LONGEST_QUERY = 200
# Keys 1 to 9.
_WITH_A_KEY = 9


class ReviewPages(admin.ModelAdmin):
    """The pages of the review, beside the list of sightings."""

    def review_urls(self) -> list[URLPattern]:
        def view(route: str, function: Any, name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(f"review/{route}", wrapped, name=f"recognition_review{name}")

        return [
            view("", self.review_page, ""),
            view("photo/<str:token>/", self.photo_view, "_photo"),
            view("<slug:queue>/", self.queue_page, "_queue"),
            view("<slug:queue>/judge/<str:token>/", self.judge_view, "_judge"),
            view("<slug:queue>/skip/<str:token>/", self.skip_view, "_skip"),
            view("<slug:queue>/undo/", self.undo_view, "_undo"),
            view("<slug:queue>/again/", self.again_view, "_again"),
        ]

    @method_decorator(never_cache)
    def review_page(self, request: HttpRequest) -> HttpResponse:
        """Both queues, and how complete the audit is."""
        _require(request)
        return self._page(
            request,
            "review.html",
            title=_("Review answers"),
            queues=[(queue, progress(queue)) for queue in QUEUES],
            audit=audit_response(),
            keep=settings.KEEP_QUERY_PHOTOS,
        )

    @method_decorator(never_cache)
    def queue_page(self, request: HttpRequest, queue: str) -> HttpResponse:
        """The next sighting of a queue; `q` finds other products for it."""
        _require(request)
        queue = _queue(queue)
        skipped = request.session.get(_SKIPPED, {}).get(queue, [])
        sighting = take_next(queue=queue, by=request.user, skipped=skipped)
        words = request.GET.get("q", "").strip().replace("\0", "")[:_LONGEST_QUERY]
        choices = choices_of(sighting) if sighting is not None else []
        return self._page(
            request,
            "review_queue.html",
            title=_("Random audit") if queue == AUDIT else _("Answers in doubt"),
            queue=queue,
            is_audit=queue == AUDIT,
            progress=progress(queue),
            sighting=sighting,
            choices=choices,
            with_a_key=_WITH_A_KEY,
            words=words,
            found=_found(words) if words and sighting is not None else [],
            skipped=len(skipped),
            last=request.session.get(_LAST, {}).get(queue),
            keep=settings.KEEP_QUERY_PHOTOS,
        )

    @method_decorator(require_POST)
    def judge_view(self, request: HttpRequest, queue: str, token: str) -> HttpResponse:
        """`sku`: it is this product; `none`: none of the catalogue's."""
        _require(request)
        queue = _queue(queue)
        product = None
        if "none" not in request.POST:
            product = _product(request.POST.get("sku", ""))
            if product is None:
                messages.error(request, _("There is no such product any more. Choose again."))
                return _to(queue)
        try:
            judge(queue=queue, token=token, product=product, by=request.user)
        except Sighting.DoesNotExist as error:
            raise Http404 from error
        except NotYours as error:
            messages.info(request, str(error))
            return _to(queue)
        request.session[_LAST] = {**request.session.get(_LAST, {}), queue: token}
        return _to(queue)

    @method_decorator(require_POST)
    def skip_view(self, request: HttpRequest, queue: str, token: str) -> HttpResponse:
        _require(request)
        queue = _queue(queue)
        release(token=token, by=request.user)
        skipped = request.session.get(_SKIPPED, {})
        mine = [each for each in skipped.get(queue, []) if each != token]
        request.session[_SKIPPED] = {**skipped, queue: [*mine, token[:32]][-_MOST_SKIPPED:]}
        return _to(queue)

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, queue: str) -> HttpResponse:
        """What was skipped comes again."""
        _require(request)
        queue = _queue(queue)
        request.session[_SKIPPED] = {**request.session.get(_SKIPPED, {}), queue: []}
        return _to(queue)

    @method_decorator(require_POST)
    def undo_view(self, request: HttpRequest, queue: str) -> HttpResponse:
        """Takes back what this person judged last."""
        _require(request)
        queue = _queue(queue)
        last = dict(request.session.get(_LAST, {}))
        token = last.pop(queue, None)
        request.session[_LAST] = last
        if token is None or take_back(queue=queue, token=token, by=request.user) is None:
            messages.info(request, _("There is nothing to take back."))
        return _to(queue)

    @method_decorator(require_safe)
    def photo_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """The kept photo. Nobody else may see it, and nothing on the way may keep it."""
        _require(request)
        sighting = Sighting.objects.with_photo().filter(token=token).only("photo").first()
        if sighting is None:
            raise Http404
        try:
            with sighting.photo.open("rb") as file:
                content = file.read()
        except OSError as error:
            raise Http404 from error
        return HttpResponse(
            content,
            content_type="image/jpeg",
            headers={
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Disposition": "inline",
            },
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "model_admin": self}
        return TemplateResponse(request, f"admin/recognition/{template}", {**frame, **context})


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(REVIEW):
        raise PermissionDenied


def _queue(name: str) -> Sighting.Occasion:
    for queue in QUEUES:
        if queue.value == name:
            return queue
    raise Http404


def _to(queue: Sighting.Occasion) -> HttpResponse:
    return redirect(reverse("admin:recognition_review_queue", args=[queue.value]))


def _product(sku: str) -> Product | None:
    product = Product.objects.filter(sku=sku).first() if sku else None
    return product.heir() if product is not None else None


def _found(words: str) -> list[Choice]:
    product = product_by_code(words)
    if product is not None:
        return [Choice(product, photo=product.face)]
    return choices_by_words(words)
