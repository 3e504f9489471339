"""Looking at the differences, approving or cancelling, and the report that stays."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from recognition.counting.forms import ApproveForm
from recognition.counting.reviewing import (
    approve_as_seen,
    state_of,
    totals,
)
from recognition.counting.views.common import visible_stocktake
from recognition.sightings import by_evidence
from stores.access import abilities, need
from stores.actions import Action
from stores.models import StockMovement, Stocktake, StocktakeLine
from stores.refusals import Refusal
from stores.stocktaking import cancel as cancel_stocktake
from stores.stocktaking import review as review_of

_ROWS = 50
# Of what nobody counted; the number of all stands above.
_UNCOUNTED_SHOWN = 50


@login_required
@require_safe
def review(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What approving would post: troubles first, then differences, then what nobody counted."""
    stocktake = visible_stocktake(request, code, pk)
    if stocktake.state != Stocktake.State.DRAFT:
        return redirect("counting:report", code=code, pk=pk)
    result = review_of(stocktake)
    only = request.GET.get("only") == "differences"
    troubles = result.troubles
    clear = [each for each in result.differences if not each.trouble and (each.delta or not only)]
    page = Paginator(clear, _ROWS).get_page(request.GET.get("page"))
    uncounted = result.uncounted[:_UNCOUNTED_SHOWN]
    rows = list(page.object_list)
    prefetch_related_objects(
        [row.product for row in [*rows, *troubles]] + [level.product for level in uncounted],
        "images",
    )
    context = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "rows": rows,
        "page": page,
        "only": only,
        "troubles": troubles,
        "uncounted": uncounted,
        "totals": totals(result),
        "is_empty": result.is_empty(uncounted_are_zero=False),
        "choices": ApproveForm.UNCOUNTED,
        "may": abilities(request.user, stocktake.store),
    }
    return render(request, "recognition/counting/review.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Asks once more, with the figures, and posts the differences."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.APPROVE, stocktake.store)
    if stocktake.state != Stocktake.State.DRAFT:  # also the second tap on the button
        return redirect("counting:report", code=code, pk=pk)
    form = ApproveForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return redirect("counting:review", code=code, pk=pk)
    zero = form.cleaned_data["uncounted"] == "zero"
    problem, status = "", 200
    if request.method == "POST":
        try:
            approve_as_seen(
                actor=request.user,
                stocktake=stocktake,
                uncounted_are_zero=zero,
                seen=form.cleaned_data["seen"],
            )
        except Refusal as error:
            problem, status = str(error), 409
        else:
            return redirect("counting:report", code=code, pk=pk)
    result = review_of(stocktake)
    context = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "totals": totals(result),
        "troubles": result.troubles,
        "zero": zero,
        "is_empty": result.is_empty(uncounted_are_zero=zero),
        "uncounted": form.cleaned_data["uncounted"],
        "seen": state_of(result, uncounted_are_zero=zero),
        "problem": problem,
        "may": abilities(request.user, stocktake.store),
    }
    return render(request, "recognition/counting/approve.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Asks once more, and ends the stocktake without posting anything."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.APPROVE, stocktake.store)
    if stocktake.state != Stocktake.State.DRAFT:
        return redirect("counting:report", code=code, pk=pk)
    if request.method == "POST":
        try:
            cancel_stocktake(actor=request.user, stocktake=stocktake)
        except Refusal as error:
            messages.error(request, str(error))
        return redirect("counting:report", code=code, pk=pk)
    context: dict[str, Any] = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "lines": stocktake.lines.filter(is_replaced=False).count(),
    }
    return render(request, "recognition/counting/cancel.html", context)


@login_required
@require_safe
def report(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What a closed stocktake posted, on what evidence, and all that was counted."""
    stocktake = visible_stocktake(request, code, pk)
    if stocktake.state == Stocktake.State.DRAFT:
        return redirect("counting:review", code=code, pk=pk)
    posted = (
        StockMovement.objects.filter(operation__stocktake=stocktake)
        .select_related("product")
        .prefetch_related("product__images")
        .order_by("product__name", "pk")
    )
    lines = (
        stocktake.lines.select_related("product", "counted_by")
        .prefetch_related("product__images")
        .order_by("-id")
    )
    movements_page = Paginator(posted, _ROWS).get_page(request.GET.get("posted"))
    lines_page = Paginator(lines, _ROWS).get_page(request.GET.get("page"))
    movements: list[StockMovement] = list(movements_page.object_list)
    shown: list[StocktakeLine] = list(lines_page.object_list)
    sightings = by_evidence(
        [each.evidence for each in movements] + [each.evidence for each in shown]
    )
    context = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "movements": [(each, sightings.get(each.evidence)) for each in movements],
        "movements_page": movements_page,
        "lines": [(each, sightings.get(each.evidence)) for each in shown],
        "lines_page": lines_page,
    }
    return render(request, "recognition/counting/report.html", context)
