"""A product's history as people read it: the events of its row and of its photos, newest first."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from products.attribute_words import attribute_rows
from products.models import Category, Product, ProductEvent, ProductImage, ProductImageEvent
from products.models.category import full_names
from products.models.history import BASELINE
from products.templatetags.catalogue import price
from products.thumbnails import thumbnail_url

_PRODUCT, _PHOTO = "product", "photo"
_FIELDS: list[Any] = [
    Product._meta.get_field(each.name)
    for each in ProductEvent._meta.fields
    if not each.name.startswith("pgh_")
]
# Of two long texts the reader needs the place where they differ.
_TEXT_MOST, _TEXT_AROUND = 400, 40

Reference = tuple[datetime, str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed; no `old` where the product is new."""

    label: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class PhotoChange:
    """What became of a photo; no `url` where it exists no more."""

    text: str
    detail: str
    url: str


@dataclass(slots=True)
class Entry:
    """What one request, or one run of a program, did to a product."""

    at: datetime
    who: str
    source: str
    address: str
    titles: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    photos: list[PhotoChange] = field(default_factory=list)


def references(product: int) -> QuerySet[Any, Reference]:
    """What happened to a product, newest first, to be cut into pages and given to `entries`."""
    rows = ProductEvent.objects.filter(pgh_obj=product).annotate(table=Value(_PRODUCT))
    photos = ProductImageEvent.objects.filter(product=product).annotate(table=Value(_PHOTO))
    columns = ("pgh_created_at", "table", "pgh_id")
    both = rows.values_list(*columns).union(photos.values_list(*columns), all=True)
    return both.order_by("-pgh_created_at", "-pgh_id")


def last_name(product: int) -> str:
    """The newest recorded name of a product, which may be deleted; "" where none is recorded."""
    state = ProductEvent.objects.filter(pgh_obj=product).order_by("-pgh_id").first()
    return f"{state.name} ({state.sku})" if state else ""


def entries(page: Iterable[Reference]) -> list[Entry]:
    """The given events, in their order; neighbours that one request wrote are one entry."""
    order = [(table, key) for _at, table, key in page]
    reader = _Reader(
        _with_previous([key for table, key in order if table == _PRODUCT]),
        ProductImageEvent.objects.in_bulk([key for table, key in order if table == _PHOTO]),
    )
    found: list[Entry] = []
    context: Any = None
    for table, key in order:
        event = (reader.rows if table == _PRODUCT else reader.photos)[key]
        same = (event.pgh_context_id, event.pgh_context)
        if event.pgh_context_id is None or same != context:
            found.append(reader.entry(event))
            context = same
        reader.add(found[-1], event)
    return found


def _with_previous(keys: Sequence[int]) -> dict[int, ProductEvent]:
    """Events with `previous`, the state before each."""
    before = (
        ProductEvent.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id"))
        .order_by("-pgh_id")
        .values("pgh_id")[:1]
    )
    events = ProductEvent.objects.annotate(previous_id=Subquery(before)).in_bulk(keys)
    previous = ProductEvent.objects.in_bulk(
        [event.previous_id for event in events.values() if event.previous_id]
    )
    for event in events.values():
        event.previous = previous.get(event.previous_id)
    return events


