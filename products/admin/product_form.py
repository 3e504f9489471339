"""The form of a product."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from products.admin.attributes import AttributesField
from products.imaging import canonical_gtin
from products.merging import rehearse_merge
from products.models import Product


class ProductForm(forms.ModelForm):
    attributes = AttributesField(label=_("Attributes"), required=False, initial=dict)
    # What a link to the page fills in beforehand, as “merge into …” does.
    prefilled: ClassVar[dict[str, Any]] = {}
    # Who saves the form; a merge is booked under their name.
    actor: ClassVar[Any] = None

    class Meta:
        model = Product
        fields = [
            "sku", "name", "brand", "category", "description", "attributes", "barcode", "price",
            "is_active", "merged_into",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(self.prefilled)
        if barcode := self.fields.get("barcode"):  # not there for those who may only look
            # Codes are printed with blanks and hyphens; the model holds what remains to its length.
            barcode.validators = [ProhibitNullCharactersValidator()]
            barcode.widget.attrs.pop("maxlength", None)

    def clean_barcode(self) -> str:
        value: str = self.cleaned_data["barcode"]
        return canonical_gtin(value) or value

    def clean_attributes(self) -> Any:
        value = self.cleaned_data.get("attributes")
        return {} if value is None else value

    def clean_merged_into(self) -> Product | None:
        target: Product | None = self.cleaned_data.get("merged_into")
        heir = target
        seen = {self.instance.pk}
        while heir is not None:
            if heir.pk in seen:
                raise ValidationError(_("These products would be merged into each other."))
            seen.add(heir.pk)
            heir = heir.merged_into
        if target is not None and target.merged_into is not None and self._merges_now(target):
            raise ValidationError(
                _("%(product)s was merged itself; choose what it was merged into."),
                params={"product": target},
            )
        return target

    def clean(self) -> dict[str, Any]:
        """What stands in the way of a merge is said here, and not after half of it was saved."""
        data = super().clean() or {}
        target: Product | None = data.get("merged_into")
        if target is None or self.errors or not self._merges_now(target):
            return data
        merged_into: Any = self.initial.get("merged_into")
        before = Product.objects.filter(pk=merged_into).first() if merged_into else None
        if before is not None:
            self.add_error(
                "merged_into",
                _(
                    "It was merged into %(heir)s already, which has its stock. Empty this field and"
                    " save first."
                )
                % {"heir": before},
            )
            return data
        try:
            rehearse_merge(product=self.instance, into=target, actor=self.actor)
        except ValidationError as error:
            self.add_error("merged_into", error)
        return data

    def _merges_now(self, target: Product) -> bool:
        return self.instance.pk is not None and self.initial.get("merged_into") != target.pk
