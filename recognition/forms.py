"""What people ask of the catalogue on its pages: words, filters and a photo."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from products.models import Category
from recognition.filters import Filters, is_code
from recognition.query_photos import parse_box, read_upload
from recognition.search import Query, SeenBefore
from recognition.seen_photos import LONGEST, take_up
from stores.models import Store

PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif,image/gif"
SORTS = ("relevance", "name", "price", "-price")
# As people write a price. What else Python reads as a number (1e5, 1_000, 0e9999999999) is none, and
# some of it is too large for whatever is computed with it.
_PRICE = re.compile(r"[0-9]{1,10}([.,][0-9]{1,2})?")
# Signs that no name has, and that no text in the database can hold. A no-break space is one of a name.
_UNREADABLE = {"Cc", "Cs"}
_YES, _NO = {"1", "on", "true"}, {"", "0", "off", "false"}


class SeveralField(forms.Field):
    """A name that may be sent several times: short texts, each once."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, most: int, longest: int) -> None:
        super().__init__(required=False)
        self.most, self.longest = most, longest

    def clean(self, value: Any) -> tuple[str, ...]:
        texts = dict.fromkeys(filter(None, (str(each).strip() for each in value or ())))
        if len(texts) > self.most:
            raise ValidationError(
                _("Too many filters of one kind: at most %(most)d at once."),
                params={"most": self.most},
            )
        if any(len(text) > self.longest or _is_unreadable(text) for text in texts):
            raise ValidationError(_("One of the filters cannot be read. Choose it anew."))
        return tuple(texts)


def _is_unreadable(text: str) -> bool:
    return any(unicodedata.category(sign) in _UNREADABLE for sign in text)


class YesField(forms.Field):
    """What a box sends that is ticked, or nothing."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> bool:
        text = str(value or "").strip().lower()
        if text not in _YES | _NO:
            raise ValidationError(_("One of the filters cannot be read. Choose it anew."))
        return text in _YES


class PriceField(forms.DecimalField):
    """A price as people write it, with a point or a comma."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            min_value=Decimal(0),
            max_digits=12,
            decimal_places=2,
            error_messages={
                "invalid": _("A price is a number, as 9.50."),
                "min_value": _("A price is not below zero."),
            },
        )

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = str(value or "").strip()
        if text and _PRICE.fullmatch(text.removeprefix("-")) is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        number: Decimal | None = super().to_python(text.replace(",", "."))
        return number


class CatalogueForm(forms.Form):
    """Words and filters; a number that is a GTIN is looked up as a barcode."""

    q = forms.CharField(
        label=_("Words or barcode"), required=False, max_length=settings.SEARCH_MAX_WORDS
    )
    brand = SeveralField(most=settings.SEARCH_MAX_BRANDS, longest=120)
    price_min = PriceField()
    price_max = PriceField()
    store = SeveralField(most=settings.SEARCH_MAX_STORES, longest=32)
    in_stock = YesField(required=False)
    sort = forms.ChoiceField(
        required=False,
        choices=[(sort, sort) for sort in SORTS],
        error_messages={"invalid_choice": _("This list cannot be sorted that way.")},
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10**6,
        error_messages={
            "invalid": _("A page is a number, counted from 1."),
            "min_value": _("A page is a number, counted from 1."),
            "max_value": _("There is no such page."),
        },
    )
    # Part of a store's name, address or code, where there are too many to list.
    find_store = forms.CharField(required=False, max_length=80)

    def clean_store(self) -> tuple[Store, ...]:
        codes = self.cleaned_data["store"]
        if not codes:
            return ()
        stores = {
            store.code.upper(): store
            for store in Store.objects.public()
            .annotate(upper_code=Upper("code"))
            .filter(upper_code__in=[code.upper() for code in codes])
        }
        missing = [code for code in codes if code.upper() not in stores]
        if missing:
            raise ValidationError(
                _("There is no open store “%(code)s”."), params={"code": missing[0]}
            )
        return tuple(dict.fromkeys(stores[code.upper()] for code in codes))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("price_min"), data.get("price_max")
        if low is not None and high is not None and low > high:
            raise ValidationError(_("The lowest price is above the highest one."), code="prices")
        return data

    def filters(self, category: Category | None = None) -> Filters:
        """`category`: the one whose page this is."""
        data = self.cleaned_data
        return Filters(
            category=category or data.get("category"),
            brands=data["brand"],
            price_min=data["price_min"],
            price_max=data["price_max"],
            stores=data["store"],
            in_stock=data["in_stock"],
        )

    @property
    def barcode(self) -> str:
        """The words, where they are digits."""
        words: str = self.cleaned_data["q"]
        return words if is_code(words) else ""

    @property
    def sorting(self) -> Any:
        """ "" where it is what a list is sorted by in any case."""
        usual = "relevance" if self.cleaned_data["q"] else "name"
        sort = self.cleaned_data["sort"]
        return "" if sort in {usual, "relevance"} else sort

    def texts(self) -> list[str]:
        """What is wrong, in sentences."""
        return [str(text) for texts in self.errors.values() for text in texts]


class WholeCatalogueForm(CatalogueForm):
    """Also by category."""

    category = forms.CharField(label=_("Category"), required=False, max_length=1000)

    def clean_category(self) -> Category | None:
        path = self.cleaned_data.get("category")
        if not path:
            return None
        category: Category | None = Category.objects.all().find(path)
        if category is None:
            raise ValidationError(_("There is no category “%(path)s”."), params={"path": path})
        return category


class SearchForm(WholeCatalogueForm):
    """With a photo: just chosen, or searched with before and carried along."""

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": PHOTO_TYPES}),
    )
    box = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)

    # The record of the photo that is carried along, which feedback names.
    sighting: str | None = None

    def clean_photo(self) -> Any:
        upload = self.cleaned_data.get("photo")
        return read_upload(upload) if upload else None

    def clean_box(self) -> Any:
        box = self.cleaned_data.get("box")
        return parse_box(box) if box else None

    def clean_seen(self) -> SeenBefore | None:
        token = self.cleaned_data.get("seen")
        if not token or self.cleaned_data.get("photo"):
            return None
        seen, self.sighting = take_up(token)
        return seen

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        # A lowest price of 0 narrows, though it is no true value.
        if not self.errors and not any(data.values()) and not self.filters().narrows:
            raise ValidationError(_("Choose a photo or type some words."), code="nothing")
        return data

    @property
    def by_photo(self) -> bool:
        return bool(self.cleaned_data.get("photo") or self.cleaned_data.get("seen"))

    def query(self, *, size: int) -> Query:
        """A query with the photo, for one page of so many products."""
        data = self.cleaned_data
        return Query(
            photo=data["photo"],
            again=data["seen"],
            box=data["box"] if data["photo"] else None,
            text=data["q"],
            barcode=self.barcode,
            filters=self.filters(),
            offset=((data["page"] or 1) - 1) * size,
            limit=size,
        )


def nothing_asked(data: Mapping[str, Any]) -> bool:
    """Whether words, filters, sorting and page are all left empty."""
    return not any(data.get(name) for name in WholeCatalogueForm.base_fields)
