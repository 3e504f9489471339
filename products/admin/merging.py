"""Merging a product from its page: prefilled by a link, done by the use case with the form."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from products.ids import row_id
from products.merging import merge_product
from products.models import Product

PREFILL = "merged_into"


class MergeMixin:
    """A changed “merged into” moves photos and stock along, as merging does everywhere."""

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)  # type: ignore[misc]
        form = type(form.__name__, (form,), {"actor": request.user})
        heir = row_id(request.GET.get(PREFILL, ""))
        if request.method != "GET" or obj is None or heir is None:
            return form
        return type(form.__name__, (form,), {"prefilled": {PREFILL: heir}})

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        heir = form.cleaned_data.get("merged_into") if "merged_into" in form.changed_data else None
        before = form.initial.get("merged_into")
        if change and before and not form.cleaned_data.get("merged_into"):
            _say_what_stays(request, obj, before)
        if heir is None or not change or before:
            super().save_model(request, obj, form, change)  # type: ignore[misc]
            return
        obj.merged_into = None
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        try:
            merge_product(product=obj, into=heir, actor=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return
        obj.merged_into = heir
        messages.info(
            request,
            _("%(product)s is merged: its photos and its stock are now those of %(heir)s.")
            % {"product": obj, "heir": heir},
        )


def _say_what_stays(request: HttpRequest, product: Product, heir: Any) -> None:
    messages.warning(
        request,
        _(
            "%(product)s is a product of its own again. The photos and the stock that it had when it"
            " was merged stay with %(heir)s: adjust the stock of both, and add photos anew."
        )
        % {"product": product, "heir": Product.objects.get(pk=heir)},
    )
