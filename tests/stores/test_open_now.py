"""Whether a store is open at a moment, and until or from when."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from stores.opening_hours import Opening, day_periods, known_spans, opening_at, parse_opening_hours

SHOP = "Mo-Fr 09:00-13:00,14:00-18:00\nSa 10:00-16:00"
BAR = "Fr,Sa 20:00-23:59\nSa,Su 00:00-03:00"
ALWAYS = "Mo-Su 00:00-23:59"


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - a clock on a wall has no zone


def moment(text: str) -> datetime:
    """`Mo 09:00` of the week that begins with Monday, 5 January 2026."""
    day, clock = text.split()
    number = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su").index(day)
    return datetime.combine(date(2026, 1, 5 + number), time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("hours", "now", "closes"),
    [
        (SHOP, "Mo 09:00", "Mo 13:00"),
        (SHOP, "Mo 12:59", "Mo 13:00"),
        (SHOP, "Mo 14:00", "Mo 18:00"),
        (SHOP, "Sa 15:59", "Sa 16:00"),
        (BAR, "Fr 23:30", "Sa 03:00"),
        (BAR, "Fr 23:59", "Sa 03:00"),
        (BAR, "Sa 00:00", "Sa 03:00"),
        (BAR, "Sa 22:00", "Su 03:00"),
        # Written in two lines that touch, or overlap.
        ("Mo 09:00-13:00\nMo 13:00-18:00", "Mo 10:00", "Mo 18:00"),
        ("Mo 09:00-15:00\nMo 12:00-18:00\nMo 10:00-11:00", "Mo 10:00", "Mo 18:00"),
        # Open over some days on end.
        ("Fr 20:00-23:59\nSa 00:00-23:59\nSu 00:00-22:00", "Fr 21:00", "Su 22:00"),
    ],
)
def test_open_until(hours, now, closes) -> None:
    found = opening_at(parse_opening_hours(hours), moment(now))
    assert found == Opening(is_open=True, closes=moment(closes))


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (SHOP, "Mo 08:59", "Mo 09:00"),
        (SHOP, "Mo 13:00", "Mo 14:00"),
        (SHOP, "Mo 18:00", "Tu 09:00"),
        (SHOP, "Fr 23:59", "Sa 10:00"),
        (BAR, "Mo 00:00", "Fr 20:00"),
        (BAR, "Sa 03:00", "Sa 20:00"),
    ],
)
def test_closed_until(hours, now, opens) -> None:
    found = opening_at(parse_opening_hours(hours), moment(now))
    assert found == Opening(is_open=False, opens=moment(opens))


def test_a_store_of_one_day_opens_in_a_week() -> None:
    spans = parse_opening_hours("Mo 09:00-10:00")
    assert opening_at(spans, moment("Mo 10:00")).opens == wall(2026, 1, 12, 9)
    assert opening_at(spans, moment("Su 23:59")).opens == wall(2026, 1, 12, 9)


def test_around_the_clock_has_no_end() -> None:
    for now in ("Mo 00:00", "We 23:59", "Su 12:00"):
        assert opening_at(parse_opening_hours(ALWAYS), moment(now)) == Opening(is_open=True)


def test_six_days_on_end_have_one() -> None:
    spans = parse_opening_hours("Mo-Sa 00:00-23:59")
    assert opening_at(spans, moment("Mo 00:00")).closes == wall(2026, 1, 11)
    assert opening_at(spans, moment("Su 12:00")).opens == wall(2026, 1, 12)


def test_without_hours_nothing_is_said() -> None:
    assert opening_at([], moment("Mo 12:00")) == Opening(is_open=False)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        # Clocks go forward at 02:00 on Sunday, 29 March 2026: 03:00 follows 01:59.
        ((2026, 3, 29, 0, 59), Opening(is_open=False, opens=wall(2026, 3, 29, 2, 30))),
        ((2026, 3, 29, 1, 0), Opening(is_open=True, closes=wall(2026, 3, 29, 18))),
        ((2026, 3, 28, 20, 0), Opening(is_open=False, opens=wall(2026, 3, 29, 2, 30))),
        ((2026, 3, 29, 15, 59), Opening(is_open=True, closes=wall(2026, 3, 29, 18))),
        ((2026, 3, 29, 16, 0), Opening(is_open=False, opens=wall(2026, 3, 30, 9))),
        # And back at 03:00 on 25 October: the hour from 02:00 comes twice.
        ((2026, 10, 25, 0, 45), Opening(is_open=True, closes=wall(2026, 10, 25, 18))),
        ((2026, 10, 25, 16, 59), Opening(is_open=True, closes=wall(2026, 10, 25, 18))),
        ((2026, 10, 25, 17, 0), Opening(is_open=False, opens=wall(2026, 10, 26, 9))),
    ],
)
def test_hours_are_of_the_clock_on_the_wall(utc, expected) -> None:
    local = datetime(*utc, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    spans = parse_opening_hours("Mo-Sa 09:00-18:00\nSu 02:30-18:00")
    assert opening_at(spans, local) == expected


def test_the_periods_of_a_day() -> None:
    spans = parse_opening_hours("Mo 14:00-18:00,09:00-13:00\nMo 13:00-14:00\nTu 20:00-23:59")
    assert day_periods(spans, 0) == [(time(9), time(18))]
    assert day_periods(spans, 1) == [(time(20), time(0))]
    assert day_periods(spans, 2) == []


def test_what_nobody_understands_is_no_hours() -> None:
    assert known_spans("whenever") == []
