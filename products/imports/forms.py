"""The upload of an import."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from products.imports.kinds import ImportKind
from products.imports.runs import FILE_ENDINGS, check_upload


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the file"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=_("Table"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(sorted(FILE_ENDINGS))}),
        allow_empty_file=True,
        help_text=_("CSV in UTF-8, or XLSX. The first line names the columns."),
    )
    photos = forms.FileField(
        label=_("Photos"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".zip"}),
        required=False,
        allow_empty_file=True,
        help_text=_("A ZIP file, where the table names photos or they are named by SKU."),
    )

    def __init__(self, kinds: list[ImportKind], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._kinds = {kind.key: kind for kind in kinds}
        field = self.fields["kind"]
        field.choices = [(kind.key, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            field.widget = forms.HiddenInput()
        if not any(kind.takes_photos for kind in kinds):
            del self.fields["photos"]

    def clean_kind(self) -> ImportKind:
        return self._kinds[self.cleaned_data["kind"]]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        check_upload(upload, endings=FILE_ENDINGS, most=settings.IMPORT_MAX_BYTES)
        return upload

    def clean_photos(self) -> Any:
        upload = self.cleaned_data["photos"]
        if upload is not None:
            check_upload(upload, endings={".zip"}, most=settings.IMPORT_MAX_ZIP_BYTES)
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if data.get("photos") and kind is not None and not kind.takes_photos:
            raise ValidationError(_("“%(kind)s” takes no photos.") % {"kind": kind.label})
        return data
