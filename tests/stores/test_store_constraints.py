"""What the database holds of stores, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"code": ""},
        {"code": "a b"},
        {"code": "-a"},
        {"name": " "},
        {"latitude": 50.0},
        {"longitude": 8.0},
        {"latitude": 91.0, "longitude": 8.0},
        {"latitude": 50.0, "longitude": 181.0},
    ],
)
def test_the_database_refuses(fields: dict) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StoreFactory(**fields)


def test_a_place_or_none_is_taken() -> None:
    StoreFactory(latitude=50.0, longitude=8.0)
    StoreFactory()


def test_codes_are_unique() -> None:
    StoreFactory(code="mill")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoreFactory(code="mill")
