"""`GET /api/v1/encoders/`."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import PARTNER, STORE_CLERK
from api.scopes import Scope
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding
from tests.api.programs import error, program
from tests.factories import person, with_photo
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db


def test_how_far_each_has_come(encoder: Encoder) -> None:
    images = [with_photo(n) for n in range(3)]
    embed_pending(encoder)
    ImageEmbedding.objects.filter(image=images[0]).update(
        state="failed", reason="made so", vector=None
    )
    with_photo(9)
    api = Api(person(PARTNER))
    (row,) = api.get("encoders/").json()["results"]
    assert row == {
        "id": encoder.pk, "key": encoder.key, "state": "active", "dimension": 512,
        "speaks_text": False, "scoring": encoder.scoring, "base": None, "fallback": "",
        "added_at": row["added_at"], "activated_at": row["activated_at"],
        "photos": {"ready": 2, "pending": 1, "failed": 1},
    }  # fmt: skip
    assert api.get(f"encoders/{encoder.pk}/").json() == row
    assert api.get(f"encoders/{encoder.pk}/", fields="key").json() == {"key": encoder.key}
    assert api.get("encoders/", fields="key,photos").json()["results"] == [
        {"key": encoder.key, "photos": row["photos"]}
    ]


def test_an_adapted_one_names_its_base(encoder: Encoder) -> None:
    key = f"{encoder.key}:adapter-12ab"
    adapted = Encoder.objects.create(key=key, base=encoder, dimension=8, speaks_text=False)
    api = Api(person(PARTNER))
    assert api.get(f"encoders/{adapted.pk}/").json()["base"] == encoder.key
    shown = api.get("encoders/", state="building").json()["results"]
    assert [each["key"] for each in shown] == [key]
    refused = api.get("encoders/", state="asleep")
    assert (refused.status_code, errors(refused)) == (400, [("invalid_choice", "state")])


def test_who_may_look(encoder: Encoder) -> None:
    for path in ("encoders/", f"encoders/{encoder.pk}/"):
        assert Client().get(f"/api/v1/{path}").status_code == 401
        assert Api(person(STORE_CLERK)).get(path).status_code == 403
    assert Api(person(PARTNER)).get("encoders/987654/").status_code == 404


def test_a_key_needs_the_scope(encoder: Encoder) -> None:
    paths = ("encoders/", "calibrations/", "feature-maps/", "sightings/", "products/X/similar/")
    seeing = program(scopes=[Scope.RECOGNISE])
    blind = program(scopes=[each for each in Scope if each != Scope.RECOGNISE])
    for path in paths:
        assert seeing.get(path).status_code == (404 if "X" in path else 200)
        assert error(blind.get(path)) == (403, "scope_missing", None)


def test_the_same_queries_for_10_and_for_100_rows(encoder: Encoder) -> None:
    api = Api(person(PARTNER))

    def queries(first: int, last: int) -> int:
        for n in range(first, last):
            Encoder.objects.create(key=f"a:b:{n}", dimension=8, speaks_text=False)
        with CaptureQueriesContext(connection) as captured:
            assert len(api.get("encoders/", limit=500).json()["results"]) == last + 1
        return len(captured)

    assert queries(0, 9) == queries(9, 99)
