"""The admin's forms of the catalogue; photos go through the same door as everywhere."""

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminImageFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from products.imaging import PhotoRefused, PreparedPhoto, canonical_gtin, prepare_photo
from products.models import Category, Product, ProductImage
from products.models.category import full_names, lock_tree, split_path
from products.photos import describe, photo_limits, refusal


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = [
            "sku", "name", "brand", "category", "description", "attributes", "barcode", "price",
            "is_active", "merged_into",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if barcode := self.fields.get("barcode"):  # not there for those who may only look
            # Codes are printed with blanks and hyphens; the model holds what remains to its length.
            barcode.validators = [ProhibitNullCharactersValidator()]
            barcode.widget.attrs.pop("maxlength", None)

    def clean_barcode(self) -> str:
        value: str = self.cleaned_data["barcode"]
        return canonical_gtin(value) or value

    def clean_merged_into(self) -> Product | None:
        target: Product | None = self.cleaned_data.get("merged_into")
        heir = target
        seen = {self.instance.pk}
        while heir is not None:
            if heir.pk in seen:
                raise ValidationError(_("These products would be merged into each other."))
            seen.add(heir.pk)
            heir = heir.merged_into
        return target


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
        limits = photo_limits()
        try:
            self.prepared = prepare_photo(upload.read(limits.max_bytes + 1), limits)
        except PhotoRefused as error:
            raise refusal(error) from error
        return ContentFile(self.prepared.content, name=f"photo.{self.prepared.extension}")

    def _post_clean(self) -> None:
        if self.prepared is not None:
            describe(self.instance, self.prepared)
        super()._post_clean()  # type: ignore[misc]


class PhotoFormSet(forms.BaseInlineFormSet):
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


class CategoryForm(forms.ModelForm):
    """A name and the category above it."""

    parent = forms.ModelChoiceField(
        label=_("above it"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=_("– top –"),
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Category
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Category.objects.all()
        if self.instance.pk:
            parent = Category.objects.get_parent(self.instance)
            self.fields["parent"].initial = parent.pk if parent else None
            choices = choices.exclude(path__startswith=self.instance.path)
        names = full_names(choices)
        field = self.fields["parent"]
        field.queryset = choices  # type: ignore[attr-defined]
        field.label_from_instance = lambda category: names[category.pk]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        names = split_path(self.cleaned_data["name"])
        if len(names) != 1:
            raise ValidationError(_("A category's name holds no slash; choose what is above it."))
        return names[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, parent = data.get("name"), data.get("parent")
        if name:
            level = (
                Category.objects.get_children(parent)
                if parent
                else Category.objects.get_root_nodes()
            )
            if level.named(name).exclude(pk=self.instance.pk).exists():
                self.add_error("name", _("There is a category of this name here already."))
        if self._depth_below(parent) > Category.MAX_DEPTH:
            self.add_error(
                "parent",
                _("The tree would be deeper than %(most)d levels.") % {"most": Category.MAX_DEPTH},
            )
        return data

    def _depth_below(self, parent: Category | None) -> int:
        """The depth of the deepest category, once this one stands below `parent`."""
        node: Category = self.instance
        height = 1
        if node.pk:
            inside = Category.objects.filter(path__startswith=node.path)
            height += inside.aggregate(most=Max("depth"))["most"] - node.depth
        return height + (parent.depth if parent else 0)

    def _post_clean(self) -> None:
        # The uniqueness is by place in the tree, which a new node has not got yet: see `clean`.
        self._validate_constraints = False
        super()._post_clean()  # type: ignore[misc]

    @transaction.atomic
    def save(self, commit: bool = True) -> Category:  # noqa: ARG002
        """Writes at once: where a node stands is not a field that could be written later."""
        lock_tree()
        parent: Category | None = self.cleaned_data["parent"]
        node: Category = self.instance
        if node.pk is None:
            name = self.cleaned_data["name"]
            node = (
                Category.objects.add_child(parent, {"name": name})
                if parent
                else Category.objects.add_root({"name": name})
            )
        else:
            self._rewrite(node, parent)
        self.instance = Category.objects.get(pk=node.pk)
        self._save_m2m()  # type: ignore[attr-defined]
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        return self.instance

    @staticmethod
    def _rewrite(node: Category, parent: Category | None) -> None:
        old = Category.objects.get_parent(node)
        if (old and old.pk) != (parent and parent.pk):
            name = node.name
            # The new name may be taken where it stands, and the old one where it goes.
            node.name = secrets.token_hex(16)
            node.save()
            _place(node, parent)
            node.name = name
        node.save()
        _place(node, parent)


def _place(node: Category, parent: Category | None) -> None:
    """Puts a node below another, or to the top, where its name belongs among its neighbours."""
    if parent is not None:
        Category.objects.move(node, parent, pos="sorted-child")
    else:
        first = Category.objects.get_first_root_node()
        Category.objects.move(node, first, pos="sorted-sibling")
