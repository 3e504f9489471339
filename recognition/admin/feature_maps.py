"""The feature map: photos or products on a plane, looked at, asked with a photo, built anew."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import display

from recognition.admin.feature_map_texts import page_texts
from recognition.admin.read_only import ReadOnlyAdmin
from recognition.encoders import Busy, EncoderError
from recognition.feature_map_queue import request_map
from recognition.feature_map_view import CannotPlace, in_stock, place_photo, view_data
from recognition.feature_map_words import (
    adapter_line,
    plain_number,
    quality_rows,
    stage_text,
    summary,
)
from recognition.feature_maps import (
    LEAST_PERPLEXITY,
    MOST_PERPLEXITY,
    MOST_POINTS,
    PERPLEXITY,
    SEED,
    AlreadyBuilding,
    newest_map,
)
from recognition.models import Encoder, FeatureMap
from recognition.query_photos import read_upload
from stores.policy import stores_with_stock
from stores.refusals import NotAllowed

_BUILD = "recognition.build_featuremap"
_PAGE = "admin/recognition/map/page.html"


class BuildForm(forms.Form):
    """What a map is to be of, and how."""

    subject = forms.ChoiceField(label=gettext_lazy("Of"), choices=FeatureMap.Subject.choices)
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=FeatureMap.Method.choices)
    perplexity = forms.FloatField(
        label=gettext_lazy("Perplexity"),
        initial=int(PERPLEXITY),
        min_value=LEAST_PERPLEXITY,
        max_value=MOST_PERPLEXITY,
        step_size=1,
        help_text=gettext_lazy("About how many neighbours count. Small sets take less by themselves."),
    )  # fmt: skip
    limit = forms.IntegerField(
        label=gettext_lazy("Most points"), initial=MOST_POINTS, min_value=1, max_value=MOST_POINTS
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"), initial=SEED, min_value=0, max_value=2**31 - 1
    )


@admin.register(FeatureMap)
class FeatureMapAdmin(ReadOnlyAdmin):
    list_display = [
        "number", "created_at", "state_text", "subject", "method_text", "points_text",
        "trust_text", "kl_text", "encoder", "created_by",
    ]  # fmt: skip
    list_display_links = ["number", "created_at"]
    list_filter = ["state", "subject", "encoder"]
    list_select_related = ["encoder", "created_by"]
    search_fields = ["encoder__key", "created_by__username"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("recognition.delete_featuremap")

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Back to the list, though nobody may change a map."""
        super().response_delete(request, obj_display, obj_id)
        return HttpResponseRedirect(reverse("admin:recognition_featuremap_changelist"))

    # --- the list ---------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("points")

    @admin.display(description=gettext_lazy("map"), ordering="pk")
    def number(self, feature_map: FeatureMap) -> str:
        return f"#{feature_map.pk}"

    @display(
        description=gettext_lazy("state"),
        ordering="state",
        label={"running": "info", "done": "success", "failed": "danger"},
    )
    def state_text(self, feature_map: FeatureMap) -> tuple[str, Any]:
        return feature_map.state, feature_map.get_state_display()

    @admin.display(description=gettext_lazy("method"), ordering="method")
    def method_text(self, feature_map: FeatureMap) -> str:
        used = feature_map.parameters.get("used", {})
        perplexity = used.get("perplexity") or feature_map.parameters.get("perplexity")
        text = str(feature_map.get_method_display())
        if feature_map.method == FeatureMap.Method.TSNE and perplexity:
            text += f", {_('perplexity')} {plain_number(perplexity)}"
        return f"{text}, {_('seed')} {feature_map.seed}"

    @admin.display(description=gettext_lazy("points"))
    def points_text(self, feature_map: FeatureMap) -> str:
        number = feature_map.sample.get("points")
        return "–" if number is None else str(number_format(number))

    @admin.display(description=gettext_lazy("trustworthiness"))
    def trust_text(self, feature_map: FeatureMap) -> str:
        return _figure(feature_map, "trustworthiness")

    @admin.display(description=gettext_lazy("KL divergence"))
    def kl_text(self, feature_map: FeatureMap) -> str:
        return _figure(feature_map, "kl_divergence")

    # --- the pages --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, function: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(route, wrapped, name=f"recognition_featuremap_{name}")

        return [
            view("newest/", self.newest_view, "newest"),
            view("status/", self.status_view, "status"),
            view("build/", self.build_view, "build"),
            view("<int:pk>/data/", self.data_view, "data"),
            view("<int:pk>/stock/", self.stock_view, "stock"),
            view("<int:pk>/place/", self.place_view, "place"),
            view("<int:pk>/map.png", self.png_view, "png"),
            *super().get_urls(),
        ]

    @method_decorator(never_cache)
    def newest_view(self, request: HttpRequest) -> HttpResponseBase:
        """The page of the sidebar: the last map that was finished."""
        self.refuse_unless_visible(request)
        encoder = Encoder.objects.active()
        context = {
            **self._context(request, newest_map(encoder)),
            **_running(),
            "encoder": encoder,
            "is_newest": True,
            "form": BuildForm(),
        }
        return TemplateResponse(request, _PAGE, context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *_a: Any, **_k: Any
    ) -> Any:
        """Django's own view of a row: here the page of a map."""
        if object_id is None or request.method != "GET":
            raise PermissionDenied
        found = self.get_object(request, str(object_id))
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        self.refuse_unless_visible(request)
        context = self._context(request, found)
        if found.is_running:
            context["running"], context["stage"] = found, stage_text(found)
        return never_cache(TemplateResponse)(request, _PAGE, context)

    @method_decorator(never_cache)
    @method_decorator(require_GET)
    def status_view(self, request: HttpRequest) -> HttpResponseBase:
        """How far a map has come, for htmx; the whole page again once none is built."""
        self.refuse_unless_visible(request)
        context = _running()
        if context["running"] is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "admin/recognition/map/_status.html", context)

    @method_decorator(require_POST)
    def build_view(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.has_perm(_BUILD):
            raise PermissionDenied
        form = BuildForm(request.POST)
        encoder = Encoder.objects.active()
        if encoder is None:
            messages.error(request, _("No encoder is active yet: start a worker, or run embed."))
        elif not form.is_valid():
            for name, errors in form.errors.items():
                text = " ".join(str(error) for error in errors)
                messages.error(request, f"{form.fields[name].label}: {text}")
        else:
            try:
                request_map(encoder=encoder, by=request.user, **form.cleaned_data)
            except AlreadyBuilding as error:
                messages.info(request, str(error))
        return HttpResponseRedirect(reverse("admin:recognition_featuremap_newest"))

    # --- what the page asks for --------------------------------------------------------------

    @method_decorator(never_cache)
    @method_decorator(gzip_page)
    @method_decorator(require_GET)
    def data_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return JsonResponse(view_data(self._finished(request, pk)))

    @method_decorator(never_cache)
    @method_decorator(gzip_page)
    @method_decorator(require_GET)
    def stock_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Which products are in stock; `store`: the code of one store, else any that they see."""
        self._finished(request, pk)
        try:
            stores = stores_with_stock(request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        code = request.GET.get("store", "")
        store = stores.filter(code=code).first() if code else None
        if code and store is None:
            raise Http404
        return JsonResponse({"products": in_stock(stores, store)})

    @method_decorator(require_POST)
    def place_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Takes `photo`; says about where on the map it lies. Nothing is kept of it."""
        feature_map = self._finished(request, pk)
        upload = request.FILES.get("photo")
        if upload is None:
            return _refused(_("Choose a photo."), 400)
        try:
            return JsonResponse(place_photo(feature_map=feature_map, photo=read_upload(upload)))
        except ValidationError as error:
            return _refused(error.messages[0], 400)
        except CannotPlace as error:
            return _refused(_WHY_NOT[str(error)], 409)
        except Busy:
            return _refused(_("Many photos are being looked at just now. Try again soon."), 503)
        except EncoderError as error:
            return _refused(str(error), 503)

    @method_decorator(require_GET)
    def png_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Takes `by`: one of COLOURED_BY."""
        # Imported here: matplotlib takes a second to load.
        from recognition.feature_map_drawing import COLOURED_BY, draw_map  # noqa: PLC0415

        feature_map = self._finished(request, pk)
        by = request.GET.get("by", "")
        drawn = draw_map(feature_map, by if by in COLOURED_BY else COLOURED_BY[0])
        response = HttpResponse(drawn, content_type="image/png")
        response["Content-Disposition"] = f'inline; filename="feature-map-{pk}.png"'
        return response

    # --- small ------------------------------------------------------------------------------

    def _finished(self, request: HttpRequest, pk: int) -> FeatureMap:
        self.refuse_unless_visible(request)
        done = FeatureMap.objects.filter(state=FeatureMap.State.DONE)
        feature_map = done.select_related("encoder").filter(pk=pk).first()
        if feature_map is None:
            raise Http404
        return feature_map

    def _context(self, request: HttpRequest, shown: FeatureMap | None) -> dict[str, Any]:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Feature map"),
            "opts": self.opts,
            "map": shown,
            "may_build": request.user.has_perm(_BUILD),
            "may_delete": self.has_delete_permission(request),
        }
        if shown is None or shown.state != FeatureMap.State.DONE:
            return context
        try:
            stores = list(stores_with_stock(request.user).values("code", "name"))
        except NotAllowed:
            stores = []
        return {
            **context,
            "is_done": True,
            "summary": summary(shown),
            "quality": quality_rows(shown),
            "adapter_line": adapter_line(shown),
            "stores": stores,
            "is_retired": shown.encoder.state == Encoder.State.RETIRED,
            "of_photos": shown.subject == FeatureMap.Subject.PHOTOS,
            "settings": {
                "data": _url("data", shown),
                "stock": _url("stock", shown),
                "place": _url("place", shown),
                "png": _url("png", shown),
                # 0 stands for the id, which the script puts in.
                "product": reverse("admin:products_product_change", args=[0]),
                "thumbnail": reverse("admin:products_productimage_thumbnail", args=[0, "small"]),
                "texts": page_texts(),
            },
        }


_WHY_NOT: dict[str, Any] = {
    "retired": gettext_lazy(
        "The encoder of this map is retired and sees no more photos. Build a new map."
    ),
    "nothing": gettext_lazy("Nothing on this map can be compared with the photo any more."),
}


def _url(name: str, feature_map: FeatureMap) -> str:
    return reverse(f"admin:recognition_featuremap_{name}", args=[feature_map.pk])


def _running() -> dict[str, Any]:
    """What is being built; and why the last try failed, if nothing came after it."""
    last = FeatureMap.objects.defer("points").first()
    running = FeatureMap.objects.defer("points").filter(state=FeatureMap.State.RUNNING).first()
    return {
        "running": running,
        "stage": stage_text(running) if running else "",
        "failed": last if last and last.state == FeatureMap.State.FAILED else None,
    }


def _figure(feature_map: FeatureMap, name: str) -> str:
    value = feature_map.quality.get(name)
    return "–" if value is None else str(number_format(value, 3))


def _refused(text: Any, status: int) -> JsonResponse:
    return JsonResponse({"error": str(text)}, status=status)
