"""Counting by a code, in one step: for hand scanners, and for what was entered without a connection."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from recognition.counting.forms import CountByCodeForm
from recognition.counting.views.common import visible_stocktake
from recognition.counting.views.count import enter_form, saved
from stores.access import need
from stores.actions import Action
from stores.answers import answer_form
from stores.models import Stocktake


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A code and how many; then the next. A closed stocktake still answers what is sent again."""
    stocktake = visible_stocktake(request, code, pk)
    need(request.user, Action.COUNT, stocktake.store)
    if request.method != "POST":
        if stocktake.state != Stocktake.State.DRAFT:
            return redirect("counting:report", code=code, pk=pk)
        return _page(request, stocktake, CountByCodeForm.filled_from(request.GET))
    form = CountByCodeForm(request.POST)
    here = reverse("counting:by-code", args=[code, pk])
    return answer_form(
        request,
        form,
        lambda: enter_form(request.user, stocktake, form.cleaned_data["product"], form),
        done=lambda line: saved(stocktake, line, here),
        page=lambda status: _page(request, stocktake, form, status),
    )


def _page(
    request: HttpRequest, stocktake: Stocktake, form: CountByCodeForm, status: int = 200
) -> HttpResponse:
    context = {
        "stocktake": stocktake,
        "store": stocktake.store,
        "form": form,
        "problems": form.problems() if form.is_bound else [],
    }
    return render(request, "recognition/counting/by_code.html", context, status=status)
