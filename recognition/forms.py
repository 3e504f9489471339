"""The search form of the customer's page."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from products.models import Category
from recognition.filters import Filters
from recognition.query_photos import parse_box, read_upload
from recognition.search import Query

PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif,image/gif"


class SearchForm(forms.Form):
    """Photo, words or both; a number that is a GTIN is looked up as a barcode."""

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": PHOTO_TYPES}),
    )
    q = forms.CharField(
        label=_("Words or barcode"), required=False, max_length=settings.SEARCH_MAX_WORDS
    )
    category = forms.CharField(label=_("Category"), required=False, max_length=1000)
    box = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def clean_photo(self) -> Any:
        upload = self.cleaned_data.get("photo")
        return read_upload(upload) if upload else None

    def clean_box(self) -> Any:
        box = self.cleaned_data.get("box")
        return parse_box(box) if box else None

    def clean_category(self) -> Category | None:
        path = self.cleaned_data.get("category")
        if not path:
            return None
        category: Category | None = Category.objects.all().find(path)
        if category is None:
            raise ValidationError(_("There is no category “%(path)s”."), params={"path": path})
        return category

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("photo") or data.get("q")):
            raise ValidationError(_("Choose a photo or type some words."), code="nothing")
        return data

    def query(self) -> Query:
        data = self.cleaned_data
        words = data["q"]
        is_code = words.replace(" ", "").replace("-", "").isdigit()
        return Query(
            photo=data["photo"],
            box=data["box"] if data["photo"] else None,
            text=words,
            barcode=words if is_code else "",
            filters=Filters(category=data["category"]),
            stock=True,
        )
