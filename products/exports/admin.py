"""Export in the product list: the chosen rows, what the filters show, or all."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX, Format
from unfold.contrib.import_export.forms import ExportForm

from products.exports.resource import ProductResource
from products.exports.writers import (
    CatalogueExport,
    csv_lines,
    xlsx_file,
    zip_chunks,
)
from products.ids import row_id
from products.imports.kinds import kinds_for
from products.models import Product

# The parameter of the export page that names chosen products; the list shows at most 200 at once.
CHOSEN = "chosen"


class CsvFile(CSV):
    def get_title(self) -> Any:
        return _("CSV")


class Spreadsheet(XLSX):
    def get_title(self) -> Any:
        return _("XLSX (spreadsheet)")


class WithPhotos(Format):
    def get_title(self) -> Any:
        return _("ZIP (CSV and photos)")

    def get_extension(self) -> str:
        return "zip"

    def get_content_type(self) -> str:
        return "application/zip"

    def can_export(self) -> bool:
        return True


class ExportProductsMixin(ExportMixin):
    """django-import-export's page and forms; the file is streamed by our own writers."""

    resource_classes = [ProductResource]
    export_form_class = ExportForm
    export_formats = [CsvFile, Spreadsheet, WithPhotos]
    export_template_name = "admin/imports/export.html"
    # Extends whatever template the list has.
    import_export_change_list_template = "admin/imports/product_list.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"has_import_permission": bool(kinds_for(request.user)), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        chosen = request.GET.get(CHOSEN)
        if chosen is None:
            try:
                found: QuerySet[Product] = super().get_export_queryset(request)
            except IncorrectLookupParameters as error:
                # The list would leave the filter out; a file of everything may go to a partner.
                raise BadRequest(str(error)) from error
            return found
        ids = [pk for text in chosen.split(",") if (pk := row_id(text)) is not None]
        everything: QuerySet[Product] = self.get_queryset(request)
        return everything.filter(pk__in=ids)

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().init_request_context_data(request, form)
        context["title"] = _("Export products")
        context["number"] = _ids(self.get_export_queryset(request)).count()
        context["is_all"] = not request.GET
        context["is_chosen"] = CHOSEN in request.GET
        context["columns"] = ", ".join([*ProductResource.Meta.fields, "attribute:NAME"])
        context["export_url"] = request.get_full_path()
        return context

    def get_export_filename(self, request: Any, queryset: Any, file_format: Any) -> str:  # noqa: ARG002
        day = timezone.localdate().isoformat()
        return f"products-{day}.{file_format.get_extension()}"

    def _do_file_export(
        self,
        file_format: Any,
        request: HttpRequest,
        queryset: Any,
        export_form: Any = None,  # noqa: ARG002
    ) -> Any:
        ids = list(_ids(queryset).order_by("name", "sku").values_list("pk", flat=True))
        export = CatalogueExport(ids)
        response: HttpResponse | StreamingHttpResponse | FileResponse
        if isinstance(file_format, Spreadsheet):
            response = FileResponse(xlsx_file(export))
        elif isinstance(file_format, WithPhotos):
            response = StreamingHttpResponse(zip_chunks(export))
        else:
            response = StreamingHttpResponse(csv_lines(export))
        content_type = file_format.get_content_type()
        response["Content-Type"] = (
            f"{content_type}; charset=utf-8" if isinstance(file_format, CsvFile) else content_type
        )
        name = self.get_export_filename(request, queryset, file_format)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @admin.action(description=_("Export chosen products"), permissions=["view"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        """To the export page: with the filters where all that they show is chosen, else by id."""
        if request.POST.get("select_across") == "1":
            query = QueryDict(request.META.get("QUERY_STRING", "")).urlencode()
        else:
            chosen = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
            query = urlencode({CHOSEN: chosen})
        url = reverse("admin:products_product_export")
        return HttpResponseRedirect(f"{url}?{query}" if query else url)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        if self.has_export_permission(request):
            actions["export_chosen"] = (
                type(self).export_chosen, "export_chosen", _("Export chosen products"),
            )  # fmt: skip
        return actions


def _ids(products: QuerySet[Product]) -> QuerySet[Product]:
    """The same products without what the list needs beside them."""
    return Product.objects.filter(pk__in=products.order_by().values("pk"))
