"""Opening hours as people write them, a line for some days: `Mo-Fr 09:00-18:00`."""

import re
from dataclasses import dataclass
from datetime import time

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
