"""Changes of the tree of categories. Whoever changes it holds its lock (`lock_tree`)."""

import secrets

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Category, Product
from products.models.category import lock_tree, split_path
from products.refusals import Refusal


@retry_when_lost
@transaction.atomic
def ensure_category(*, path: str) -> tuple[Category, bool]:
    """The category at a `/` path, and whether it was made; missing branches are added.

    Raises:
        ValidationError: it is no path.
    """
    found = Category.objects.all().find(path)
    if found is not None:
        return found, False
    split_path(path)
    lock_tree()
    found = Category.objects.all().find(path)  # somebody may have made it just before
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            return Category.objects.at_path(path), True
    except IntegrityError as error:
        raise ValidationError(
            _("A category's name is not blank and holds no slash."), code="category_path"
        ) from error


def clean_name(text: str) -> str:
    """One category's name as it is stored.

    Raises:
        ValidationError: it is none, or it is a path.
    """
    names = split_path(text)
    if len(names) != 1:
        raise ValidationError(
            _("A category's name holds no slash; choose what is above it."), code="category_path"
        )
    return names[0]


def check_place(*, category: Category, name: str, parent: Category | None) -> None:
    """Whether a category may have this name below `parent` (None: at the top).

    Raises:
        ValidationError: by field: the name is taken there, or the tree would be too deep.
    """
    level = Category.objects.get_children(parent) if parent else Category.objects.get_root_nodes()
    errors: dict[str, ValidationError] = {}
    if name and level.named(name).exclude(pk=category.pk).exists():
        errors["name"] = ValidationError(
            _("There is a category of this name here already."), code="unique"
        )
    if _depth_below(category, parent) > Category.MAX_DEPTH:
        text = _("The tree would be deeper than %(most)d levels.") % {"most": Category.MAX_DEPTH}
        errors["parent"] = ValidationError(text, code="too_deep")
    if category.pk and parent is not None and parent.path.startswith(category.path):
        errors["parent"] = ValidationError(
            _("A category cannot stand below itself."), code="below_itself"
        )
    if errors:
        raise ValidationError(errors)


def _depth_below(category: Category, parent: Category | None) -> int:
    """The depth of the deepest category, once this one stands below `parent`."""
    height = 1
    if category.pk:
        inside = Category.objects.filter(path__startswith=category.path)
        height += inside.aggregate(most=Max("depth"))["most"] - category.depth
    return height + (parent.depth if parent else 0)


@transaction.atomic
def place_category(*, category: Category, name: str, parent: Category | None) -> Category:
    """Writes a category, new or not, below `parent` (None: at the top); returns it anew."""
    lock_tree()
    if category.pk is None:
        category = (
            Category.objects.add_child(parent, {"name": name})
            if parent
            else Category.objects.add_root({"name": name})
        )
    else:
        _rewrite(category, name, parent)
    return Category.objects.get(pk=category.pk)


def _rewrite(node: Category, name: str, parent: Category | None) -> None:
    old = Category.objects.get_parent(node)
    if (old and old.pk) != (parent and parent.pk):
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


@retry_when_lost
@transaction.atomic
def change_category(
    *, category_id: int, name: str | None, parent: Category | None, moves: bool
) -> Category:
    """Renames a category and, where it `moves`, puts it with all below it under `parent`.

    Raises:
        Category.DoesNotExist: it, or its new parent, is gone.
        ValidationError: by field.
    """
    lock_tree()
    category = Category.objects.get(pk=category_id)
    if not moves:
        parent = Category.objects.get_parent(category)
    elif parent is not None:
        parent = Category.objects.get(pk=parent.pk)
    name = category.name if name is None else name
    check_place(category=category, name=name, parent=parent)
    try:
        with transaction.atomic():
            return place_category(category=category, name=name, parent=parent)
    except IntegrityError as error:
        text = _("A category's name is not blank and holds no slash.")
        raise ValidationError({"name": ValidationError(text, code="category_path")}) from error


@retry_when_lost
@transaction.atomic
def delete_category(*, category_id: int) -> None:
    """Deletes a category in which nothing is.

    Raises:
        Category.DoesNotExist: it is gone.
        Refusal: products, other categories or past counts are in the way.
    """
    lock_tree()
    category = Category.objects.get(pk=category_id)
    if Category.objects.filter(path__startswith=category.path).exclude(pk=category.pk).exists():
        raise Refusal(_("There are categories below it. Delete or move them first."), "in_use")
    products = _("There are products in it. Put them into another category first.")
    if Product.objects.filter(category=category).exists():
        raise Refusal(products, "in_use")
    try:
        with transaction.atomic():
            category.delete()
            # Now, and not at the commit: somebody may have put a product into it just before.
            connection.check_constraints()
    except (ProtectedError, IntegrityError) as error:
        text = _("Something refers to it, as a product or a stocktake does. Rename it instead.")
        raise Refusal(text, "in_use") from error
