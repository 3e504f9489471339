"""The forms of finding and counting."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from products.models import Category
from products.models.category import full_names
from recognition.counting.finding import is_barcode, product_by_code
from recognition.forms import PHOTO_TYPES
from recognition.query_photos import read_upload
from stores.forms import NO_SUCH_CODE, OnceForm, code_field, number_input
from stores.models import StocktakeLine
from stores.models.stocktake import MOST_COUNTED

# A count that waited longer on a phone is from another day's shelf.
_MOST_SECONDS_WAITING = 12 * 3600


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo"),
        allow_empty_file=True,
        error_messages={"required": _("Take a photo first.")},
        widget=forms.FileInput(attrs={"accept": PHOTO_TYPES, "capture": "environment"}),
    )

    def clean_photo(self) -> Any:
        return read_upload(self.cleaned_data["photo"])


class FindForm(forms.Form):
    q = forms.CharField(required=False, max_length=settings.SEARCH_MAX_WORDS)


class StartForm(forms.Form):
    category = forms.CharField(required=False, max_length=1000)

    def clean_category(self) -> Category | None:
        path = self.cleaned_data["category"]
        if not path:
            return None
        category: Category | None = Category.objects.all().find(path)
        if category is None:
            raise forms.ValidationError(
                _("There is no category “%(path)s”."), params={"path": path}
            )
        return category

    @staticmethod
    def paths() -> list[str]:
        return sorted(full_names(Category.objects.all()).values())


class CountForm(OnceForm):
    quantity = forms.IntegerField(
        label=_("Counted"), min_value=0, max_value=MOST_COUNTED, widget=number_input()
    )
    how = forms.ChoiceField(
        choices=[("add", _("Add to it (another place)")), ("replace", _("Replace it"))],
        initial="add",
        required=False,
        widget=forms.RadioSelect,
    )
    by = forms.ChoiceField(
        choices=StocktakeLine.Method.choices, required=False, widget=forms.HiddenInput
    )
    seen = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    seconds_ago = forms.IntegerField(
        min_value=0, max_value=_MOST_SECONDS_WAITING, required=False, widget=forms.HiddenInput,
        error_messages={"max_value": _("This was counted too long ago. Count it anew.")},
    )  # fmt: skip

    def method(self) -> StocktakeLine.Method:
        return StocktakeLine.Method(self.cleaned_data["by"] or StocktakeLine.Method.HAND)


class CountByCodeForm(CountForm):
    """A count of what is scanned or typed, in one step."""

    code = code_field()
    field_order = ["code", "quantity"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if code := data.get("code"):
            data["product"] = product_by_code(code)
            if data["product"] is None:
                self.add_error("code", NO_SUCH_CODE)
        return data

    def method(self) -> StocktakeLine.Method:
        is_scanned = is_barcode(self.cleaned_data["code"])
        return StocktakeLine.Method.BARCODE if is_scanned else StocktakeLine.Method.HAND


class ApproveForm(forms.Form):
    UNCOUNTED = [
        ("leave", _("Leave them as they are")),
        ("zero", _("They are gone: take them out")),
    ]

    uncounted = forms.ChoiceField(choices=UNCOUNTED, initial="leave")
    seen = forms.CharField(max_length=64, required=False)