class _Reader:
    """Turns events into text; whatever they name is fetched at once for all of them."""

    def __init__(self, rows: dict[int, ProductEvent], photos: dict[int, ProductImageEvent]) -> None:
        self.rows, self.photos = rows, photos
        states = [state for row in rows.values() for state in (row, row.previous) if state]
        self._categories = full_names(
            Category.objects.filter(pk__in={state.category_id for state in states})
        )
        heirs = {state.merged_into_id for state in states if state.merged_into_id}
        self._products = {
            heir.pk: str(heir) for heir in Product.objects.only("name", "sku").filter(pk__in=heirs)
        }
        self._images = ProductImage.objects.in_bulk({photo.pgh_obj_id for photo in photos.values()})
        self._users = User.objects.only("username").in_bulk(
            {
                number
                for event in self._events()
                if (number := (event.pgh_context or {}).get("user"))
            }
        )

    def _events(self) -> list[Any]:
        return [*self.rows.values(), *self.photos.values()]

    def entry(self, event: ProductEvent | ProductImageEvent) -> Entry:
        context = event.pgh_context or {}
        return Entry(
            at=event.pgh_created_at,
            who="" if event.pgh_label == BASELINE else self._who(context),
            source=str(context.get("source", "")),
            address=str(context.get("url", "")),
        )

    def add(self, entry: Entry, event: ProductEvent | ProductImageEvent) -> None:
        if isinstance(event, ProductImageEvent):
            entry.photos.append(self._photo(event))
            return
        title = {
            "insert": _("Added"),
            "delete": _("Deleted"),
            BASELINE: _("The history begins here"),
        }.get(event.pgh_label)
        if title:
            entry.titles.append(title)
        if event.pgh_label in ("insert", "update"):
            entry.changes += self._changes(event.previous, event)

    def _who(self, context: dict[str, Any]) -> str:
        number = context.get("user")
        if number in self._users:
            return self._users[number].get_username()
        if number:
            return _("user %(number)s (deleted)") % {"number": number}
        if context.get("source"):
            return ""
        # A request without a user, or SQL and scripts, which name nobody.
        return _("not signed in") if context else _("unknown, not through the site")

    def _changes(self, old: ProductEvent | None, new: ProductEvent) -> list[Change]:
        changes = []
        for each in _FIELDS:
            before = getattr(old, each.attname) if old else None
            after = getattr(new, each.attname)
            if before == after or (old is None and each.name == "created_at"):
                continue
            if each.name == "attributes":
                changes += _attribute_changes(before, after)
                continue
            texts = (self._text(each, before), self._text(each, after))
            if any(texts):
                changes.append(
                    _change(capfirst(str(each.verbose_name)), *texts, is_new=old is None)
                )
        return changes

    def _text(self, each: Any, value: Any) -> str:
        if value is None or value == "":
            return ""
        if each.name == "price":
            return price(value)
        if isinstance(each, models.ForeignKey):
            return self._named(each, value)
        if isinstance(each, models.BooleanField):
            return _("Yes") if value else _("No")
        if isinstance(each, models.DateTimeField):
            return date_format(localtime(value), "DATETIME_FORMAT")
        return str(value)

    def _named(self, each: Any, number: int) -> str:
        names = self._categories if each.related_model is Category else self._products
        return names.get(number) or _("%(kind)s %(number)d (deleted)") % {
            "kind": each.related_model._meta.verbose_name,
            "number": number,
        }

    def _photo(self, event: ProductImageEvent) -> PhotoChange:
        text = {
            "added": _("Photo added"),
            "removed": _("Photo removed"),
            "replaced": _("Photo replaced"),
            "reordered": _("Photo put in another place"),
            "moved_here": _("Photo taken from another product"),
            "moved_away": _("Photo given to another product"),
        }[event.pgh_label]
        image = self._images.get(event.pgh_obj_id)
        # A photo that was replaced since then looks different now.
        shown = image is not None and image.digest == event.digest
        return PhotoChange(
            text,
            _("no. %(number)d, position %(position)d, %(width)d × %(height)d")
            % {
                "number": event.pgh_obj_id,
                "position": event.position,
                "width": event.width,
                "height": event.height,
            },
            thumbnail_url(image.file, "small") if image is not None and shown else "",
        )


def _attribute_changes(old: Any, new: Any) -> list[Change]:
    """The attributes that differ, each as a field of its own."""
    # SQL could write a list, which has no names.
    before, after = (
        dict(attribute_rows(each)) if isinstance(each, dict) else {} for each in (old, new)
    )
    label = _("Attribute %(name)s")
    changes = [
        _change(
            label % {"name": name}, before.get(name, ""), after.get(name, ""), is_new=old is None
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    if changes or old is None:
        return changes
    # What people read is the same, as with 1 and "1".
    before_text, after_text = (
        json.dumps(each, ensure_ascii=False, sort_keys=True) for each in (old, new)
    )
    label = capfirst(str(Product._meta.get_field("attributes").verbose_name))
    return [_change(label, before_text, after_text)]


def _change(label: str, old: str, new: str, *, is_new: bool = False) -> Change:
    old, new = excerpts(old, new)
    return Change(label, None if is_new else old, new)


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Two texts, or where they are long the part of them around their first difference."""
    if max(len(old), len(new)) <= _TEXT_MOST:
        return old, new
    same = next(
        (place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(new)),
    )
    start = max(0, same - _TEXT_AROUND)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + _TEXT_MOST]
    return ("…" if start and part else "") + part + ("…" if start + _TEXT_MOST < len(text) else "")
