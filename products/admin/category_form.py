"""The form of a category: its name, and what stands above it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from products.category_tree import check_place, clean_name, place_category
from products.models import Category
from products.models.category import full_names


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
        return clean_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, parent = data.get("name", ""), data.get("parent")
        try:
            check_place(category=self.instance, name=name, parent=parent)
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                self.add_error(field, errors)
        return data

    def _post_clean(self) -> None:
        # The uniqueness is by place in the tree, which a new node has not got yet: see `clean`.
        self._validate_constraints = False
        super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> Category:  # noqa: ARG002
        """Writes at once: where a node stands is not a field that could be written later."""
        # The form has written the new name into the row already; what it was does not matter.
        self.instance = place_category(
            category=self.instance,
            name=self.cleaned_data["name"],
            parent=self.cleaned_data["parent"],
        )
        self._save_m2m()  # type: ignore[attr-defined]
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        return self.instance
