"""Opening hours as sentences, in the reader's language."""

from datetime import datetime

import pytest
from django.utils import translation

from stores.hours_in_words import in_words, short_week, week
from stores.opening_hours import opening_at, parse_opening_hours

SHOP = "Mo-Fr 09:00-13:00,14:00-18:30\nSa 10:00-16:00"
BAR = "Fr,Sa 20:00-23:59\nSa,Su 00:00-03:00"
LONG = "Fr 20:00-23:59\nSa 00:00-23:59\nSu 00:00-22:00"


def says(hours: str, day: int, clock: str) -> str:
    """On a day of January 2026, whose 5th is a Monday."""
    now = datetime.fromisoformat(f"2026-01-{day:02} {clock}")
    return in_words(opening_at(parse_opening_hours(hours), now), now)


@pytest.mark.parametrize(
    ("hours", "day", "clock", "expected"),
    [
        (SHOP, 5, "15:00", "Open until 18:30"),
        (SHOP, 5, "12:00", "Closes soon, at 13:00"),
        (SHOP, 5, "11:59", "Open until 13:00"),
        (SHOP, 5, "08:00", "Closed. Opens at 09:00"),
        (SHOP, 5, "13:30", "Closed. Opens at 14:00"),
        (SHOP, 5, "19:00", "Closed. Opens tomorrow at 09:00"),
        (SHOP, 10, "17:00", "Closed. Opens Monday at 09:00"),
        (BAR, 9, "22:00", "Open until 03:00"),
        (BAR, 10, "02:30", "Closes soon, at 03:00"),
        (LONG, 9, "21:00", "Open until Sunday, 22:00"),
        ("Mo 20:00-23:59", 5, "20:00", "Open until 00:00"),
        ("Mo 12:00-14:00", 5, "11:00", "Closed. Opens at 12:00"),
        ("Mo-Su 00:00-23:59", 5, "20:00", "Open around the clock"),
        ("", 5, "20:00", ""),
    ],
)
def test_a_sentence(hours, day, clock, expected) -> None:
    assert says(hours, day, clock) == expected


def test_the_clock_is_that_of_the_language() -> None:
    with translation.override("ru"):
        assert "18:30" in says(SHOP, 5, "15:00")


def test_the_week_has_every_day_and_marks_today() -> None:
    days = week(parse_opening_hours(SHOP), today=5)
    assert len(days) == 7
    assert days[0].name == "Monday"
    assert days[0].periods == ["09:00 – 13:00", "14:00 – 18:30"]
    assert days[6].periods == []
    assert [day.name for day in days if day.is_today] == ["Saturday"]


def test_equal_days_on_end_are_one_line() -> None:
    lines = short_week(parse_opening_hours(SHOP), today=2)
    assert [(line.name, line.is_today) for line in lines] == [
        ("Mon – Fri", True),
        ("Sat", False),
        ("Sun", False),
    ]


def test_no_hours_are_no_week() -> None:
    assert week([], 0) == short_week([], 0) == []
