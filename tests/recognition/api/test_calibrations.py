"""`GET /api/v1/calibrations/`: what was measured, and what judges answers now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import PARTNER, STORE_CLERK
from products.models import Category
from recognition.calibrations import apply_run, is_stale, take_back
from recognition.models import Calibration, CalibrationRun, Encoder, ImageEmbedding, Scoring
from tests.factories import ProductFactory, person, with_photo
from tests.recognition.test_verdicts import calibrated
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(encoder: Encoder) -> Api:
    return Api(person(PARTNER))


def test_a_row_says_what_the_verdict_rests_on(encoder: Encoder, api: Api) -> None:
    run = calibrated(encoder)
    (row,) = api.get("calibrations/").json()["results"]
    assert (row["run"], row["encoder"], row["scoring"]) == (run.pk, encoder.key, encoder.scoring)
    assert (row["measured_on"], row["scope"], row["outcome"]) == ("queries", "", "own")
    assert (row["threshold"], row["target_error"], row["error_bound"]) == (0.5, 0.05, 0.04)
    assert (row["samples"], row["unknown_share"]) == (400, 0.1)
    assert row["in_force"] is True
    assert row["stale"] is True  # four photos were measured, and none is there
    assert "curve" not in row
    whole = api.get(f"calibrations/{row['id']}/").json()
    assert {key: whole[key] for key in row} == row
    assert set(whole) - set(row) == {
        "known", "unknown", "simulated", "right", "false_accepts", "set_gap", "set_samples",
        "set_median", "set_large", "targets", "curve", "sources", "warnings",
    }  # fmt: skip


def test_what_is_in_force(encoder: Encoder, api: Api) -> None:
    Category.objects.at_path("Fruit")
    first = calibrated(encoder)
    batch = apply_run(run=calibrated(encoder, **{"": {}, "Fruit": {}}))

    def found(**query: object) -> set[tuple[int, str]]:
        rows = api.get("calibrations/", **query).json()["results"]
        return {(each["run"], each["scope"]) for each in rows}

    second = CalibrationRun.objects.latest("pk").pk
    everything = {(first.pk, ""), (second, ""), (second, "Fruit")}
    assert found() == everything
    assert found(in_force="true") == {(second, ""), (second, "Fruit")}
    assert found(in_force="false") == {(first.pk, "")}
    assert found(scope="Fruit") == {(second, "Fruit")}
    assert found(scope="") == {(first.pk, ""), (second, "")}
    assert found(encoder=encoder.key, measured_on="queries") == everything
    assert found(measured_on="catalogue") == set()
    take_back(batch=batch)
    Encoder.objects.filter(pk=encoder.pk).update(scoring=Scoring.THREE)
    assert found(in_force="true") == set()


def test_stale_is_as_in_a_verdict(encoder: Encoder, api: Api) -> None:
    for n in range(4):
        image = with_photo(n, ProductFactory())
        ImageEmbedding.objects.filter(image=image).update(state="ready", vector=[1.0] + [0.0] * 511)
    run = calibrated(encoder)
    ImageEmbedding.objects.update(updated_at=run.created_at - timedelta(hours=1))
    assert not is_stale(run)
    assert api.get("calibrations/").json()["results"][0]["stale"] is False


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"in_force": "perhaps"}, ("invalid", "in_force")),
        ({"measured_on": "x"}, ("invalid_choice", "measured_on")),
        ({"fields": "curve"}, ("unknown_field", "fields")),
        ({"ordering": "threshold"}, ("unknown_order", "ordering")),
    ],
)
def test_bad_parameters(api: Api, query: dict, expected) -> None:
    answer = api.get("calibrations/", **query)
    assert (answer.status_code, errors(answer)) == (400, [expected])


def test_who_may_look(encoder: Encoder, api: Api) -> None:
    calibrated(encoder)
    pk = Calibration.objects.get().pk
    for path in ("calibrations/", f"calibrations/{pk}/"):
        assert Client().get(f"/api/v1/{path}").status_code == 401
        assert Api(person(STORE_CLERK)).get(path).status_code == 403
    assert api.get("calibrations/987654/").status_code == 404


def test_the_same_queries_for_10_and_for_100_rows(encoder: Encoder, api: Api) -> None:
    def queries(n: int) -> int:
        for _n in range(n):
            calibrated(encoder)
        scopes = {f"C{Category.objects.count()}x{k}": {} for k in range(n)}
        for scope in scopes:
            Category.objects.at_path(scope)
        calibrated(encoder, **{"": {}, **scopes})
        with CaptureQueriesContext(connection) as captured:
            assert api.get("calibrations/", limit=500).status_code == 200
        return len(captured)

    assert queries(5) == queries(45)
