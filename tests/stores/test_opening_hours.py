"""Opening hours: what is understood, and what is refused with the line that is wrong."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError

from stores.opening_hours import Span, parse_opening_hours, validate_opening_hours
from tests.factories import StoreFactory


def test_lines_of_days_and_times() -> None:
    text = "Mo-Fr 09:00-18:00\n\n  Sa,Su 10:00-13:00, 14:00-16:00  \nMo-Tu,Th 19:00-20:30"
    assert parse_opening_hours(text) == [
        Span((0, 1, 2, 3, 4), time(9), time(18)),
        Span((5, 6), time(10), time(13)),
        Span((5, 6), time(14), time(16)),
        Span((0, 1, 3), time(19), time(20, 30)),
    ]


def test_nothing_is_no_hours() -> None:
    assert parse_opening_hours("") == []
    assert parse_opening_hours(" \n ") == []


@pytest.mark.parametrize(
    "line",
    [
        "9-18",
        "Mo 9:00-18:00",
        "Mo 09:00-25:00",
        "Mo 09:00-09:60",
        "Mo 18:00-09:00",
        "Mo 09:00-09:00",
        "Fr-Mo 09:00-18:00",
        "Xx 09:00-18:00",
        "Mo-Xx 09:00-18:00",
        "Mo-Tu-We 09:00-18:00",
        "Mo- 09:00-18:00",
        "Mo, 09:00-18:00",
        "Mo 09:00",
        "Mo 09:00-18:00;",
        "Mo 09:00-18:00,",
        "Mo \u0660\u0669:\u0660\u0660-\u0661\u0668:\u0660\u0660",
        "<script>",
    ],
)
def test_what_is_not_understood_names_its_line(line) -> None:
    with pytest.raises(ValidationError) as error:
        validate_opening_hours(f"Mo-Fr 09:00-18:00\n{line}")
    assert "Line 2" in error.value.messages[0]
    assert line in error.value.messages[0]


@pytest.mark.django_db
def test_a_store_is_not_saved_with_hours_that_nobody_understands() -> None:
    store = StoreFactory(opening_hours="whenever")
    with pytest.raises(ValidationError, match="Line 1"):
        store.full_clean()
