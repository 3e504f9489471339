"""`GET /api/v1/feature-maps/` and their points."""

from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import PARTNER, STORE_CLERK
from recognition.models import Encoder, FeatureMap
from recognition.models.feature_map import POINT
from tests.factories import ProductFactory, person, with_photo
from tests.stores.api_client import Api, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(encoder: Encoder) -> Api:
    return Api(person(PARTNER))


def drawn(encoder: Encoder, images: list[Any], **fields: Any) -> FeatureMap:
    points = np.zeros(len(images), dtype=POINT)
    for n, image in enumerate(images):
        points[n] = (image.pk, image.product_id, n / 2, -n, 0)
    return FeatureMap.objects.create(
        encoder=encoder, seed=1, state="done", finished_at=timezone.now(),
        points=points.tobytes(), sample={"points": len(images)}, quality={"trust": 0.9}, **fields,
    )  # fmt: skip


def test_a_map_and_its_points_page_by_page(encoder: Encoder, api: Api) -> None:
    images = [with_photo(n, ProductFactory(sku=f"P{n}")) for n in range(5)]
    made = drawn(encoder, images)
    images[1].product.delete()
    (row,) = api.get("feature-maps/").json()["results"]
    assert row == api.get(f"feature-maps/{made.pk}/").json()
    assert (row["state"], row["method"], row["encoder"]) == ("done", "tsne", encoder.key)
    assert (row["quality"], row["sample"]) == ({"trust": 0.9}, {"points": 5})
    assert "points" not in row
    page = api.get(f"feature-maps/{made.pk}/points/", limit=2).json()
    assert page["previous"] is None
    seen = page["results"]
    assert len(seen) == 1  # of the second the product is gone
    while page["next"]:
        page = api.get(page["next"]).json()
        seen += page["results"]
    assert page["previous"]
    assert seen == [
        {"sku": f"P{n}", "image": images[n].pk, "x": n / 2, "y": -n} for n in (0, 2, 3, 4)
    ]
    only = api.get(f"feature-maps/{made.pk}/points/", fields="sku").json()["results"]
    assert [*only[0]] == ["sku"]


def test_a_map_that_is_not_done(encoder: Encoder, api: Api) -> None:
    made = FeatureMap.objects.create(encoder=encoder, seed=1)
    assert api.get(f"feature-maps/{made.pk}/").json()["state"] == "running"
    answer = api.get(f"feature-maps/{made.pk}/points/")
    assert (answer.status_code, errors(answer)) == (409, [("map_not_done", None)])


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("", {"state": "x"}, ("invalid_choice", "state")),
        ("", {"fields": "points"}, ("unknown_field", "fields")),
        ("points/", {"limit": 5001}, ("max_value", "limit")),
        ("points/", {"cursor": "x"}, ("invalid", "cursor")),
        ("points/", {"cursor": -1}, ("min_value", "cursor")),
        ("points/", {"fields": "z"}, ("unknown_field", "fields")),
    ],
)
def test_bad_parameters(encoder: Encoder, api: Api, path: str, query: dict, expected) -> None:
    made = drawn(encoder, [])
    answer = api.get(f"feature-maps/{made.pk}/{path}" if path else "feature-maps/", **query)
    assert (answer.status_code, errors(answer)) == (400, [expected])


def test_behind_the_end_there_is_nothing(encoder: Encoder, api: Api) -> None:
    made = drawn(encoder, [with_photo(1)])
    page = api.get(f"feature-maps/{made.pk}/points/", cursor=50).json()
    assert (page["results"], page["next"]) == ([], None)


def test_filters(encoder: Encoder, api: Api) -> None:
    photos, products = drawn(encoder, []), drawn(encoder, [], subject="products")

    def found(**query: str) -> list[int]:
        return [each["id"] for each in api.get("feature-maps/", **query).json()["results"]]

    assert found() == [products.pk, photos.pk]
    assert found(subject="products") == [products.pk]
    assert found(state="done", encoder=encoder.key) == [products.pk, photos.pk]
    assert found(encoder="a:b:c") == []


def test_who_may_look(encoder: Encoder, api: Api) -> None:
    made = drawn(encoder, [])
    for path in ("feature-maps/", f"feature-maps/{made.pk}/", f"feature-maps/{made.pk}/points/"):
        assert Client().get(f"/api/v1/{path}").status_code == 401
        assert Api(person(STORE_CLERK)).get(path).status_code == 403
        assert api.get(path).status_code == 200
    assert api.get("feature-maps/987654/points/").status_code == 404


def test_the_same_queries_for_10_and_for_100_rows(encoder: Encoder, api: Api) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path, limit=500).status_code == 200
        return len(captured)

    images = [with_photo(1, ProductFactory()) for _ in range(10)]
    small = drawn(encoder, images)
    for _n in range(9):
        drawn(encoder, [])
    few = queries("feature-maps/")
    for _n in range(90):
        drawn(encoder, [])
    assert queries("feature-maps/") == few
    large = drawn(encoder, images * 10)
    assert queries(f"feature-maps/{small.pk}/points/") == queries(
        f"feature-maps/{large.pk}/points/"
    )
