"""The tree of categories."""

import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Length, Lower, Substr
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

PATH_SEPARATOR = "/"
# Any fixed number; it names the lock under which the tree is changed.
_TREE_LOCK = 7_201_001


def lock_tree() -> None:
    """Until the transaction ends, nobody else changes the tree: two writers would both compute the
    same next branch.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def split_path(text: str) -> list[str]:
    """`"Fruit / Apple"` as `["Fruit", "Apple"]`.

    Raises:
        ValidationError: an empty name between two separators, one that is too long or holds control
            characters, or too many of them.
    """
    # One way to write "é", so that two systems' spellings are not two categories.
    text = unicodedata.normalize("NFC", text)
    names = [" ".join(name.split()) for name in text.split(PATH_SEPARATOR)]
    if any(unicodedata.category(character) == "Cc" for name in names for character in name):
        raise ValidationError(
            _("A category's name holds a control character; type it anew."), code="category_path"
        )
    if not all(names):
        raise ValidationError(
            _("Category path “%(path)s” has an empty name; write it like Fruit/Apple."),
            code="category_path",
            params={"path": text},
        )
    longest = max(map(len, names))
    if longest > Category.NAME_LENGTH:
        raise ValidationError(
            _("A category's name has at most %(most)d characters; one here has %(longest)d."),
            code="category_path",
            params={"most": Category.NAME_LENGTH, "longest": longest},
        )
    if len(names) > Category.MAX_DEPTH:
        raise ValidationError(
            _("Category path “%(path)s” is deeper than %(most)d levels."),
            code="category_path",
            params={"path": text, "most": Category.MAX_DEPTH},
        )
    return names


class CategoryQuerySet(MP_NodeQuerySet):
    def find(self, text: str) -> "Category | None":
        """The category at a `/` path, letter case ignored; None where there is none."""
        try:
            names = split_path(text)
        except ValidationError:
            return None
        found: Category | None = None
        for name in names:
            level = self.filter(depth=found.depth + 1 if found else 1)
            if found is not None:
                level = level.filter(path__startswith=found.path)
            found = level.named(name).first()
            if found is None:
                return None
        return found

    def with_full_names(self) -> "CategoryQuerySet":
        """With `full_name` at hand, so that many are shown by one query."""
        is_above = models.Func(
            models.OuterRef("path"),
            models.F("path"),
            function="STARTS_WITH",
            output_field=models.BooleanField(),
        )
        # No aggregate of Django's, which would group by the path of the row outside.
        names = models.Func(
            models.F("name"),
            models.Value(PATH_SEPARATOR),
            template="STRING_AGG(%(expressions)s ORDER BY path)",
            output_field=models.TextField(),
        )
        above = Category.objects.filter(is_above).order_by().annotate(names=names).values("names")
        return self.annotate(full_name=models.Subquery(above))

    def named(self, name: str) -> "CategoryQuerySet":
        """Those of a name, letter case ignored just as the database's unique constraint does it."""
        return self.filter(Exact(Lower("name"), Lower(models.Value(name))))


class CategoryManager(MP_NodeManager.from_queryset(CategoryQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> CategoryQuerySet:
        return CategoryQuerySet(self.model, using=self._db).order_by("path")

    @transaction.atomic
    def at_path(self, text: str) -> "Category":
        """The category at a `/` path; missing branches are added."""
        found = self.get_queryset().find(text)
        if found is not None:
            return found
        names = split_path(text)
        lock_tree()
        node: Category | None = None
        for name in names:
            level = self.get_root_nodes() if node is None else self.get_children(node)
            child = level.named(name).first()
            if child is None:
                child = (
                    self.add_root({"name": name})
                    if node is None
                    else self.add_child(node, {"name": name})
                )
            node = Category.objects.get(pk=child.pk)
        if node is None:  # split_path returns at least one name
            raise ValidationError(_("A category path needs at least one name."))
        return node


class Category(MP_Node):
    """A branch of the catalogue, shown by its path as in `Fruit/Apple/Pink Lady`."""

    NAME_LENGTH = 120
    MAX_DEPTH = 8

    name = models.CharField(_("name"), max_length=NAME_LENGTH)

    node_order_by = ["name"]
    objects = CategoryManager()

    class Meta(MP_Node.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^[^\s/]([^/]*[^\s/])?$"),
                name="category_name_is_clean",
                violation_error_message=_("A category's name is not blank and holds no slash."),
            ),
            models.UniqueConstraint(
                Substr("path", 1, Length("path") - MP_Node.steplen),
                Lower("name"),
                name="category_name_unique_in_branch",
                violation_error_message=_("There is a category of this name here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def slug(self) -> str:
        """Its name as a part of an address, in its own letters; never empty."""
        return slugify(self.name, allow_unicode=True) or "-"

    def get_absolute_url(self) -> str:
        return reverse("recognition:category", kwargs={"pk": self.pk, "slug": self.slug})

    def above(self) -> list["Category"]:
        """The categories that it lies in, the main one first, and itself."""
        ends = range(Category.steplen, len(self.path), Category.steplen)
        over = Category.objects.filter(path__in=[self.path[:end] for end in ends])
        line = [*over.order_by("path"), self]
        for number, category in enumerate(line, start=1):
            # Known now, without asking for each.
            category.full_name = PATH_SEPARATOR.join(each.name for each in line[:number])
        return line

    @cached_property
    def full_name(self) -> str:
        """The `/` path from the root. Read many with `full_names` or `with_full_names`."""
        return full_names([self])[self.pk]


def full_names(categories: Iterable[Category]) -> dict[int, str]:
    """`{category id: "Fruit/Apple"}` for many categories by one query."""
    categories = list(categories)
    step = Category.steplen
    paths = {
        category.path[:end]
        for category in categories
        for end in range(step, len(category.path), step)
    }
    names = dict(Category.objects.filter(path__in=paths).values_list("path", "name"))
    names.update({category.path: category.name for category in categories})
    return {
        category.pk: PATH_SEPARATOR.join(
            names.get(category.path[:end], "…") for end in range(step, len(category.path) + 1, step)
        )
        for category in categories
    }
