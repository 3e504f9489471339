"""The catalogue check-up: what was found, photos side by side, and what to do about it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from products.merging import rehearse_merge
from products.models import Product
from recognition.admin.read_only import ReadOnlyAdmin
from recognition.findings import acting
from recognition.findings.cards import cards_of
from recognition.findings.checking import AlreadyChecking
from recognition.findings.queue import request_check
from recognition.findings.report import not_judged
from recognition.models import CatalogueCheck, Encoder, Finding

_PER_PAGE = 20
_DECIDE = "recognition.decide_finding"
_MERGE = "products.change_product"
_MOVE = "products.change_productimage"
Kind, State = Finding.Kind, Finding.State


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Not here; but whoever may delete a product deletes what was found of it."""
        match = request.resolver_match
        if match is not None and (match.url_name or "").startswith("recognition_"):
            return False
        return bool(request.user.has_perm("products.delete_product"))

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, function: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(route, wrapped, name=f"recognition_finding_{name}")

        return [
            view("check/", self.check_view, "check"),
            view("status/", self.status_view, "status"),
            view("<int:pk>/merge/", self.merge_view, "merge"),
            view("<int:pk>/move/", self.move_view, "move"),
            view("<int:pk>/decide/", self.decide_view, "decide"),
            *super().get_urls(),
        ]

    # --- looking ------------------------------------------------------------------------------

    @method_decorator(never_cache)
    def changelist_view(
        self,
        request: HttpRequest,
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponseBase:
        self.refuse_unless_visible(request)
        state = _choice(request.GET, "state", State.values, State.OPEN)
        counts = {
            (row["kind"], row["state"]): row["number"]
            for row in Finding.objects.order_by()
            .values("kind", "state")
            .annotate(number=Count("pk"))
        }
        first = next((kind for kind in Kind.values if counts.get((kind, state))), Kind.values[0])
        kind = _choice(request.GET, "kind", Kind.values, first)
        rows = (
            Finding.objects.filter(kind=kind, state=state)
            .select_related("product", "other", "decided_by")
            .order_by("-score", "pk")
        )
        page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self._page(request, _("Catalogue check-up")),
            "kinds": [
                _tab(value, label, counts.get((value, state), 0), kind, kind=value, state=state)
                for value, label in Kind.choices
            ],
            "states": [
                _tab(value, label, counts.get((kind, value), 0), state, kind=kind, state=value)
                for value, label in State.choices
            ],
            "kind": kind,
            "state": state,
            "page": page,
            "cards": cards_of(list(page)),
            "back": urlencode({"kind": kind, "state": state, "page": page.number}),
            **self._last(request),
        }
        return TemplateResponse(request, "admin/recognition/findings/list.html", context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *_a: Any, **_k: Any
    ) -> Any:
        """Django's own view of a row: here its card alone."""
        if object_id is None or request.method == "POST":  # nothing here is typed
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        finding = self._finding(row.pk)
        context = {
            **self._page(request, str(finding)),
            "cards": cards_of([finding]),
            "back": urlencode({"kind": finding.kind, "state": finding.state}),
        }
        return never_cache(TemplateResponse)(
            request, "admin/recognition/findings/one.html", context
        )

    @method_decorator(never_cache)
    def status_view(self, request: HttpRequest) -> HttpResponseBase:
        """The part of the page that changes while a check-up runs, for htmx."""
        self.refuse_unless_visible(request)
        context = self._last(request)
        answer = TemplateResponse(request, "admin/recognition/findings/_check.html", context)
        check = context["check"]
        if check is not None and not check.is_running:
            # What it found is on the page around.
            answer["HX-Refresh"] = "true"
        return answer

    def _last(self, request: HttpRequest) -> dict[str, Any]:
        check = CatalogueCheck.objects.select_related("created_by", "encoder").first()
        active = Encoder.objects.active()
        return {
            "check": check,
            "by_the_base": bool(check and active and active.base_id == check.encoder_id),
            "not_judged": not_judged(check) if check is not None else {},
            "may_decide": request.user.has_perm(_DECIDE),
        }

    def _page(self, request: HttpRequest, title: str) -> dict[str, Any]:
        user = request.user
        decide = user.has_perm(_DECIDE)
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "may_decide": decide,
            "may_merge": decide and user.has_perm(_MERGE),
            "may_move": decide and user.has_perm(_MOVE),
        }

    # --- acting -------------------------------------------------------------------------------

    @method_decorator(require_POST)
    def check_view(self, request: HttpRequest) -> HttpResponseBase:
        _require(request, _DECIDE)
        encoder = Encoder.objects.active()
        if encoder is None:
            messages.error(request, _("No encoder is active yet; see Encoders."))
            return HttpResponseRedirect(_list_url(request))
        try:
            request_check(encoder=encoder, by=request.user)
        except AlreadyChecking as error:
            messages.info(request, str(error))
        return HttpResponseRedirect(_list_url(request))

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Takes `decision`: dismiss, accept (look-alikes) or reopen."""
        _require(request, _DECIDE)
        finding = self._finding(pk)
        steps: dict[str, tuple[Callable[[], Any], str]] = {
            "dismiss": (
                lambda: acting.dismiss(finding=finding, by=request.user),
                _("Dismissed; it comes again only if its photos change."),
            ),
            "accept": (
                lambda: acting.accept_lookalikes(finding=finding, by=request.user),
                _("Remembered: the barcode tells these two apart."),
            ),
            "reopen": (lambda: acting.reopen(finding=finding), _("Open again.")),
        }
        decision = request.POST.get("decision", "")
        if decision not in steps:
            raise Http404
        step, done = steps[decision]
        return self._try(request, step, done)

    @method_decorator(require_POST)
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Takes `sku` of the product that the photo goes to; empty: the proposed one."""
        _require(request, _DECIDE, _MOVE)
        finding = self._finding(pk)
        sku = request.POST.get("sku", "").strip()
        to = Product.objects.filter(sku=sku).first() if sku else finding.other
        if to is None:
            messages.error(request, _("There is no product with the SKU “%(sku)s”.") % {"sku": sku})
            return HttpResponseRedirect(_list_url(request))
        return self._try(
            request,
            lambda: acting.move_misplaced(finding=finding, to=to, by=request.user),
            _("The photo is now the last one of %(product)s.") % {"product": to},
        )

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Shows what a merge would do, and does it. Takes `keep`, the id of the product that stays."""
        _require(request, _DECIDE, _MERGE)
        finding = self._finding(pk)
        if finding.kind not in {Kind.DUPLICATE, Kind.INSEPARABLE} or finding.other is None:
            raise Http404
        pair = {str(each.pk): each for each in (finding.product, finding.other)}
        if request.method == "POST":
            keep = pair.get(request.POST.get("keep", ""))
            if keep is None:
                messages.error(request, _("Choose which of the two products stays."))
                return HttpResponseRedirect(request.path)
            stays: Product = keep
            return self._try(
                request,
                lambda: acting.merge_duplicates(finding=finding, keep=stays, by=request.user),
                _("Merged: photos and stock are now those of %(product)s.") % {"product": keep},
            )
        choices = []
        for keep in pair.values():
            product = next(each for each in pair.values() if each != keep)
            choices.append({"keep": keep, "refusal": _rehearse(product, keep, request.user)})
        context = {
            **self._page(request, _("Merge two entries of one product")),
            "cards": cards_of([finding]),
            "choices": choices,
            "possible": finding.state == State.OPEN
            and any(not each["refusal"] for each in choices),
            "back": urlencode({"kind": finding.kind, "state": finding.state}),
        }
        return TemplateResponse(request, "admin/recognition/findings/merge.html", context)

    def _try(self, request: HttpRequest, step: Callable[[], Any], done: str) -> HttpResponseBase:
        try:
            step()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, done)
        return HttpResponseRedirect(_list_url(request))

    def _finding(self, pk: int) -> Finding:
        rows = Finding.objects.select_related("product", "other", "decided_by")
        finding = rows.filter(pk=pk).first()
        if finding is None:
            raise Http404
        return finding


def _require(request: HttpRequest, *permissions: str) -> None:
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def _rehearse(product: Product, keep: Product, actor: Any) -> str:
    try:
        rehearse_merge(product=product, into=keep, actor=actor)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _choice(values: QueryDict, name: str, among: list[str], default: str) -> str:
    value = values.get(name, "")
    return value if value in among else default


def _tab(value: str, label: Any, number: int, chosen: str, **query: str) -> dict[str, Any]:
    return {
        "label": label,
        "number": number,
        "chosen": value == chosen,
        "url": f"?{urlencode(query)}",
    }


def _list_url(request: HttpRequest) -> str:
    """The list as the form left it; only what the list itself knows is taken over."""
    wanted = QueryDict(request.POST.get("back", "")[:200])
    query = {name: value for name in ("kind", "state", "page") if (value := wanted.get(name, ""))}
    address = reverse("admin:recognition_finding_changelist")
    return f"{address}?{urlencode(query)}" if query else address
