"""The forms of the stock pages. Each carries a key, by which it is booked once."""

import secrets
from datetime import datetime
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from products.models import Product
from stores.late import MOST_SECONDS_LATE, moment_of
from stores.models import Store, TransferLine
from stores.posting import MOST_AT_ONCE
from stores.product_codes import products_by_code

# What evidence looks like here; what it names is the business of the app that wrote it.
_EVIDENCE = r"^[a-z]+:[A-Za-z0-9_-]{1,100}$"
_LINES_AT_FIRST = 4
_MOST_LINES = 100


NO_SUCH_CODE = _("No product has this SKU or barcode.")


def new_key() -> str:
    return secrets.token_urlsafe(16)


def number_input(**attrs: Any) -> forms.NumberInput:
    """A field of digits that brings the numeric keypad of a phone."""
    return forms.NumberInput(
        attrs={"inputmode": "numeric", "autocomplete": "off", "class": "quantity-input", **attrs}
    )


def code_field(*, required: bool = True) -> forms.CharField:
    """A SKU or a barcode, typed or by a hand scanner."""
    attrs = {
        "autocomplete": "off",
        "autocapitalize": "off",
        "spellcheck": "false",
        "data-scan": "",
    }
    return forms.CharField(
        label=_("SKU or barcode"),
        required=required,
        max_length=64,
        widget=forms.TextInput(attrs=attrs),
    )


class OnceForm(forms.Form):
    """A form that is booked once, however often it is sent; at once, or when a phone that kept it has
    a connection again.
    """

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=new_key)
    # How long it waited. Of the script that keeps forms; no page shows it.
    seconds_ago = forms.IntegerField(
        min_value=0, max_value=MOST_SECONDS_LATE, required=False, widget=forms.HiddenInput,
        error_messages={"max_value": _("This waited on the phone for too long. Enter it anew.")},
    )  # fmt: skip
    renewed_key = ""

    def renew_key(self) -> None:
        self.renewed_key = new_key()
        self.data = {**self.data.dict(), "key": self.renewed_key}  # type: ignore[attr-defined]

    @property
    def happened_at(self) -> datetime | None:
        """When it was entered, if it waited."""
        return moment_of(self.cleaned_data.get("seconds_ago"))

    def problems(self) -> list[str]:
        """All that is wrong, as sentences; the names of fields that are shown go before their own."""
        found = [str(each) for each in self.non_field_errors()]
        for name, errors in self.errors.items():
            field = self.fields.get(name)
            if field is not None and field.widget.is_hidden:
                found += map(str, errors)
            elif field is not None:
                found += [f"{field.label}: {each}" for each in errors]
        return found

    def refusal(self) -> dict[str, Any]:
        """What is wrong, for the script that sent it: in all, and by the fields' ids."""
        errors = {
            self[name].id_for_label: [str(each) for each in errors]
            for name, errors in self.errors.items()
            if name in self.fields and self[name].id_for_label and not self[name].is_hidden
        }
        said = {"problem": " ".join(self.problems()), "errors": errors}
        return said | ({"key": self.renewed_key} if self.renewed_key else {})

    @classmethod
    def filled_from(cls, query: QueryDict, **kwargs: Any) -> Self:
        """An unsent form, filled with what an address says: entries that are to be corrected."""
        never = {"key", "seconds_ago"}
        initial = {name: value for name, value in query.items() if name not in never}
        return cls(initial=initial, **kwargs)


class QuantityForm(OnceForm):
    quantity = forms.IntegerField(
        label=_("Quantity"), min_value=1, max_value=MOST_AT_ONCE, initial=1, widget=number_input()
    )
    evidence = forms.RegexField(_EVIDENCE, required=False, widget=forms.HiddenInput)


class ReceiveForm(QuantityForm):
    reference = forms.CharField(label=_("Delivery note (optional)"), required=False, max_length=200)


class SellForm(QuantityForm):
    reference = forms.CharField(label=_("Receipt (optional)"), required=False, max_length=200)


