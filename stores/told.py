"""Stores as shoppers are told of them: open or not, how many there are, and the way there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stores.availability import Shelf
from stores.hours_in_words import Days, in_words, short_week, week
from stores.models import Store
from stores.opening_hours import Opening, Span, known_spans, opening_at

# A link that nothing is sent to until somebody follows it.
_WAY = "https://www.openstreetmap.org/directions?"
_PLACE = "https://www.openstreetmap.org/search?"


def wall_clock() -> datetime:
    """The time on the clocks of the stores: naive, of the site's time zone."""
    return timezone.localtime(timezone=timezone.get_default_timezone()).replace(tzinfo=None)


@dataclass(frozen=True)
class ToldStore:
    """A store at a moment of its wall clock, with what it holds of a product where one is asked for."""

    store: Store
    now: datetime
    quantity: int | None = None

    @cached_property
    def spans(self) -> list[Span]:
        return known_spans(self.store.opening_hours)

    @cached_property
    def opening(self) -> Opening:
        return opening_at(self.spans, self.now)

    @property
    def says(self) -> str:
        return in_words(self.opening, self.now)

    @property
    def week(self) -> list[Days]:
        return week(self.spans, self.now.weekday())

    @property
    def short_week(self) -> list[Days]:
        return short_week(self.spans, self.now.weekday())

    @property
    def address(self) -> str:
        """In one line."""
        return ", ".join(line.strip() for line in self.store.address.splitlines() if line.strip())

    @property
    def way(self) -> str:
        """A map with the way there; "" where nobody says where it is."""
        if self.store.latitude is not None:
            return _WAY + urlencode({"to": f"{self.store.latitude},{self.store.longitude}"})
        return _PLACE + urlencode({"query": self.address}) if self.address else ""

    @property
    def is_low(self) -> bool:
        return self.quantity is not None and 0 < self.quantity <= settings.STOCK_FEW

    @property
    def stock(self) -> str:
        return stock_in_words(self.quantity) if self.quantity is not None else ""


def told(stores: Iterable[Store]) -> list[ToldStore]:
    now = wall_clock()
    return [ToldStore(store, now) for store in stores]


def told_shelves(shelves: Iterable[Shelf]) -> list[ToldStore]:
    """The stores that hold a product, with how many: open ones first, else in the order given."""
    now = wall_clock()
    held = [ToldStore(shelf.store, now, shelf.quantity) for shelf in shelves]
    return sorted(held, key=lambda one: not one.opening.is_open)


def stock_in_words(quantity: int) -> str:
    """How many a store holds, as `settings.STOCK_SHOWN` says: the number, or words alone."""
    if quantity <= 0:
        return _("Not there at the moment")
    few = quantity <= settings.STOCK_FEW
    if settings.STOCK_SHOWN == "words":
        return _("Few left") if few else _("In stock")
    if few:
        text = ngettext("Only %(number)d left", "Only %(number)d left", quantity)
    else:
        text = ngettext("%(number)d in stock", "%(number)d in stock", quantity)
    return text % {"number": quantity}
