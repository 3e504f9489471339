"""Opening hours as people write them, a line for some days: `Mo-Fr 09:00-18:00`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# As schema.org spells them, which the product page hands on to search engines.
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_LINE = re.compile(
    r"^(?P<days>[A-Z][a-z](?:[-,][A-Z][a-z])*)\s+"
    r"(?P<spans>\d{2}:\d{2}-\d{2}:\d{2}(?:,\s*\d{2}:\d{2}-\d{2}:\d{2})*)$"
)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a store is open on some days of the week (0 is Monday)."""

    days: tuple[int, ...]
    opens: time
    closes: time


def parse_opening_hours(text: str) -> list[Span]:
    """The spans of all lines.

    Raises:
        ValidationError: a line is not written as above; names the line.
    """
    spans: list[Span] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            spans += _parse_line(line.strip())
        except ValueError as error:
            raise ValidationError(
                _(
                    "Line %(number)d, “%(line)s”: write days and times like Mo-Fr 09:00-18:00 or"
                    " Sa,Su 10:00-13:00,14:00-16:00."
                ),
                code="opening_hours",
                params={"number": number, "line": line},
            ) from error
    return spans


def validate_opening_hours(text: str) -> None:
    parse_opening_hours(text)


def known_spans(text: str) -> list[Span]:
    """The spans of a store's hours; none where somebody wrote past the forms what nobody reads."""
    try:
        return parse_opening_hours(text)
    except ValidationError:
        return []


@dataclass(frozen=True, slots=True)
class Opening:
    """How a store stands at a moment; both times are of its own wall clock.

    `closes` of an open one is None where it never does, `opens` of a closed one where no hours are
    known.
    """

    is_open: bool
    closes: datetime | None = None
    opens: datetime | None = None


def opening_at(spans: Iterable[Span], now: datetime) -> Opening:
    """How a store with these hours stands at `now`, a naive time of its own wall clock.

    People keep hours by the clock on the wall, so that no rule is needed for the days on which it is
    put forward or back.
    """
    for begin, end in _periods(list(spans), now):
        if now < begin:
            return Opening(is_open=False, opens=begin)
        if now < end:
            return Opening(is_open=True, closes=end if end - now < _WEEK else None)
    return Opening(is_open=False)


def day_periods(spans: Iterable[Span], day: int) -> list[tuple[time, time]]:
    """From when to when a store is open on a day of the week, in order, what touches joined.

    An end at midnight is 00:00.
    """
    begin = datetime.combine(_SOME_MONDAY, time()) + timedelta(days=day)
    found = _joined([_period(span, begin) for span in spans if day in span.days])
    return [(opens.time(), closes.time()) for opens, closes in found]


_WEEK = timedelta(days=7)
_SOME_MONDAY = date(2024, 1, 1)
# What people write for midnight, since 24:00 is no time of day.
_LAST_MINUTE = time(23, 59)


def _periods(spans: Sequence[Span], now: datetime) -> list[tuple[datetime, datetime]]:
    """Opening periods around a moment: since the day before, whose night may reach into this one,
    until all that a week brings has come, and a day more to see that it goes on.
    """
    midnight = datetime.combine(now.date(), time())
    days = [midnight + timedelta(days=shift) for shift in range(-1, 9)]
    return _joined(
        [_period(span, day) for day in days for span in spans if day.weekday() in span.days]
    )


def _period(span: Span, day: datetime) -> tuple[datetime, datetime]:
    closes = datetime.combine(day.date(), span.closes)
    if span.closes == _LAST_MINUTE:
        closes = day + timedelta(days=1)
    return datetime.combine(day.date(), span.opens), closes


def _joined(periods: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Those that overlap or touch, as across midnight, as one; in order."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(periods):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _parse_line(line: str) -> list[Span]:
    match = _LINE.match(line)
    if match is None:
        raise ValueError(line)
    days = _parse_days(match["days"])
    spans = []
    for span in match["spans"].split(","):
        opens, closes = (time.fromisoformat(part) for part in span.strip().split("-"))
        if opens >= closes:
            raise ValueError(line)
        spans.append(Span(days, opens, closes))
    return spans


def _parse_days(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        if begin > end:
            raise ValueError(text)
        days.update(range(begin, end + 1))
    return tuple(sorted(days))
