"""Encoders in the admin: how far each has come, and changing the one that answers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Count, Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from unfold.decorators import display

from recognition.admin.encoder_texts import ACTIONS, figure_rows, former_key, shown_changes
from recognition.admin.read_only import ReadOnlyAdmin
from recognition.encoders import EncoderError
from recognition.models import Encoder, EncoderActivation, EncoderRehearsal, ImageEmbedding
from recognition.switching.activating import (
    CannotActivate,
    activate,
    last_activation,
    loses_thresholds,
    roll_back,
)
from recognition.switching.adding import add_encoder
from recognition.switching.readiness import readiness
from recognition.switching.rehearsal_queue import request_rehearsal
from recognition.switching.rehearsing import CannotRehearse
from recognition.switching.retirement_queue import request_retirement
from recognition.switching.retiring import CannotRetire
from recognition.switching.thresholds import comes_with_thresholds, no_thresholds_text

_SWITCH = "recognition.switch_encoder"
_FOLDER = "admin/recognition/encoders"
_LIST = "admin:recognition_encoder_changelist"
# The last one is the database's own, where somebody was quicker by less than our own look takes.
_REFUSALS = (EncoderError, CannotActivate, CannotRehearse, CannotRetire, DatabaseError)


class AddForm(forms.Form):
    """Which encoder is to be added."""

    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=200,
        help_text=gettext_lazy(
            "library:architecture:weights, with views if wanted, as in "
            "open_clip:ViT-B-32:laion2b_s34b_b79k:whole+centre+tight. Adapters are made by "
            "manage.py encoder tune."
        ),
    )


@admin.register(Encoder)
class EncoderAdmin(ReadOnlyAdmin):
    # What is long or seldom asked for stands on the encoder's own page.
    list_display = [
        "key_text",
        "state_text",
        "scoring",
        "ready",
        "pending",
        "failed",
        "activated_at",
    ]
    list_display_links = ["key_text"]
    change_list_template = f"{_FOLDER}/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Encoder]:
        counts = {
            f"photos_{state}": Count("embeddings", filter=Q(embeddings__state=state))
            for state in ImageEmbedding.State.values
        }
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description=gettext_lazy("key"), ordering="key")
    def key_text(self, encoder: Encoder) -> str:
        fallback = _("a fallback") if encoder.fallback_reason else ""
        return format_html(
            '<code class="break-all whitespace-normal">{}</code>{}',
            encoder.key,
            format_html("<br><small>{}</small>", fallback) if fallback else "",
        )

    @display(
        description=gettext_lazy("state"),
        ordering="state",
        label={"active": "success", "building": "info", "standby": "warning", "retired": "danger"},
    )
    def state_text(self, encoder: Encoder) -> tuple[str, Any]:
        return encoder.state, encoder.get_state_display()

    @admin.display(description=gettext_lazy("ready"))
    def ready(self, encoder: Any) -> int:
        return int(encoder.photos_ready)

    @admin.display(description=gettext_lazy("waiting"))
    def pending(self, encoder: Any) -> int:
        return int(encoder.photos_pending)

    @admin.display(description=gettext_lazy("failed"))
    def failed(self, encoder: Any) -> int:
        return int(encoder.photos_failed)

    # --- the pages --------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, function: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(function)
            return path(route, wrapped, name=f"recognition_encoder_{name}")

        return [
            view("add-encoder/", self.add_encoder_view, "begin"),
            view("roll-back/", self.roll_back_view, "rollback"),
            view("<int:pk>/status/", self.status_view, "status"),
            view("<int:pk>/switch/<slug:action>/", self.action_view, "act"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        context = {
            "may_switch": self._may_switch(request),
            "activations": EncoderActivation.objects.select_related("encoder", "by")[:10],
            "former": former_key(last_activation()),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, *_a: Any, **_k: Any
    ) -> Any:
        """Django's own view of a row: here the page of an encoder."""
        if object_id is None or request.method == "POST":  # nobody writes one by hand
            raise PermissionDenied
        encoder = self.get_object(request, str(object_id))
        if encoder is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        self.refuse_unless_visible(request)
        rehearsal = encoder.rehearsals.select_related("present", "created_by").first()
        context = {
            **self._context(request, encoder),
            "rehearsal": rehearsal,
            "figures": figure_rows(rehearsal),
            "changes": shown_changes(rehearsal),
            "activations": encoder.activations.select_related("encoder", "by")[:10],
            "origin": encoder.origin,
        }
        return never_cache(TemplateResponse)(request, f"{_FOLDER}/page.html", context)

    @method_decorator(never_cache)
    @method_decorator(require_GET)
    def status_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """How far an encoder has come, for htmx; the whole page again once nothing moves."""
        self.refuse_unless_visible(request)
        context = self._context(request, self._encoder(request, pk))
        if not context["moving"]:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, f"{_FOLDER}/_status.html", context)

    def add_encoder_view(self, request: HttpRequest) -> HttpResponseBase:
        self._refuse_unless_may_switch(request)
        form = AddForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                encoder = add_encoder(form.cleaned_data["key"].strip())
            except (EncoderError, DatabaseError) as error:
                form.add_error("key", _sentence(error))
            else:
                return HttpResponseRedirect(_page_of(encoder))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "form": form,
            "title": _("Add an encoder"),
        }  # fmt: skip
        return TemplateResponse(request, f"{_FOLDER}/add.html", context)

    def action_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponseBase:
        """Asked first by a page that says what will happen, done by its button."""
        if action not in ACTIONS:
            raise Http404
        self._refuse_unless_may_switch(request)
        encoder = self._encoder(request, pk)
        if request.method == "POST":
            self._act(request, encoder, action)
            return HttpResponseRedirect(_page_of(encoder))
        context = {
            **self._context(request, encoder), "question": ACTIONS[action], "action": action,
            "about": encoder.key, "title": ACTIONS[action].title,
        }  # fmt: skip
        if action == "activate":
            context |= _thresholds_context(encoder)
        return TemplateResponse(request, f"{_FOLDER}/confirm.html", context)

    def roll_back_view(self, request: HttpRequest) -> HttpResponseBase:
        self._refuse_unless_may_switch(request)
        if request.method == "POST":
            try:
                activation = roll_back(by=request.user)
                messages.success(
                    request, _("%(key)s answers again.") % {"key": activation.encoder.key}
                )
            except _REFUSALS as error:
                messages.error(request, _sentence(error))
            return HttpResponseRedirect(reverse(_LIST))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "question": ACTIONS["rollback"], "action": "rollback",
            "about": former_key(last_activation()), "title": ACTIONS["rollback"].title,
        }  # fmt: skip
        return TemplateResponse(request, f"{_FOLDER}/confirm.html", context)

    # --- what they do -----------------------------------------------------------------------

    def _act(self, request: HttpRequest, encoder: Encoder, action: str) -> None:
        try:
            if action == "rehearse":
                request_rehearsal(encoder=encoder, by=request.user)
                messages.success(request, _("The rehearsal was begun; a worker does it."))
            elif action == "activate":
                activate(
                    encoder, by=request.user, force=bool(request.POST.get("force")),
                    without_thresholds=bool(request.POST.get("without_thresholds")),
                )  # fmt: skip
                messages.success(request, _("%(key)s answers from now on.") % {"key": encoder.key})
            elif action == "retire":
                request_retirement(encoder=encoder)
                messages.success(request, _("Retired; a worker removes its vectors and its index."))
            else:
                add_encoder(encoder.key)
                messages.success(request, _("Added again; workers make its vectors."))
        except _REFUSALS as error:
            messages.error(request, _sentence(error))

    def _context(self, request: HttpRequest, encoder: Encoder) -> dict[str, Any]:
        state = readiness(encoder, Encoder.objects.active())
        running = encoder.rehearsals.filter(state=EncoderRehearsal.State.RUNNING).first()
        in_use = encoder.state != Encoder.State.RETIRED
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": encoder.key,
            "encoder": encoder,
            "readiness": state,
            "can_be_activated": state.complete
            and encoder.state
            not in (
                Encoder.State.ACTIVE,
                Encoder.State.RETIRED,
            ),
            "percent": 100 * state.ready // state.findable if state.findable else 100,
            "rehearsing": running,
            "moving": bool(in_use and state.waiting) or running is not None,
            "may_switch": self._may_switch(request),
            "back": _page_of(encoder),
        }

    def _encoder(self, request: HttpRequest, pk: int) -> Encoder:
        encoder = self.get_object(request, str(pk))
        if encoder is None:
            raise Http404
        return encoder

    def _may_switch(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(_SWITCH))

    def _refuse_unless_may_switch(self, request: HttpRequest) -> None:
        self.refuse_unless_visible(request)
        if not self._may_switch(request):
            raise PermissionDenied


def _sentence(error: Exception) -> str:
    if not isinstance(error, DatabaseError):
        return str(error)
    if "pgtrigger" not in str(error):
        raise error
    return _("Somebody changed these encoders at the same moment. Look again.")


def _thresholds_context(encoder: Encoder) -> dict[str, Any]:
    """What becomes of verdicts if it is activated."""
    comes = comes_with_thresholds(encoder)
    return {
        "comes_with_thresholds": comes,
        "no_thresholds": "" if comes else no_thresholds_text(),
        "loses_thresholds": loses_thresholds(encoder, encoder.scoring, Encoder.objects.active()),
    }


def _page_of(encoder: Encoder) -> str:
    return reverse("admin:recognition_encoder_change", args=[encoder.pk])
