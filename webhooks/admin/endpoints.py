"""Endpoints: made, tried, switched off and on, given a new secret."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from webhooks.admin.pages import NoOracle, admin_page, ask
from webhooks.endpoints import (
    check_events,
    check_number,
    check_url,
    delete_endpoints,
    rotate_secret,
    send_test,
    switch_off,
    switch_on,
)
from webhooks.event_types import SUBSCRIBABLE
from webhooks.models import WebhookDelivery, WebhookEndpoint

_LAST_CHARACTERS = 4
# In the session: whose secret may be shown once. The secret itself stays in its row.
_SHOW = "webhook_secret_to_show"


class EndpointForm(forms.ModelForm):
    """`owner` is given by the admin: the account that the endpoint belongs to, where it is known."""

    owner_known: Any = None

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=SUBSCRIBABLE,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["owner", "url", "description", "events"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url != self.instance.url:
            check_url(url)
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        owner = data.get("owner") or self.owner_known
        if owner is None:
            return data
        try:
            check_events(owner, data.get("events", []))
        except ValidationError as error:
            self.add_error("events", error)
        if self.instance.pk is None:
            check_number(owner)
        return data


class EndpointChangeList(ChangeList):
    """A list whose page knows how much waits for each endpoint, by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        waiting = (
            WebhookDelivery.objects.filter(
                endpoint__in=[each.pk for each in self.result_list],
                state=WebhookDelivery.State.PENDING,
            )
            .order_by()
            .values_list("endpoint")
            .annotate(n=Count("id"))
        )
        counts = dict(waiting)
        for endpoint in self.result_list:
            endpoint.waiting = counts.get(endpoint.pk, 0)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(NoOracle, ModelAdmin):
    """Superusers manage all; who has the permissions and is none, their own: an endpoint is told
    what its owner may see, so nobody makes one that is told more than they may see themselves.
    """

    form = EndpointForm
    list_display = [
        "name", "url", "owner", "event_names", "state_badge", "number_waiting", "created_at",
    ]  # fmt: skip
    list_filter = ["is_active"]
    list_select_related = ["owner"]
    list_per_page = 50
    search_fields = ["url", "description", "owner__username"]
    autocomplete_fields = ["owner"]
    actions_detail = ["test", "rotate", "turn_off", "turn_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        queryset: Any = super().get_queryset(request)
        return queryset.of(request.user)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        return EndpointChangeList

    # --- what is on the form ------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            chosen = ["owner"] if request.user.is_superuser else []
            return [*chosen, "url", "description", "events"]
        return [
            "owner", "url", "description", "events", "state_text", "secret_end", "created_at",
            "failures",
        ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        own = ["state_text", "secret_end", "created_at", "failures"]
        # Another owner may see other things; a new endpoint is the clean way.
        return own if obj is None else ["owner", *own]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            form.owner_known = obj.owner
        elif not request.user.is_superuser:
            form.owner_known = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and not request.user.is_superuser:
            obj.owner = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, *_a: Any, **_k: Any) -> HttpResponse:
        return self._show_secret_once(request, obj)

    # --- deleting -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counted: an endpoint's log has thousands of rows, which nobody would read."""
        endpoints = list(objs)
        number = WebhookDelivery.objects.filter(endpoint__in=[e.pk for e in endpoints]).count()
        log = ngettext("%(n)d delivery of its log", "%(n)d deliveries of its log", number)
        lost = [*map(str, endpoints), *([log % {"n": number}] if number else [])]
        counts = {self.opts.verbose_name_plural: len(endpoints)}
        missing = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return lost, counts, missing, []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:  # noqa: ARG002
        delete_endpoints([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:  # noqa: ARG002
        delete_endpoints(queryset.values_list("pk", flat=True))

    # --- what the list shows ------------------------------------------------------------------

    @display(description=_("name"), ordering="description")
    def name(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @display(description=_("events"))
    def event_names(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events)

    @display(
        description=_("state"),
        ordering="is_active",
        label={"on": "success", "failing": "warning", "off": "danger"},
    )
    def state_badge(self, endpoint: WebhookEndpoint) -> tuple[str, Any]:
        if not endpoint.is_active:
            return "off", gettext("off")
        return ("failing", gettext("failing")) if endpoint.failing_since else ("on", gettext("on"))

    @display(description=_("waiting"))
    def number_waiting(self, endpoint: Any) -> int:
        return int(endpoint.waiting)

    @display(description=_("state"))
    def state_text(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.is_active:
            return gettext("on")
        return gettext("off since %(time)s: %(reason)s") % {
            "time": _moment(endpoint.switched_off_at),
            "reason": endpoint.switched_off_reason,
        }

    @display(description=_("secret"))
    def secret_end(self, endpoint: WebhookEndpoint) -> str:
        return f"whsec_…{endpoint.secret[-_LAST_CHARACTERS:]}"

    @display(description=_("failures in a row"))
    def failures(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.failing_since is None:
            return "0"
        return gettext("%(number)d since %(time)s") % {
            "number": endpoint.consecutive_failures,
            "time": _moment(endpoint.failing_since),
        }

    # --- pages of our own ---------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.secret_view)
        name = "webhooks_webhookendpoint_secret"
        return [path("<int:pk>/secret/", page, name=name), *super().get_urls()]

    @method_decorator(never_cache)
    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Once after it was made, for whoever made it: they may be one who may change none."""
        has_made_it = self.has_add_permission(request) and request.session.get(_SHOW) == pk
        if not (has_made_it or self.has_change_permission(request)):
            raise PermissionDenied
        endpoint = self.get_object(request, str(pk))
        if endpoint is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if request.session.pop(_SHOW, None) != pk:
            messages.info(
                request, gettext("A secret is shown once. Make a new one if it was lost.")
            )
            return HttpResponseRedirect(_page_of(endpoint))
        former = endpoint.previous_secret_until
        return admin_page(
            request,
            self,
            "secret.html",
            title=gettext("The new secret"),
            endpoint=endpoint,
            former_until=_moment(former) if former else "",
            back_url=(
                _page_of(endpoint)
                if self.has_view_permission(request)
                else reverse(f"{self.admin_site.name}:index")
            ),
        )

    def _show_secret_once(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        request.session[_SHOW] = endpoint.pk
        return HttpResponseRedirect(
            reverse("admin:webhooks_webhookendpoint_secret", args=[endpoint.pk])
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what would do something."""
        endpoint = self.get_object(request, str(object_id))
        is_on = endpoint is None or endpoint.is_active
        idle = {"turn_on"} if is_on else {"turn_off", "test"}
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if each.method.original_function_name not in idle
        ]

    @action(description=_("Send a test"), url_path="test", icon="send", permissions=["change"])
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def do(endpoint: WebhookEndpoint) -> HttpResponse:
            delivery = send_test(endpoint=endpoint, by=request.user)
            messages.success(
                request, gettext("The test is on its way; this page says how it went.")
            )
            return HttpResponseRedirect(
                reverse("admin:webhooks_webhookdelivery_change", args=[delivery.pk])
                if request.user.has_perm("webhooks.view_webhookdelivery")
                else _page_of(endpoint)
            )

        return self._asked(
            request, object_id, do,
            title=gettext("Send a test to %(endpoint)s"),
            help=gettext("It is sent a webhook.test, whatever events it wants else."),
            submit_text=gettext("Send"),
        )  # fmt: skip

    @action(description=_("New secret"), url_path="rotate", icon="key", permissions=["change"])
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._asked(
            request, object_id,
            lambda endpoint: self._show_secret_once(request, rotate_secret(endpoint=endpoint)),
            title=gettext("A new secret for %(endpoint)s"),
            help=gettext("For a day messages are signed by the present one too, so that the receiver can change over."),
            submit_text=gettext("Make a new secret"),
        )  # fmt: skip

    @action(
        description=_("Switch off"), url_path="off", icon="block",
        variant=ActionVariant.WARNING, permissions=["change"],
    )  # fmt: skip
    def turn_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def do(endpoint: WebhookEndpoint) -> HttpResponse:
            by = gettext("Switched off by %(user)s.") % {"user": request.user}
            switch_off(endpoint=endpoint, reason=by)
            return HttpResponseRedirect(_page_of(endpoint))

        return self._asked(
            request, object_id, do,
            title=gettext("Switch off %(endpoint)s"),
            help=gettext("It is told nothing of what happens meanwhile. What waits for it is sent once it is on again."),
            submit_text=gettext("Switch off"),
        )  # fmt: skip

    @action(
        description=_("Switch on"), url_path="on", icon="play_arrow",
        variant=ActionVariant.PRIMARY, permissions=["change"],
    )  # fmt: skip
    def turn_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def do(endpoint: WebhookEndpoint) -> HttpResponse:
            switch_on(endpoint=endpoint)
            return HttpResponseRedirect(_page_of(endpoint))

        return self._asked(
            request, object_id, do,
            title=gettext("Switch on %(endpoint)s"),
            help=gettext("What waited for it is sent, and what happens from now on."),
            submit_text=gettext("Switch on"),
        )  # fmt: skip

    def _asked(
        self, request: HttpRequest, object_id: str, do: Any, *, title: str, **texts: str
    ) -> HttpResponse:
        endpoint = self.get_object(request, object_id)
        if endpoint is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            return do(endpoint)
        return ask(
            request,
            self,
            title=title % {"endpoint": endpoint},
            back_url=_page_of(endpoint),
            **texts,
        )


def _page_of(endpoint: WebhookEndpoint) -> str:
    return reverse("admin:webhooks_webhookendpoint_change", args=[endpoint.pk])


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")
