"""The form of a category: its name, and what stands above it."""

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from products.models import Category
from products.models.category import full_names, lock_tree, split_path


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
