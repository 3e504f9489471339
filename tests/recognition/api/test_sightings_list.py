"""`GET /api/v1/sightings/`: one's own queries, or all of them for those who may look."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import ANALYST, PARTNER
from recognition.models import Encoder, Sighting
from recognition.sightings import review_sighting
from tests.factories import ProductFactory, person
from tests.recognition.recorded import aged, asked, lamps
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(encoder: Encoder) -> list[Any]:
    return lamps(3)


def tokens(api: Api, **query: Any) -> list[str]:
    answer = api.get("sightings/", **query)
    assert answer.status_code == 200, answer.content
    return [each["token"] for each in answer.json()["results"]]


def test_a_partner_sees_its_own_and_staff_see_all(encoder: Encoder, goods) -> None:
    partner, analyst = person(PARTNER), person(ANALYST)
    public = asked(encoder, goods, photo=False)
    own = asked(encoder, goods, photo=False, user=partner)
    others = asked(encoder, goods, photo=False, user=analyst)
    assert tokens(Api(partner)) == [own.token]
    assert tokens(Api(analyst)) == [others.token, own.token, public.token]
    assert Client().get("/api/v1/sightings/").status_code == 401


def test_a_row(encoder: Encoder, goods) -> None:
    partner = person(PARTNER)
    asked(encoder, goods, photo=False, user=partner, verdict="match", source="api")
    (row,) = Api(partner).get("sightings/").json()["results"]
    assert row == {
        "token": row["token"], "asked_at": row["asked_at"], "source": "api", "store": None,
        "encoder": encoder.key, "verdict": "match", "best": "P0", "distance": 0.1, "margin": 0.05,
        "barcode": None, "narrowed": False, "review": None, "reviewed_sku": None,
        "reviewed_at": None,
    }  # fmt: skip


def test_what_is_not_sold_is_named_to_staff_alone(encoder: Encoder, goods) -> None:
    partner = person(PARTNER)
    asked(encoder, goods, photo=False, user=partner)
    goods[0].is_active = False
    goods[0].save()
    assert Api(partner).get("sightings/").json()["results"][0]["best"] is None
    assert Api(person(ANALYST)).get("sightings/").json()["results"][0]["best"] == "P0"


def test_filters(encoder: Encoder, goods) -> None:
    api = Api(person(ANALYST))
    plain = asked(encoder, goods, photo=False)
    match = asked(encoder, goods[::-1], photo=False, verdict="match")
    review_sighting(
        sighting=match, product=goods[1], by=None, occasion=Sighting.Occasion.VOLUNTEERED
    )
    aged(plain, datetime(2026, 1, 1, tzinfo=UTC))
    assert tokens(api, verdict="match") == [match.token]
    assert tokens(api, verdict="none") == [plain.token]
    assert tokens(api, review="corrected") == [match.token]
    assert tokens(api, review="none") == [plain.token]
    assert tokens(api, encoder=encoder.key) == [match.token, plain.token]
    assert tokens(api, encoder="a:b:c") == []
    assert tokens(api, sku="P1") == [match.token]
    assert tokens(api, sku="P0") == [plain.token]
    assert tokens(api, asked_before="2026-01-02T00:00:00Z") == [plain.token]
    assert tokens(api, asked_after="2026-01-02T00:00:00Z") == [match.token]
    assert tokens(api, ordering="id") == [plain.token, match.token]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"verdict": "sure"}, ("invalid_choice", "verdict")),
        ({"review": "x"}, ("invalid_choice", "review")),
        ({"sku": "NONE"}, ("does_not_exist", "sku")),
        ({"asked_after": "yesterday"}, ("invalid", "asked_after")),
        ({"ordering": "user"}, ("unknown_order", "ordering")),
        ({"fields": "token,secret"}, ("unknown_field", "fields")),
    ],
)
def test_bad_parameters(encoder: Encoder, query: dict, expected) -> None:
    answer = Api(person(ANALYST)).get("sightings/", **query)
    assert (answer.status_code, errors(answer)) == (400, [expected])


def test_fields_and_pages(encoder: Encoder, goods) -> None:
    api = Api(person(ANALYST))
    made = [asked(encoder, goods, photo=False) for _ in range(5)]
    page = api.get("sightings/", limit=2, fields="token,best").json()
    seen = page["results"]
    while page["next"]:
        asked(encoder, goods, photo=False)
        page = api.get(page["next"]).json()
        seen += page["results"]
    assert [row["token"] for row in seen] == [each.token for each in made[::-1]]
    assert all(set(row) == {"token", "best"} for row in seen)


def test_the_same_queries_for_10_and_for_100_rows(encoder: Encoder) -> None:
    api = Api(person(ANALYST))

    def queries(n: int) -> int:
        for _n in range(n):
            Sighting.objects.create(
                encoder=encoder, source="api", best_product=ProductFactory(), distance=0.1
            )
        with CaptureQueriesContext(connection) as captured:
            assert api.get("sightings/", limit=500).status_code == 200
        return len(captured)

    assert queries(10) == queries(90)
