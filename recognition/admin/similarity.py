"""The similarity report: what was measured, what is proposed, and what is in force."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import display

from recognition.admin.read_only import ReadOnlyAdmin
from recognition.admin.thresholds import (
    apply_view,
    back_view,
    calibrate_view,
    calibration_state,
    may_apply,
    thresholds_context,
    thresholds_file,
)
from recognition.models import Encoder, SimilarityReport
from recognition.similarity_files import figures_csv
from recognition.similarity_queue import request_report
from recognition.similarity_report import AlreadyRunning, newest_report
from recognition.similarity_words import (
    COLUMNS,
    EVIDENCE_NAMES,
    METRIC_NAMES,
    evidence_of,
    remarks,
    table_of,
)

_BUILD = "recognition.build_similarityreport"
_DRAWN = {"png": "image/png", "pdf": "application/pdf"}


@admin.register(SimilarityReport)
class SimilarityReportAdmin(ReadOnlyAdmin):
    list_display = ["number", "created_at", "state_text", "encoder", "photos", "seed", "created_by"]
    list_display_links = ["number", "created_at"]
    list_filter = ["state", "encoder"]
    list_select_related = ["encoder", "created_by"]
    search_fields = ["encoder__key", "created_by__username"]
    actions = None

    # --- the list ---------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("figures")

    @admin.display(description=gettext_lazy("report"), ordering="pk")
    def number(self, report: SimilarityReport) -> str:
        return f"#{report.pk}"

    @display(
        description=gettext_lazy("state"),
        ordering="state",
        label={"running": "info", "done": "success", "failed": "danger"},
    )
    def state_text(self, report: SimilarityReport) -> tuple[str, Any]:
        return report.state, report.get_state_display()

    @admin.display(description=gettext_lazy("photos"))
    def photos(self, report: SimilarityReport) -> Any:
        return report.sample.get("photos_of", "–")

    # --- the pages --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, function: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(route, wrapped, name=f"recognition_similarityreport_{name}")

        return [
            view("newest/", self.newest_view, "newest"),
            view("status/", self.status_view, "status"),
            view("build/", self.build_view, "build"),
            view("<int:pk>/figures.csv", self.csv_view, "csv"),
            view("<int:pk>/report.<slug:kind>", self.drawn_view, "drawn"),
            view("thresholds/<int:run>.csv", thresholds_file, "thresholds_csv"),
            view("thresholds/apply/", apply_view, "apply"),
            view("thresholds/back/", back_view, "back"),
            view("thresholds/calibrate/", calibrate_view, "calibrate"),
            *super().get_urls(),
        ]

    def newest_view(self, request: HttpRequest) -> HttpResponseBase:
        """The page of the sidebar: the last report, and the thresholds."""
        self.refuse_unless_visible(request)
        encoder = Encoder.objects.active()
        context = {
            **self._context(request, newest_report(encoder)),
            **_running(encoder),
            "encoder": encoder,
            "is_newest": True,
            **thresholds_context(request, encoder),
        }
        return never_cache(TemplateResponse)(request, _PAGE, context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *_a: Any, **_k: Any
    ) -> Any:
        """Django's own view of a row: here the page of a report, as it was."""
        if object_id is None or request.method == "POST":  # nobody writes one by hand
            raise PermissionDenied
        report = self.get_object(request, str(object_id))
        if report is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        self.refuse_unless_visible(request)
        return TemplateResponse(request, _PAGE, self._context(request, report))

    @method_decorator(never_cache)
    @method_decorator(require_GET)
    def status_view(self, request: HttpRequest) -> HttpResponseBase:
        """How far what runs has come, for htmx; the whole page again once nothing runs."""
        self.refuse_unless_visible(request)
        encoder = Encoder.objects.active()
        context = {**_running(encoder), **calibration_state(request, encoder)}
        if context["running"] is None and context["calibrating"] is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "admin/recognition/similarity/_status.html", context)

    @method_decorator(require_POST)
    def build_view(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.has_perm(_BUILD):
            raise PermissionDenied
        encoder = Encoder.objects.active()
        if encoder is None:
            messages.error(request, _("No encoder is active yet: start a worker, or run embed."))
        else:
            try:
                request_report(encoder=encoder, by=request.user)
            except AlreadyRunning:
                messages.info(request, _("A report is being built already."))
        return HttpResponseRedirect(newest_url())

    @method_decorator(require_GET)
    def csv_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        report = self._finished(request, pk)
        response = StreamingHttpResponse(
            figures_csv(report), content_type="text/csv; charset=utf-8"
        )
        return _as_file(response, f"similarity-{pk}.csv")

    @method_decorator(require_GET)
    def drawn_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        if kind not in _DRAWN:
            raise Http404
        report = self._finished(request, pk)
        from recognition.similarity_drawing import draw  # noqa: PLC0415  # matplotlib takes a second

        response = HttpResponse(
            draw(report, "png" if kind == "png" else "pdf"), content_type=_DRAWN[kind]
        )
        return _as_file(response, f"similarity-{pk}.{kind}")

    # --- small ------------------------------------------------------------------------------

    def _finished(self, request: HttpRequest, pk: int) -> SimilarityReport:
        self.refuse_unless_visible(request)
        done = SimilarityReport.objects.filter(state=SimilarityReport.State.DONE)
        report = done.select_related("encoder").filter(pk=pk).first()
        if report is None:
            raise Http404
        return report

    def _context(self, request: HttpRequest, report: SimilarityReport | None) -> dict[str, Any]:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Similarity report"),
            "opts": self.opts,
            "report": report,
            "may_build": request.user.has_perm(_BUILD),
            "may_apply": may_apply(request),
        }
        if report is None or report.state != SimilarityReport.State.DONE:
            return context
        held = evidence_of(report)
        return {
            **context,
            "remarks": remarks(report),
            "headings": [heading for _name, heading, _share in COLUMNS],
            "tables": [(EVIDENCE_NAMES[name], table_of(report, name)) for name in held],
            "evidence": [(name, EVIDENCE_NAMES[name]) for name in held],
            "metrics": list(METRIC_NAMES.items()),
            "figures": report.figures,
        }


_PAGE = "admin/recognition/similarity/page.html"


def newest_url() -> str:
    return reverse("admin:recognition_similarityreport_newest")


def _running(encoder: Encoder | None) -> dict[str, Any]:
    """What is being built; and why the last try failed, if nothing came after it."""
    last = SimilarityReport.objects.filter(encoder=encoder).defer("figures").first()
    return {
        "running": last if last and last.is_running else None,
        "failed": last if last and last.state == SimilarityReport.State.FAILED else None,
    }


def _as_file(response: Any, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
