"""Pages of the stores' admin that are not a model's form: a form of some fields, and a use case."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from stores.models import StockMovement, StockOperation
from stores.refusals import KeyReused, NotAllowed


def new_key() -> str:
    return secrets.token_hex(16)


class KeyedForm(forms.Form):
    """A form that is booked once, however often it is sent."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = new_key

    def renew_key(self) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("key")] = new_key()
        self.data = data


class ReasonForm(KeyedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It is kept with the booking for ever."),
    )


def attempt(form: KeyedForm, use_case: Callable[[], Any]) -> Any:
    """What a use case returns, or None with its refusal as an error of the form.

    Raises:
        PermissionDenied: the person may not do this in that store.
    """
    try:
        return use_case()
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except KeyReused:
        form.renew_key()
        form.add_error(
            None, _("This form was booked already, with other lines. Send it again to book these.")
        )
    except ValidationError as error:
        form.add_error(None, error)
    return None


def was_booked(request: HttpRequest) -> bool:
    """Whether the form that comes in was booked before: a second click, or the page sent again."""
    key = request.POST.get("key", "").replace("\0", "")
    actor: Any = request.user
    operations = StockOperation.objects.filter(actor=actor, idempotency_key=key)
    return bool(key) and operations.exists()


def pieces(movements: list[StockMovement]) -> int:
    return sum(abs(movement.delta) for movement in movements)


def admin_page(
    request: HttpRequest, model_admin: ModelAdmin, template: str, **context: Any
) -> HttpResponse:
    """A page in the frame of the admin. `title` is needed."""
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(
        request,
        f"admin/stores/{template}",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "model_admin": model_admin,
            "is_popup": False,
            **context,
        },
    )
