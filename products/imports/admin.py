"""The pages of imports: upload, progress, preview, report."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
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
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display

from products.imports.forms import UploadForm
from products.imports.formulas import neutral
from products.imports.kinds import find_kind, kinds_for
from products.imports.runs import begin_import, cancel_import, start_import
from products.imports.template_files import template_file
from products.models import ImportRun

_ERRORS_SHOWN = 200
_READ_ALL = "products.view_importrun"


@admin.register(ImportRun)
class ImportRunAdmin(ModelAdmin):
    """Who may import a kind sees the imports of it, or their own; who may read them all, reads them.
    Nobody edits one: the pages are our own.
    """

    list_display = [
        "file_name",
        "kind_text",
        "state_text",
        "result_text",
        "created_at",
        "created_by",
    ]
    list_display_links = ["file_name"]
    list_filter = ["state"]
    list_select_related = ["created_by"]
    search_fields = ["file_name", "created_by__username"]
    actions = None

    # --- who may what -----------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        if request.user.has_perm(_READ_ALL):
            return True
        if obj is None:
            return bool(kinds_for(request.user))
        return self._may_act(request, obj)

    @staticmethod
    def _may_act(request: HttpRequest, obj: ImportRun) -> bool:
        """Whether somebody may start and cancel a run."""
        kind = find_kind(obj.kind)
        if kind is None or request.user.is_superuser:
            return bool(request.user.is_superuser)
        own = obj.created_by_id == request.user.pk
        return kind.allows(request.user) and (own or kind.shows_others(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(kinds_for(request.user))

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:  # noqa: ARG002
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        runs: QuerySet[ImportRun] = super().get_queryset(request)
        if request.user.has_perm(_READ_ALL):
            return runs
        kinds = kinds_for(request.user)
        of_all = [kind.key for kind in kinds if kind.shows_others(request.user)]
        own = Q(kind__in=[kind.key for kind in kinds], created_by=request.user)
        return runs.filter(own | Q(kind__in=of_all))

    # --- the list ---------------------------------------------------------------------------

    @admin.display(description=_("kind"), ordering="kind")
    def kind_text(self, run: ImportRun) -> Any:
        kind = find_kind(run.kind)
        return kind.label if kind else run.kind

    @display(
        description=_("state"),
        ordering="state",
        label={
            "checking": "info", "checked": "warning", "importing": "info", "done": "success",
            "refused": "danger", "cancelled": "default",
        },
    )  # fmt: skip
    def state_text(self, run: ImportRun) -> tuple[str, Any]:
        return run.state, run.get_state_display()

    @admin.display(description=_("result"))
    def result_text(self, run: ImportRun) -> Any:
        counts = run.counts or run.checked_counts
        if not counts:
            return "–"
        return _("%(created)d new, %(updated)d changed, %(unchanged)d same, %(failed)d errors") % {
            name: counts.get(name, 0) for name in ("created", "updated", "unchanged", "failed")
        }

    # --- the pages --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, function: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(route, wrapped, name=f"products_importrun_{name}")

        return [
            view("template/<slug:kind>.<slug:ending>", self.template_view, "template"),
            view("<int:pk>/status/", self.status_view, "status"),
            view("<int:pk>/start/", self.start_view, "start"),
            view("<int:pk>/cancel/", self.cancel_view, "cancel"),
            view("<int:pk>/errors.csv", self.errors_view, "errors"),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponseBase:
        kinds = kinds_for(request.user)
        if not kinds:
            raise PermissionDenied
        chosen = find_kind(request.GET.get("kind", ""))
        form = UploadForm(
            kinds,
            data=request.POST or None,
            files=request.FILES or None,
            initial={"kind": (chosen if chosen in kinds else kinds[0]).key},
        )
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            run = begin_import(
                kind=data["kind"], file=data["file"], photos=data.get("photos"), user=request.user
            )
            return HttpResponseRedirect(self._url(run))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import"),
            "opts": self.opts,
            "form": form,
            "kinds": kinds,
        }
        return TemplateResponse(request, "admin/imports/upload.html", context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *_a: Any, **_k: Any
    ) -> Any:
        """Django's own view of a row: here the page of a run."""
        run = self.get_object(request, str(object_id))
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        self._check(request, run)
        context = {
            **self.admin_site.each_context(request),
            "title": run.file_name,
            "opts": self.opts,
            **self._context(request, run),
        }
        return never_cache(TemplateResponse)(request, "admin/imports/run.html", context)

    @method_decorator(never_cache)
    def status_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The part of the page that changes, for htmx."""
        run = self._run(request, pk)
        return TemplateResponse(request, "admin/imports/_run.html", self._context(request, run))

    @method_decorator(require_POST)
    def start_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = self._run(request, pk, to_act=True)
        if not start_import(run_id=run.pk, user=request.user):
            messages.info(request, _("It had been started or cancelled before."))
        return HttpResponseRedirect(self._url(run))

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = self._run(request, pk, to_act=True)
        if not cancel_import(run_id=run.pk):
            messages.info(request, _("It is too late to cancel this import."))
        return HttpResponseRedirect(self._url(run))

    def errors_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = self._run(request, pk)
        response = StreamingHttpResponse(_error_lines(run), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-errors.csv"'
        return response

    def template_view(self, request: HttpRequest, kind: str, ending: str) -> HttpResponseBase:
        found = find_kind(kind)
        if found is None or not found.allows(request.user):
            raise Http404
        made = template_file(found, ending)
        if made is None:
            raise Http404
        content, content_type = made
        response = HttpResponse(content, content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="{kind}-template.{ending}"'
        return response

    def _context(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        errors = Paginator(run.reported(), _ERRORS_SHOWN).get_page(request.GET.get("page"))
        return {
            "run": run,
            "kind": find_kind(run.kind),
            "errors": errors,
            "counts": run.counts or run.checked_counts,
            "page_url": self._url(run),
            "may_act": self._may_act(request, run),
        }

    def _run(self, request: HttpRequest, pk: int, *, to_act: bool = False) -> ImportRun:
        run = ImportRun.objects.select_related("created_by", "started_by").filter(pk=pk).first()
        if run is None:
            raise Http404
        self._check(request, run)
        if to_act and not self._may_act(request, run):
            raise PermissionDenied
        return run

    def _check(self, request: HttpRequest, run: ImportRun) -> None:
        if not self.has_view_permission(request, run):
            raise PermissionDenied

    @staticmethod
    def _url(run: ImportRun) -> str:
        return reverse("admin:products_importrun_change", args=[run.pk])


def _error_lines(run: ImportRun) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(["line", "error"])
    yield "\ufeff"
    for error in run.reported().iterator(chunk_size=1000):
        writer.writerow([error.line, neutral(error.error)])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()