class AdjustForm(QuantityForm):
    LESS, MORE = "less", "more"
    OTHER = "other"
    REASONS = {
        "broken": _("Broken"),
        "expired": _("Past its date"),
        "missing": _("Missing"),
        "found": _("Found"),
        "own_use": _("Used in the store"),
        OTHER: _("Something else"),
    }

    direction = forms.ChoiceField(
        label=_("More or less"),
        choices=[(LESS, _("Less")), (MORE, _("More"))],
        widget=forms.RadioSelect,
        initial=LESS,
    )
    why = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *REASONS.items()])
    detail = forms.CharField(label=_("In your words"), required=False, max_length=400)
    field_order = ["direction", "quantity", "why", "detail"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("why") == self.OTHER and not data.get("detail"):
            self.add_error("detail", _("Say what happened."))
        return data

    @property
    def delta(self) -> int:
        quantity = int(self.cleaned_data["quantity"])
        return quantity if self.cleaned_data["direction"] == self.MORE else -quantity

    @property
    def reason(self) -> str:
        why, detail = self.cleaned_data["why"], self.cleaned_data["detail"]
        if why == self.OTHER:
            return str(detail)
        return f"{self.REASONS[why]}: {detail}" if detail else str(self.REASONS[why])


class ByCodeForm(QuantityForm):
    """A sale or an arrival of what is scanned or typed, in one step."""

    SELL, RECEIVE = "sell", "receive"

    book = forms.ChoiceField(
        label=_("What happened?"),
        choices=[(SELL, _("Sold")), (RECEIVE, _("Received"))],
        widget=forms.RadioSelect,
        initial=SELL,
    )
    code = code_field()
    field_order = ["book", "code", "quantity"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if code := data.get("code"):
            data["product"] = products_by_code([code]).get(code)
            if data["product"] is None:
                self.add_error("code", NO_SUCH_CODE)
        return data


class LinesForm(OnceForm):
    """Several products at once: rows of a code and a quantity; empty rows are passed over."""

    reference = forms.CharField(label=_("Reference (optional)"), required=False, max_length=200)
    rows = forms.IntegerField(
        min_value=1, max_value=_MOST_LINES, initial=_LINES_AT_FIRST, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(self._rows()):
            self.fields[f"code_{row}"] = code_field(required=False)
            self.fields[f"quantity_{row}"] = forms.IntegerField(
                label=_("Quantity"),
                required=False,
                min_value=1,
                max_value=MOST_AT_ONCE,
                widget=number_input(),
            )

    def line_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"code_{row}"], self[f"quantity_{row}"]) for row in range(self._rows())]

    @classmethod
    def with_more_rows(cls, data: QueryDict, **kwargs: Any) -> Self:
        """What was typed so far, and further empty rows. It is not found fault with yet."""
        rows = str(cls(data, **kwargs)._rows() + _LINES_AT_FIRST)  # noqa: SLF001
        return cls(initial=data.dict() | {"rows": rows}, **kwargs)

    def _rows(self) -> int:
        asked = self.data if self.is_bound else self.initial
        try:
            rows = int(asked.get("rows", _LINES_AT_FIRST))
        except ValueError:
            return _LINES_AT_FIRST
        return max(1, min(rows, _MOST_LINES))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        rows = [(str(data.get(f"code_{n}") or ""), n) for n in range(self._rows())]
        products = products_by_code(code for code, _n in rows if code)
        lines: list[tuple[Product, int]] = []
        for code, n in rows:
            quantity = data.get(f"quantity_{n}")
            if code and code not in products:
                self.add_error(f"code_{n}", NO_SUCH_CODE)
            elif code and quantity is None and f"quantity_{n}" not in self.errors:
                self.add_error(f"quantity_{n}", _("How many?"))
            elif quantity is not None and not code:
                self.add_error(f"code_{n}", _("Of which product?"))
            elif code and quantity is not None:
                lines.append((products[code], quantity))
        data["lines"] = lines
        return data


class DeliveryForm(LinesForm):
    """Goods that came in."""

    reference = forms.CharField(label=_("Delivery note (optional)"), required=False, max_length=200)


class SendForm(LinesForm):
    """Goods for another store."""

    destination = forms.ModelChoiceField(
        label=_("To"), queryset=Store.objects.none(), empty_label=_("Choose a store")
    )

    def __init__(self, *args: Any, source: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Store.objects.active().exclude(pk=source.pk)
        self.fields["destination"].queryset = others  # type: ignore[attr-defined]


class ArrivalForm(OnceForm):
    """What arrived of a transfer, line by line."""

    close = forms.BooleanField(label=_("What is missing will not come"), required=False)

    def __init__(self, *args: Any, lines: QuerySet[TransferLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = {f"line_{line.pk}": line for line in lines}
        for name, line in self._lines.items():
            self.fields[name] = forms.IntegerField(
                label=line.product.name,
                required=False,
                min_value=0,
                max_value=MOST_AT_ONCE,
                initial=self.initial.get(name, line.missing),
                widget=number_input(),
            )

    def line_fields(self) -> list[tuple[TransferLine, forms.BoundField]]:
        return [(line, self[name]) for name, line in self._lines.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["lines"] = [
            (line.product, data[name]) for name, line in self._lines.items() if data.get(name)
        ]
        if not self.errors and not data["lines"] and not data.get("close"):
            raise ValidationError(
                _("Enter what arrived, or say that the missing will not come."), code="nothing"
            )
        refuse_closing_with_nothing_missing(
            data, {line: data.get(name) for name, line in self._lines.items()}
        )
        return data


def refuse_closing_with_nothing_missing(
    data: dict[str, Any], arrived: dict[TransferLine, int | None]
) -> None:
    """The fields are filled with what is still to come: who only ticks that it will not come would
    book goods that nobody has.

    Raises:
        ValidationError: the transfer is to be closed short, and yet all of it was entered.
    """
    missing = {line: line.missing for line in arrived if line.missing}
    if data.get("close") and missing and all(arrived[line] == missing[line] for line in missing):
        raise ValidationError(
            _(
                "You entered all that was missing as arrived, and that it will not come. Enter what"
                " really arrived, 0 where nothing did; or take the tick away."
            ),
            code="nothing_missing",
        )


class ReturnForm(OnceForm):
    reason = forms.CharField(label=_("Reason"), max_length=400)


class UndoForm(OnceForm):
    reason = forms.CharField(label=_("Why?"), max_length=400, initial=_("Booked by mistake"))
