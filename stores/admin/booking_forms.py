"""Forms that book several products at once, each by its SKU or its barcode."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from products.models import Product
from stores.admin.pages import KeyedForm
from stores.models import Store
from stores.posting import MOST_AT_ONCE
from stores.product_codes import products_by_code

# More are a file's business: see the import of stock.
MOST_LINES = 200
_EMPTY_LINES = 3


class BookingForm(KeyedForm):
    """The head of a booking: where, and on what paper."""

    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), widget=UnfoldAdminSelectWidget
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A delivery note, an order, a receipt: optional."),
    )

    def __init__(self, *args: Any, stores: QuerySet[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["store"]
        field.queryset = stores  # type: ignore[attr-defined]
        if len(stores) == 1:
            field.initial = stores[0].pk
            field.empty_label = None  # type: ignore[attr-defined]


class AdjustForm(BookingForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What happened: broken, found, stolen, ... It is kept with the booking."),
    )
    field_order = ["store", "reason", "reference"]


class DispatchForm(BookingForm):
    destination = forms.ModelChoiceField(
        label=_("To"), queryset=Store.objects.active(), widget=UnfoldAdminSelectWidget
    )
    field_order = ["store", "destination", "reference"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].label = _("From")


class LineForm(forms.Form):
    """A product and how many; an empty line is none."""

    code = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "aria-label": _("SKU or barcode"),
                "placeholder": _("SKU, barcode or name"),
                "autocomplete": "off",
                "class": "js-code",
            }
        ),
    )
    quantity = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_AT_ONCE,
        widget=UnfoldAdminIntegerFieldWidget(
            attrs={"aria-label": _("quantity"), "class": "js-quantity", "inputmode": "numeric"}
        ),
    )
    product: Product | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("code") and data.get("quantity") is None and "quantity" not in self.errors:
            self.add_error("quantity", _("How many?"))
        if not data.get("code") and data.get("quantity") is not None:
            self.add_error("code", _("Of which product?"))
        return data


class ChangeForm(LineForm):
    """A line of an adjustment: more or less."""

    quantity = forms.IntegerField(
        required=False,
        min_value=-MOST_AT_ONCE,
        max_value=MOST_AT_ONCE,
        widget=UnfoldAdminIntegerFieldWidget(
            attrs={
                "aria-label": _("change"),
                "class": "js-quantity",
                "placeholder": "+/\N{MINUS SIGN}",
            }
        ),
    )


class Lines(forms.BaseFormSet):
    """Looks up the products of all lines at once."""

    def clean(self) -> None:
        # Also of a line whose quantity is wrong: that its product is not there would be untrue.
        codes = [form.cleaned_data.get("code", "") for form in self.forms]
        products = products_by_code(filter(None, codes))
        for form in self.forms:
            code = form.cleaned_data.get("code")
            form.product = products.get(code) if code else None
            if code and form.product is None:
                form.add_error("code", _("No product has this SKU or barcode."))

    def booked(self) -> list[tuple[Product, int]]:
        return [
            (form.product, form.cleaned_data["quantity"])
            for form in self.forms
            if form.product is not None
        ]


def lines_formset(form: type[LineForm], data: Any = None, initial: Any = None) -> Any:
    formset = forms.formset_factory(
        form,
        formset=Lines,
        extra=_EMPTY_LINES,
        max_num=MOST_LINES,
        validate_max=True,
        absolute_max=MOST_LINES + 1,
    )
    return formset(data, prefix="lines", initial=initial)
