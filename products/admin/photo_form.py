"""The photos of a product as rows of its form; they go through the same door as everywhere."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminImageFieldWidget, UnfoldAdminIntegerFieldWidget

from products.decoding import DecodingBusy
from products.imaging import PreparedPhoto
from products.models import ProductImage
from products.photos import describe, read_uploaded_photo


class PhotoForm(forms.ModelForm):
    """A photo in the product's page. The upload replaces the file; the row keeps its place."""

    # A plain file field: Django's ImageField would decode hostile bytes before the door does.
    file = forms.FileField(
        label=_("file"), allow_empty_file=True, widget=UnfoldAdminImageFieldWidget
    )
    position = forms.IntegerField(
        label=_("position"), required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    prepared: PreparedPhoto | None = None

    class Meta:
        model = ProductImage
        fields = ["file", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["position"] = None

    def clean_position(self) -> int:
        """Left empty, a photo keeps its place; a new one stands behind all others."""
        position: int | None = self.cleaned_data.get("position")
        if position is not None:
            return position
        if self.instance.pk is not None:
            return self.instance.position
        # The product of a new page has no photos yet, and its new ones keep the order of the page.
        product = self.instance.product_id
        last = ProductImage.objects.filter(product=product).aggregate(last=Max("position"))["last"]
        return 0 if last is None else last + 1

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if not isinstance(upload, UploadedFile):
            return upload
        try:
            self.prepared = read_uploaded_photo(upload)
        except DecodingBusy as error:
            raise forms.ValidationError(error.message, code="busy") from error
        return ContentFile(self.prepared.content, name=f"photo.{self.prepared.extension}")

    def _post_clean(self) -> None:
        if self.prepared is not None:
            describe(self.instance, self.prepared)
        super()._post_clean()  # type: ignore[misc]


class PhotoFormSet(forms.BaseInlineFormSet):
    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form: Any = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if self.instance.pk:
            # Known already; each photo would ask for it again to say whose it is.
            form.instance.product = self.instance
        return form

    def clean(self) -> None:
        """The same photo twice is said at its row, not left to the database."""
        super().clean()
        known = {
            image.source_digest: image.pk
            for image in (self.instance.images.all() if self.instance.pk else [])
        }
        for form in self.forms:
            prepared = getattr(form, "prepared", None)
            if prepared is None or self._should_delete_form(form):  # type: ignore[attr-defined]
                continue
            if known.get(prepared.source_digest, form.instance.pk) != form.instance.pk or (
                form.instance.pk is None and prepared.source_digest in known
            ):
                form.add_error("file", _("This product has this photo already."))
            known[prepared.source_digest] = form.instance.pk
