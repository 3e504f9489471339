"""Counting: start, find by photo, barcode or words, enter the quantity, next."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from products.models import Product
from products.models.category import full_names
from recognition.counting.entering import enter_count
from recognition.counting.finding import (
    choices_by_words,
    in_scope,
    is_barcode,
    meant_by,
    product_by_code,
)
from recognition.counting.forms import CountForm, FindForm, StartForm
from recognition.counting.seeing import (
    choices_of,
    is_sure,
    leaves_doubt,
    recognise_for_count,
    was_taken_to_count,
)
from recognition.counting.views.common import see, sighting_of, visible_stocktake
from recognition.models import Sighting
from recognition.sightings import review_sighting
from stores.access import abilities, need, visible_store
from stores.actions import Action
from stores.answers import Done, answer_form, go_on, wants_json
from stores.models import Stocktake, StocktakeLine
from stores.refusals import Refusal
from stores.stocktaking import drop_line, open_stocktake
from stores.views.overview import open_stocktakes

# What the counting page shows of what was counted; the review shows all.
_LAST_LINES = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Opens a stocktake of the whole store or of a category; one that is open is gone on with."""
    store = visible_store(request.user, code)
    need(request.user, Action.COUNT, store)
    form = StartForm(request.POST or None)
    status, problem = 200, ""
    if request.method == "POST":
        status = 400
        if form.is_valid():
            category = form.cleaned_data["category"]
            try:
                stocktake = open_stocktake(actor=request.user, store=store, category=category)
            except Refusal as error:
                draft = Stocktake.objects.filter(
                    store=store, category=category, state=Stocktake.State.DRAFT
                ).first()
                if draft is not None:
                    messages.info(request, str(error))
                    return redirect("counting:count", code=store.code, pk=draft.pk)
                problem, status = str(error), 409
            else:
                return redirect("counting:count", code=store.code, pk=stocktake.pk)
        else:
            problem = " ".join(str(each) for errors in form.errors.values() for each in errors)
    context = {
        "store": store,
        "form": form,
        "paths": StartForm.paths(),
        "problem": problem,
        "open": open_stocktakes([store]),
    }
    return render(request, "recognition/counting/start.html", context, status=status)


