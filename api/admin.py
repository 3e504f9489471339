"""Keys of partners' programs: made here, shown once, narrowed and revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import User
from api.models import ApiKey
from api.scopes import Scope

_SHOWN = "admin/api/key_made.html"


class ApiKeyForm(forms.ModelForm):
    request: HttpRequest  # set by the page

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[
            (scope.value, format_lazy("{} – {}", scope.value, scope.label)) for scope in Scope
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Give no more than the program needs; you can take scopes away."),
    )

    class Meta:
        model = ApiKey
        fields = ["user", "name", "scopes", "expiry"]

    def clean_user(self) -> Any:
        user = self.cleaned_data["user"]
        if not may_give_keys_of(self.request.user, user):
            text = _(
                "A key acts in its person's name: only a superuser makes one of somebody else."
            )
            raise forms.ValidationError(text, code="not_yours_to_give")
        return user

    def clean_expiry(self) -> Any:
        expiry = self.cleaned_data.get("expiry")
        if expiry is not None and "expiry" in self.changed_data and expiry <= timezone.now():
            raise forms.ValidationError(
                _("This lies in the past. To end a key now, revoke it."), code="past"
            )
        return expiry


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, _request: Any, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("valid", gettext_lazy("valid")),
            ("expired", gettext_lazy("expired")),
            ("revoked", gettext_lazy("revoked")),
        ]

    def queryset(self, _request: Any, keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        conditions = {
            "valid": Q(revoked_at=None) & (Q(expiry=None) | Q(expiry__gt=now)),
            "expired": Q(revoked_at=None, expiry__lte=now),
            "revoked": Q(revoked_at__isnull=False),
        }
        condition = conditions.get(self.value() or "")
        return keys if condition is None else keys.filter(condition)


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """A key is never deleted, so that a line of the log still leads to who had it; it is revoked."""

    form = ApiKeyForm
    list_display = ["name", "begins", "user", "scopes_text", "state", "expiry", "last_used_at"]
    list_filter = [StateFilter]
    list_select_related = ["user"]
    search_fields = ["name", "token_key", "user__username"]
    autocomplete_fields = ["user"]
    readonly_fields = [
        "begins",
        "state_text",
        "created",
        "created_by",
        "last_used_at",
        "revoked_at",
    ]
    actions = ["revoke"]

    def get_fields(self, _request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["user", "name", "scopes", "expiry", *(self.readonly_fields if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj)]
        if obj is not None:
            # Whose key it is stands in what was written with it.
            fields += ["user"]
        if obj is not None and obj.revoked_at is not None:
            fields += ["name", "scopes", "expiry"]
        return fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        # Asked as well where a person is deleted, whose keys go along; only superusers may.
        return bool(request.user.is_superuser) and not _is_about_keys(request)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_give_keys_of(request.user, obj.user))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, secret = ApiKey.objects.issue(
            user=obj.user,
            name=obj.name,
            scopes=obj.scopes,
            expires_at=obj.expiry,
            created_by=request.user,
        )
        obj.pk, obj.token_key = made.pk, made.token_key
        obj.secret = secret

    def response_add(
        self,
        request: HttpRequest,
        obj: ApiKey,
        post_url_continue: str | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The one page that shows the key. No redirect, which would have to carry it somewhere."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new key"),
            "opts": self.opts,
            "key": obj,
            "secret": obj.secret,
        }
        response = TemplateResponse(request, _SHOWN, context)
        add_never_cache_headers(response)
        return response

    @admin.action(description=gettext_lazy("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        mine = [
            key
            for key in keys.filter(revoked_at=None).select_related("user")
            if may_give_keys_of(request.user, key.user)
        ]
        for key in mine:
            key.revoke()
            self.log_change(request, key, _("Revoked."))
        text = ngettext("%(count)d key was revoked.", "%(count)d keys were revoked.", len(mine))
        self.message_user(request, text % {"count": len(mine)}, messages.SUCCESS)

    @display(description=gettext_lazy("begins with"), ordering="token_key")
    def begins(self, key: ApiKey) -> str:
        return f"{key.token_key}…"

    @display(description=gettext_lazy("scopes"))
    def scopes_text(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(
        description=gettext_lazy("state"),
        label={"valid": "success", "expired": "warning", "revoked": "danger", "asleep": "warning"},
    )
    def state(self, key: ApiKey) -> tuple[str, str]:
        return _state_of(key)

    @display(description=gettext_lazy("state"))
    def state_text(self, key: ApiKey) -> str:
        return _state_of(key)[1]


def _state_of(key: ApiKey) -> tuple[str, str]:
    """For programs, and for people."""
    if key.revoked_at is not None:
        return "revoked", _("revoked")
    if key.has_expired:
        return "expired", _("expired")
    if not key.user.is_active:
        return "asleep", _("its person is inactive")
    return "valid", _("valid")


def may_give_keys_of(giver: Any, user: User) -> bool:
    """A key acts in its person's name, in their stores: to give one of somebody else is to be them."""
    return bool(giver.is_superuser) or giver.pk == user.pk


def _is_about_keys(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and str(match.url_name or "").startswith("api_apikey")
