"""The log: what was sent to whom, what came back, and sending it again."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from recognition.admin.read_only import ReadOnlyAdmin
from webhooks.admin.pages import NoOracle, ask
from webhooks.endpoints import send_again
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

_COLOURS = {"pending": "info", "delivered": "success", "failed": "danger"}
# Of one delivery: nine repeats, and as many again for each time that it was asked for.
_MOST_ATTEMPTS_SHOWN = 50


class EndpointFilter(RelatedDropdownFilter):
    """Offers those whose log somebody may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:  # noqa: ARG002
        endpoints = WebhookEndpoint.objects.of(request.user)
        return [(each.pk, str(each)) for each in endpoints]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(NoOracle, ReadOnlyAdmin):
    list_display = [
        "number", "type", "endpoint", "state_badge", "attempts", "last_answer", "created_at",
        "due",
    ]  # fmt: skip
    list_display_links = ["number"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("type", ChoicesDropdownFilter),
        ("endpoint", EndpointFilter),
    ]
    list_filter_submit = True
    list_select_related = ["endpoint"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["=message_id"]
    search_help_text = _("webhook-id")
    actions = ["send_chosen_again"]
    actions_detail = ["send_one_again"]
    fields = [
        "message_id", "type", "endpoint", "state", "attempts", "due_at", "delivered_at", "payload",
    ]  # fmt: skip
    readonly_fields = fields
    change_form_outer_after_template = "admin/webhooks/_attempts.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        queryset: Any = super().get_queryset(request)
        user: Any = request.user
        # The bodies of a page are not read to list it.
        if request.resolver_match and request.resolver_match.url_name == self._list_name:
            queryset = queryset.defer("body")
        return queryset if user.is_superuser else queryset.filter(endpoint__owner=user.pk)

    _list_name = "webhooks_webhookdelivery_changelist"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        if self.has_view_permission(request):
            delivery = self.get_object(request, object_id)
            kwargs["extra_context"] = {
                **(kwargs.get("extra_context") or {}),
                "attempts": _attempts_table(delivery),
            }
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("delivery"), ordering="id")
    def number(self, delivery: WebhookDelivery) -> str:
        return f"#{delivery.pk}"

    @display(description=_("state"), ordering="state", label=_COLOURS)
    def state_badge(self, delivery: WebhookDelivery) -> tuple[str, Any]:
        return delivery.state, delivery.get_state_display()

    @display(description=_("last status"))
    def last_answer(self, delivery: WebhookDelivery) -> str:
        if delivery.last_status is not None:
            return str(delivery.last_status)
        return gettext("no answer") if delivery.attempts else "–"

    @display(description=_("due"), ordering="due_at")
    def due(self, delivery: WebhookDelivery) -> Any:
        return delivery.due_at if delivery.state == WebhookDelivery.State.PENDING else "–"

    @display(description=_("payload"))
    def payload(self, delivery: WebhookDelivery) -> str:
        text = json.dumps(json.loads(delivery.body), ensure_ascii=False, indent=2)
        return format_html('<pre class="overflow-x-auto">{}</pre>', text)

    def has_resend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.has_perm("webhooks.resend_webhookdelivery"))

    @action(
        description=_("Send again"), url_path="again", icon="replay",
        variant=ActionVariant.PRIMARY, permissions=["view", "resend"],
    )  # fmt: skip
    def send_one_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        if delivery is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        page = reverse("admin:webhooks_webhookdelivery_change", args=[delivery.pk])
        if request.method == "POST":
            _say(request, send_again([delivery.pk]))
            return HttpResponseRedirect(page)
        return ask(
            request,
            self,
            title=gettext("Send %(delivery)s again") % {"delivery": delivery},
            help=gettext(
                "The same payload goes out under the same webhook-id; a receiver that has it"
                " already drops it."
            ),
            submit_text=gettext("Send again"),
            back_url=page,
        )

    @action(description=_("Send again"), permissions=["resend"])
    def send_chosen_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        _say(request, send_again(queryset.values_list("pk", flat=True)))


def _say(request: HttpRequest, number: int) -> None:
    text = ngettext("%(n)d delivery is sent again.", "%(n)d deliveries are sent again.", number)
    messages.success(request, text % {"n": number})


def _attempts_table(delivery: WebhookDelivery | None) -> dict[str, Any]:
    """Cells are texts, which the template escapes: an answer is written by a stranger."""
    log = [] if delivery is None else list(delivery.log.order_by("-id")[:_MOST_ATTEMPTS_SHOWN])
    return {
        "title": gettext("Attempts"),
        "headers": [
            gettext("at"), gettext("status"), gettext("milliseconds"), gettext("error"), gettext("headers sent"),
            gettext("answer"),
        ],
        "rows": [
            (
                each.at, "–" if each.status is None else each.status, each.milliseconds,
                each.error or "–", _headers(each), _pre(each.answer),
            )
            for each in log
        ],
    }  # fmt: skip


def _headers(attempt: WebhookAttempt) -> str:
    lines = format_html_join("\n", "{}: {}", attempt.headers.items())
    return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', lines)


def _pre(text: str) -> str:
    return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', text) if text else "–"