@login_required
@require_safe
def count(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The counting page: a camera, a field for codes and words, and what was counted last."""
    stocktake = visible_stocktake(request, code, pk)
    if stocktake.state != Stocktake.State.DRAFT:
        return redirect("counting:report", code=code, pk=pk)
    form = FindForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    sighting = sighting_of(stocktake.store, request.GET.get("seen", ""))
    product = product_by_code(words)
    if product is not None:
        by = StocktakeLine.Method.BARCODE if is_barcode(words) else StocktakeLine.Method.HAND
        return redirect(enter_address(stocktake, product, sighting, by))
    return _counting_page(request, stocktake, words=words, sighting=sighting)


def _counting_page(
    request: HttpRequest,
    stocktake: Stocktake,
    *,
    words: str = "",
    sighting: Sighting | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    choices = choices_by_words(words, stocktake=stocktake) if words else []
    context = _lines(stocktake) | {
        "words": words,
        "sighting": sighting,
        "choices": choices,
        "meant": meant_by(words) if words and not choices else "",
        "problem": problem,
        "may": abilities(request.user, stocktake.store),
    }
    return render(request, "recognition/counting/count.html", context, status=status)


@login_required
@require_safe
def lines(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What was counted last, by whomever: the part of the page that renews itself."""
    stocktake = visible_stocktake(request, code, pk)
    context = _lines(stocktake) | {"may": abilities(request.user, stocktake.store)}
    return render(request, "recognition/counting/_lines.html", context)


def _lines(stocktake: Stocktake) -> dict[str, Any]:
    counting = stocktake.lines.filter(is_replaced=False)
    last = counting.select_related("product", "counted_by").prefetch_related("product__images")
    figures = counting.aggregate(
        lines=Count("pk"), products=Count("product", distinct=True),
        people=Count("counted_by", distinct=True),
    )  # fmt: skip
    return {
        "stocktake": stocktake,
        "store": stocktake.store,
        "lines": last.order_by("-id")[:_LAST_LINES],
        "figures": figures,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Recognises a photo, and leads to what it may show."""
    stocktake = visible_stocktake(request, code, pk)
    if request.method != "POST":
        # Its answer to a bad photo is a page, which may be loaded again or read in another language.
        return redirect("counting:count", code=code, pk=pk)
    need(request.user, Action.COUNT, stocktake.store)
    if stocktake.state != Stocktake.State.DRAFT:
        return go_on(request, reverse("counting:report", args=[code, pk]))
    user = request.user
    sighting, problem, status = see(
        request, lambda image: recognise_for_count(actor=user, stocktake=stocktake, photo=image)
    )
    if sighting is not None:
        return go_on(request, reverse("counting:seen", args=[code, pk, sighting.token]))
    if wants_json(request):
        return JsonResponse({"problem": problem}, status=status)
    return _counting_page(request, stocktake, problem=problem, status=status)


@login_required
@require_safe
def seen(request: HttpRequest, code: str, pk: int, token: str) -> HttpResponse:
    """What a photo may show, to choose from; later, what it was taken for."""
    stocktake = visible_stocktake(request, code, pk)
    sighting = sighting_of(stocktake.store, token)
    if sighting is None:
        raise Http404
    choices = choices_of(sighting, stocktake=stocktake)
    context = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "sighting": sighting,
        "choices": choices,
        "is_sure": is_sure(sighting, choices),
        "may": abilities(request.user, stocktake.store),
        "is_open": stocktake.state == Stocktake.State.DRAFT,
        "may_reject": _may_reject(stocktake, sighting),
    }
    return render(request, "recognition/counting/seen.html", context)


def _may_reject(stocktake: Stocktake, sighting: Sighting) -> bool:
    """Whether a photo may show none of the products for this count: it was taken for it, and nobody
    whose work is to review photos has said what it shows.
    """
    judged = {Sighting.Occasion.AUDIT, Sighting.Occasion.DOUBTFUL}
    return sighting.occasion not in judged and was_taken_to_count(sighting, stocktake)


@login_required
@require_POST
def none_of_these(request: HttpRequest, code: str, pk: int, token: str) -> HttpResponse:
    """Rejects what was shown; the same sighting is corrected if it is then found otherwise."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.COUNT, stocktake.store)
    sighting = sighting_of(stocktake.store, token)
    if sighting is None:
        raise Http404
    if stocktake.state != Stocktake.State.DRAFT:
        return redirect("counting:report", code=code, pk=pk)
    if not _may_reject(stocktake, sighting):
        raise PermissionDenied
    review_sighting(
        sighting=sighting, product=None, by=request.user, occasion=Sighting.Occasion.WORK
    )
    address = reverse("counting:count", args=[code, pk])
    return redirect(f"{address}?{urlencode({'seen': token})}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str, pk: int, sku: str) -> HttpResponse:
    """The quantity of a product; what others counted of it already stands beside."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.COUNT, stocktake.store)
    product = (
        Product.objects.select_related("category", "merged_into")
        .prefetch_related("images")
        .filter(sku=sku)
        .first()
    )
    if product is None:
        raise Http404
    if request.method != "POST":
        form = CountForm.filled_from(request.GET)
        return _enter_page(request, stocktake, product, form)
    form = CountForm(request.POST)
    return answer_form(
        request,
        form,
        lambda: enter_form(request.user, stocktake, product, form),
        done=lambda line: saved(stocktake, line),
        page=lambda status: _enter_page(request, stocktake, product, form, status),
    )


def saved(stocktake: Stocktake, line: StocktakeLine, address: str = "") -> Done:
    address = address or reverse("counting:count", args=[stocktake.store.code, stocktake.pk])
    said = _("Saved: %(n)d × %(product)s") % {"n": line.counted, "product": line.product.name}
    return Done(address, said, again=line.repeated)


def _enter_page(
    request: HttpRequest,
    stocktake: Stocktake,
    product: Product,
    form: CountForm,
    status: int = 200,
) -> HttpResponse:
    before = stocktake.lines.filter(product=product, is_replaced=False)
    sighting = sighting_of(stocktake.store, str(form["seen"].value() or ""))
    context = {
        # Who typed its code knows what it is.
        "doubt": sighting is not None
        and not form["by"].value()
        and leaves_doubt(sighting, product),
        "stocktake": stocktake,
        "store": stocktake.store,
        "product": product,
        "category_name": full_names([product.category])[product.category_id],
        "in_scope": in_scope(product, stocktake),
        "is_open": stocktake.state == Stocktake.State.DRAFT,
        "before": before.select_related("counted_by").order_by("id"),
        "form": form,
        "problems": form.problems() if form.is_bound else [],
    }
    return render(request, "recognition/counting/enter.html", context, status=status)


def enter_form(user: Any, stocktake: Stocktake, product: Product, form: CountForm) -> StocktakeLine:
    data = form.cleaned_data
    return enter_count(
        actor=user,
        stocktake=stocktake,
        product=product,
        counted=data["quantity"],
        replace=data["how"] == "replace",
        method=form.method(),
        sighting=sighting_of(stocktake.store, data["seen"]),
        idempotency_key=data["key"],
        seconds_ago=data["seconds_ago"] or 0,
    )


@login_required
@require_POST
def drop(request: HttpRequest, code: str, pk: int, line: int) -> HttpResponse:
    """Takes a line out of the count."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.COUNT, stocktake.store)
    found = stocktake.lines.select_related("stocktake__store", "product").filter(pk=line).first()
    if found is None:
        raise Http404
    try:
        drop_line(actor=request.user, line=found)
    except Refusal as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Taken out: %(n)d × %(product)s")
            % {"n": found.counted, "product": found.product.name},
        )  # fmt: skip
    return redirect("counting:count", code=code, pk=pk)


def enter_address(
    stocktake: Stocktake, product: Product, sighting: Sighting | None, by: StocktakeLine.Method
) -> str:
    address = reverse("counting:enter", args=[stocktake.store.code, stocktake.pk, product.sku])
    query = {"by": by.value} | ({"seen": sighting.token} if sighting else {})
    return f"{address}?{urlencode(query)}"
