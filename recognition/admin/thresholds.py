"""The part of the similarity report in which thresholds are compared, applied and taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
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
    last_batches,
    newest_runs,
    proposals_of,
    summaries,
    targets_of,
)

_SEE, _APPLY = "recognition.view_calibration", "recognition.apply_calibration"
_USUAL_TARGET = 0.05


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
    told = summaries(proposals)
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
        "threshold_data": {
            "targets": targets,
            "labels": [cell(target, share=True) for target in targets],
            "summaries": told,
            "scopes": [each.as_data() for each in proposals],
        },
        "batches": last_batches(encoder),
    }


@require_POST
def apply_view(request: HttpRequest) -> HttpResponseBase:
    """`calibration`: that scope alone; else `run`: all that it found. `target`: a share."""
    _check(request)
    target = _share(request.POST.get("target", ""))
    row, run = _chosen(request.POST)
    if target is None or (row or run) is None:
        messages.error(request, _("Choose a measurement and a target, then apply it again."))
        return _to_section()
    try:
        if row is not None:
            apply_calibration(calibration=row, by=request.user, target=target)
            number = 1
        else:
            assert run is not None  # noqa: S101  # one of the two is there
            apply_run(run=run, by=request.user, target=target)
            number = len(rows_of(run))
    except CannotApply as error:
        messages.error(request, str(error))
    else:
        text = ngettext(
            "In force for %(number)d scope, at a target of %(target)s.",
            "In force for %(number)d scopes, at a target of %(target)s.",
            number,
        ) % {"number": number, "target": cell(target, share=True)}
        messages.success(request, text)
    return _to_section(run or (row.run if row else None))


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
        messages.error(request, str(error))
    else:
        if changed is None:
            messages.info(request, _("That is in force already."))
        else:
            messages.success(request, _("In force again as it was then."))
    return _to_section()


@require_POST
def calibrate_view(request: HttpRequest) -> HttpResponseBase:
    """Measures anew, in the background; what is in force stays."""
    _check(request)
    encoder = Encoder.objects.active()
    target = _share(request.POST.get("target", "")) or _USUAL_TARGET
    if encoder is None:
        messages.error(request, _("No encoder is active yet: start a worker, or run embed."))
    else:
        try:
            request_calibration(encoder=encoder, target_error=target, by=request.user)
        except AlreadyCalibrating as error:
            messages.info(request, str(error))
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


def _to_section(run: CalibrationRun | None = None) -> HttpResponseBase:
    url = reverse("admin:recognition_similarityreport_newest")
    return HttpResponseRedirect(f"{url}{f'?run={run.pk}' if run else ''}#thresholds")
