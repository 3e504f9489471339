"""Opening hours as people are told them: until when, from when, and the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from stores.opening_hours import Opening, Span, day_periods

# Who reads this on the way there wants to know that it may be too late.
_SOON = timedelta(minutes=60)
# An end in the small hours belongs to the evening before: “until 03:00” needs no day.
_NIGHT_ENDS = time(6)
# Languages with cases write a day otherwise inside of a sentence.
_OPENS_ON = (
    pgettext_lazy("opens", "Monday"),
    pgettext_lazy("opens", "Tuesday"),
    pgettext_lazy("opens", "Wednesday"),
    pgettext_lazy("opens", "Thursday"),
    pgettext_lazy("opens", "Friday"),
    pgettext_lazy("opens", "Saturday"),
    pgettext_lazy("opens", "Sunday"),
)
_OPEN_UNTIL = (
    pgettext_lazy("open until", "Monday"),
    pgettext_lazy("open until", "Tuesday"),
    pgettext_lazy("open until", "Wednesday"),
    pgettext_lazy("open until", "Thursday"),
    pgettext_lazy("open until", "Friday"),
    pgettext_lazy("open until", "Saturday"),
    pgettext_lazy("open until", "Sunday"),
)


def in_words(opening: Opening, now: datetime) -> str:
    """As in “Open until 18:00”; "" where no hours are known. `now` is of the store's wall clock."""
    if opening.is_open:
        return _open_in_words(opening.closes, now)
    if opening.opens is None:
        return ""
    clock = _clock(opening.opens.time())
    days = (opening.opens.date() - now.date()).days
    if days == 0:
        return _("Closed. Opens at %(time)s") % {"time": clock}
    if days == 1:
        return _("Closed. Opens tomorrow at %(time)s") % {"time": clock}
    day = _OPENS_ON[opening.opens.weekday()]
    return _("Closed. Opens %(day)s at %(time)s") % {"day": day, "time": clock}


def _open_in_words(closes: datetime | None, now: datetime) -> str:
    if closes is None:
        return _("Open around the clock")
    clock = _clock(closes.time())
    if closes - now <= _SOON:
        return _("Closes soon, at %(time)s") % {"time": clock}
    tomorrow_morning = datetime.combine(now.date() + timedelta(days=1), _NIGHT_ENDS)
    if closes <= tomorrow_morning:
        return _("Open until %(time)s") % {"time": clock}
    day = _OPEN_UNTIL[closes.weekday()]
    return _("Open until %(day)s, %(time)s") % {"day": day, "time": clock}


@dataclass(frozen=True, slots=True)
class Days:
    """One day of the week, or several on end that have the same hours."""

    name: str
    periods: list[str]
    is_today: bool


def week(spans: Sequence[Span], today: int) -> list[Days]:
    """The seven days, Monday first; a day without periods is closed. Nothing without hours."""
    if not spans:
        return []
    return [
        Days(str(WEEKDAYS[day]), _periods(day_periods(spans, day)), day == today)
        for day in range(7)
    ]


def short_week(spans: Sequence[Span], today: int) -> list[Days]:
    """The week with equal days on end as one line, as in “Mon – Fri”."""
    if not spans:
        return []
    lines: list[tuple[int, int, list[tuple[time, time]]]] = []
    for day in range(7):
        periods = day_periods(spans, day)
        if lines and lines[-1][2] == periods:
            lines[-1] = lines[-1][0], day, periods
        else:
            lines.append((day, day, periods))
    return [
        Days(_from_to(first, last), _periods(periods), first <= today <= last)
        for first, last, periods in lines
    ]


def _from_to(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS_ABBR[first])
    return _("%(first)s – %(last)s") % {"first": WEEKDAYS_ABBR[first], "last": WEEKDAYS_ABBR[last]}


def _periods(periods: Sequence[tuple[time, time]]) -> list[str]:
    return [
        _("%(first)s – %(last)s") % {"first": _clock(opens), "last": _clock(closes)}
        for opens, closes in periods
    ]


def _clock(moment: time) -> str:
    """As the reader's language writes it."""
    return time_format(moment)
