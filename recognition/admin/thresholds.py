"""The part of the similarity report in which thresholds are compared, applied and taken back."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from recognition.calibrating import AlreadyCalibrating
from recognition.calibration_queue import request_calibration
from recognition.calibration_report import rows_of, warning_codes, warning_text
from recognition.calibrations import (
    CannotApply,
    apply_calibration,
    apply_run,
    go_back_to,
    is_stale,
)
from recognition.models import Calibration, CalibrationRun, Encoder
from recognition.similarity_files import thresholds_csv
from recognition.similarity_words import cell
from recognition.threshold_proposals import (
    Proposal,
    changes_nothing,
    last_batches,
    newest_runs,
    proposals_of,
    summaries,
    targets_of,
)

_SEE, _APPLY = "recognition.view_calibration", "recognition.apply_calibration"
_USUAL_TARGET = 0.05
# The tag of what is said in the section of thresholds; see templates/admin/recognition/similarity.
MESSAGES = "thresholds"


def may_apply(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(_APPLY))


def calibration_state(request: HttpRequest, encoder: Encoder | None) -> dict[str, Any]:
    """What is being measured; and why the last try failed, if nothing came after it."""
    sees = encoder is not None and request.user.has_perm(_SEE)
    last = CalibrationRun.objects.filter(encoder=encoder).first() if sees else None
    state = last.state if last else None
    return {
        "sees_thresholds": sees,
        "calibrating": last if state == CalibrationRun.State.RUNNING else None,
        "calibration_failed": last if state == CalibrationRun.State.FAILED else None,
    }


def thresholds_context(request: HttpRequest, encoder: Encoder | None) -> dict[str, Any]:
    """What the section shows: `?run=` chooses a measurement, `?target=` a target without JavaScript."""
    context = calibration_state(request, encoder)
    if encoder is None or not context["sees_thresholds"]:
        return context
    runs = newest_runs(encoder)
    run = next((each for each in runs if str(each.pk) == request.GET.get("run")), None)
    run = run or next(iter(runs), None)
    if run is None:
        return context
    proposals = proposals_of(run)
    targets = targets_of([each.calibration for each in proposals])
    chosen = _nearest(targets, request.GET.get("target", ""), run.target_error)
    told, same = summaries(proposals), changes_nothing(proposals)
    return {
        **context,
        "run": run,
        "runs": runs,
        "run_is_stale": is_stale(run),
        "run_warnings": [warning_text(code, run) for code in warning_codes(run)],
        "proposals": [(each, each.at[chosen]) for each in proposals],
        "targets": [(target, cell(target, share=True)) for target in targets],
        "target": targets[chosen] if targets else None,
        "target_number": chosen,
        "last_target_number": len(targets) - 1,
        "summary": told[chosen] if told else "",
        "all_same": same[chosen] if same else True,
        "threshold_data": {
            "targets": targets,
            "labels": [cell(target, share=True) for target in targets],
            "summaries": told,
            "same": same,
            "scopes": [each.as_data() for each in proposals],
        },
        "batches": last_batches(encoder),
    }


@require_POST
def apply_view(request: HttpRequest) -> HttpResponseBase:
    """`calibration`: that scope alone; else `run`: all that it found, once it was `confirmed`.
    `target`: a share.
    """
    _check(request)
    target = _share(request.POST.get("target", ""))
    row, run = _chosen(request.POST)
    if target is None or (row or run) is None:
        _say(request, messages.ERROR, _("Choose a measurement and a target, then apply it again."))
        return _to_section()
    of = row.run if row is not None else run
    assert of is not None  # noqa: S101  # one of the two is there
    proposals = proposals_of(of) if of.state == CalibrationRun.State.DONE else []
    at = _number_of(targets_of([each.calibration for each in proposals]), target)
    if at is None:
        text = _("That measurement has no figures for that target. Choose another one.")
        _say(request, messages.ERROR, text)
    elif _is_so(proposals, at, row):
        _say(request, messages.INFO, _("That is in force already."))
    elif row is None and not request.POST.get("confirmed"):
        return _ask(request, of, proposals, at)
    else:
        _apply(request, row or of, target, 1 if row is not None else len(proposals))
    return _to_section(of, target)


def _is_so(proposals: list[Proposal], at: int, row: Calibration | None) -> bool:
    """Whether applying would change nothing."""
    if row is None:
        return changes_nothing(proposals)[at]
    return any(each.at[at]["same"] for each in proposals if each.calibration.scope == row.scope)


def _apply(
    request: HttpRequest, what: Calibration | CalibrationRun, target: float, number: int
) -> None:
    try:
        if isinstance(what, Calibration):
            apply_calibration(calibration=what, by=request.user, target=target)
        else:
            apply_run(run=what, by=request.user, target=target)
    except CannotApply as error:
        _say(request, messages.ERROR, str(error))
        return
    text = ngettext(
        "In force for %(number)d scope, at a target of %(target)s.",
        "In force for %(number)d scopes, at a target of %(target)s.",
        number,
    ) % {"number": number, "target": cell(target, share=True)}
    _say(request, messages.SUCCESS, text)


def _ask(
    request: HttpRequest, run: CalibrationRun, proposals: list[Proposal], at: int
) -> HttpResponseBase:
    """Before all of it is applied: what it would come to, and what it would replace."""
    target = proposals[0].calibration.targets[at]["target_error"]
    context = {
        **admin.site.each_context(request),
        "title": _("Apply all thresholds"),
        "run": run,
        "target": target,
        "target_label": cell(target, share=True),
        "summary": summaries(proposals)[at],
        "proposals": [(each, each.at[at]) for each in proposals],
        "back": _section(run, target),
    }
    return TemplateResponse(request, "admin/recognition/similarity/apply_all.html", context)


@require_POST
def back_view(request: HttpRequest) -> HttpResponseBase:
    """`batch`: to what was in force once that had been applied."""
    _check(request)
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError as error:
        raise Http404 from error
    try:
        changed = go_back_to(batch=batch, by=request.user)
    except CannotApply as error:
        _say(request, messages.ERROR, str(error))
    else:
        if changed is None:
            _say(request, messages.INFO, _("That is in force already."))
        else:
            _say(request, messages.SUCCESS, _("In force again as it was then."))
    return _to_section()


@require_POST
def calibrate_view(request: HttpRequest) -> HttpResponseBase:
    """Measures anew, in the background; what is in force stays."""
    _check(request)
    encoder = Encoder.objects.active()
    target = _share(request.POST.get("target", "")) or _USUAL_TARGET
    if encoder is None:
        text = _("No encoder is active yet: start a worker, or run embed.")
        _say(request, messages.ERROR, text)
    else:
        try:
            request_calibration(encoder=encoder, target_error=target, by=request.user)
        except AlreadyCalibrating as error:
            _say(request, messages.INFO, str(error))
    return _to_section()


@require_GET
def thresholds_file(request: HttpRequest, run: int) -> HttpResponseBase:
    if not request.user.has_perm(_SEE):
        raise PermissionDenied
    found = CalibrationRun.objects.filter(pk=run, state=CalibrationRun.State.DONE).first()
    if found is None:
        raise Http404
    response = StreamingHttpResponse(
        thresholds_csv(rows_of(found)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="thresholds-{run}.csv"'
    return response


# --- small ----------------------------------------------------------------------------------------


def _check(request: HttpRequest) -> None:
    if not may_apply(request):
        raise PermissionDenied


def _chosen(sent: Any) -> tuple[Calibration | None, CalibrationRun | None]:
    if number := _number(sent.get("calibration", "")):
        rows = Calibration.objects.select_related("run__encoder")
        return rows.filter(pk=number).first(), None
    runs = CalibrationRun.objects.select_related("encoder")
    return None, runs.filter(pk=_number(sent.get("run", "")) or 0).first()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 < share < 1 else None


def _nearest(targets: list[float], text: str, otherwise: float) -> int:
    """The number of the target that is asked for, or nearest to it."""
    wanted = _share(text) or otherwise
    return min(range(len(targets)), key=lambda at: abs(targets[at] - wanted), default=0)


def _number_of(targets: list[float], target: float) -> int | None:
    return next((at for at, each in enumerate(targets) if abs(each - target) < 1e-9), None)


def _say(request: HttpRequest, level: int, text: str) -> None:
    """Shown in the section, where the person is after the redirect, and not above the report."""
    messages.add_message(request, level, text, extra_tags=MESSAGES)


def _section(run: CalibrationRun | None = None, target: float | None = None) -> str:
    asked = {"run": run.pk if run else None, "target": target}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    url = reverse("admin:recognition_similarityreport_newest")
    return f"{url}{'?' if query else ''}{query}#thresholds"


def _to_section(run: CalibrationRun | None = None, target: float | None = None) -> HttpResponseBase:
    return HttpResponseRedirect(_section(run, target))
