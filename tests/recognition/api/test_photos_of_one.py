"""Several photos of one thing: one answer, and a verdict that claims no more than each photo's own."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Scoring, Sighting
from recognition.verdicts import Verdict, verdict_on_set
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo, product_photo
from tests.recognition.test_verdicts import calibrated

pytestmark = pytest.mark.django_db
URL = "/api/v1/recognise/"


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    """Four products; P0 also seen from another side."""
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}"))
    with_photo(40, Product.objects.get(sku="P0"))
    embed_pending(encoder)
    return encoder


def ask(client: Client, seeds: list[int], **fields: Any) -> dict[str, Any]:
    photos = [SimpleUploadedFile("a.jpg", phone_photo(seed)) for seed in seeds]
    answer = client.post(URL, {"images": photos, "photos_of_one": "true", **fields})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_front_and_back_find_the_product_that_has_both(shop, client: Client) -> None:
    answer = ask(client, [0, 40])
    assert "answers" not in answer
    results = answer["results"]
    assert results[0]["product"]["sku"] == "P0"
    alone = [
        client.post(URL, {"image": SimpleUploadedFile("a.jpg", phone_photo(seed))}).json()
        for seed in (0, 40)
    ]
    each = [a["results"][0]["distance"] for a in alone]
    assert results[0]["distance"] == pytest.approx(sum(each) / 2)
    assert len(results) == 4


@pytest.mark.parametrize("scoring", [Scoring.THREE, Scoring.PROTOTYPE])
def test_by_the_scoring_of_the_encoder(shop: Encoder, client: Client, scoring: str) -> None:
    Encoder.objects.update(scoring=scoring)
    answer = ask(client, [1, 1])
    alone = client.post(URL, {"image": SimpleUploadedFile("a.jpg", phone_photo(1))}).json()
    assert [(r["product"]["sku"], round(r["distance"], 5)) for r in answer["results"]] == [
        (r["product"]["sku"], round(r["distance"], 5)) for r in alone["results"]
    ]


def test_one_sighting_that_speaks_for_no_single_photo(shop, client: Client, settings) -> None:
    settings.AUDIT_SHARE = 1.0
    settings.KEEP_QUERY_PHOTOS = "all"
    answer = ask(client, [0, 40])
    sighting = Sighting.objects.get()
    assert answer["sighting"] == sighting.token
    assert sighting.best_product.sku == "P0"
    assert sighting.vector is None
    assert (sighting.drawn_for_audit, str(sighting.photo)) == (False, "")
    said = client.post(
        f"/api/v1/sightings/{sighting.token}/feedback/",
        json.dumps({"verdict": "confirmed"}),
        content_type="application/json",
    )
    assert said.json()["feedback"]["sku"] == "P0"
    assert not Sighting.objects.for_training().exists()


def test_the_same_photo_twice_is_as_sure_as_once(shop, client: Client) -> None:
    calibrated(shop)
    answer = ask(client, [1, 1])["verdict"]
    alone = client.post(URL, {"image": SimpleUploadedFile("a.jpg", phone_photo(1))}).json()
    assert answer == {**alone["verdict"], "set_rate": None}
    assert answer["kind"] == "match"


def test_photos_of_two_things_are_no_match(shop, client: Client) -> None:
    calibrated(shop)
    answer = ask(client, [1, 2])["verdict"]
    assert answer["kind"] == "lookalike"
    assert {"P1", "P2"} <= set(answer["products"])
    assert answer["set_rate"] is None


def test_one_photo_of_one_is_an_ordinary_query(shop, client: Client) -> None:
    ask(client, [1])
    assert Sighting.objects.get().vector is not None


def test_nothing_is_claimed_while_nothing_is_calibrated(shop, client: Client) -> None:
    assert ask(client, [1, 1])["verdict"] is None


# --- the rule ---


def verdict(kind: Any, products: list[Product], confidence: float = 0.9) -> Verdict:
    from django.utils import timezone

    return Verdict(
        kind=kind, confidence=confidence, threshold=0.5, scope="", target_error=0.05,
        error_bound=0.04, samples=400, calibrated_at=timezone.now(), encoder="a:b:c",
        calibration=1, measured_on="queries", unknown_share=0.1, stale=False, set_rate=0.95,
        products=tuple(products),
    )  # fmt: skip


@pytest.fixture
def goods(db) -> list[Product]:
    return [ProductFactory(sku=f"G{n}") for n in range(3)]


def test_a_match_has_the_figures_of_the_least_sure_photo(goods) -> None:
    a, b, c = goods
    order = [a.pk, b.pk, c.pk]
    found = verdict_on_set([verdict("match", [a], 0.9), verdict("match", [a], 0.6)], order)
    assert (found.kind, found.confidence, found.product) == ("match", 0.6, a)


def test_all_must_agree(goods) -> None:
    a, b, c = goods
    order = [a.pk, b.pk, c.pk]
    match_a, match_b = verdict("match", [a]), verdict("match", [b])
    unknown, doubt = verdict("unknown", [], 0.1), verdict("lookalike", [b, c])
    cases = [
        ([match_a, match_b], "lookalike", [a, b]),
        ([match_a, unknown], "lookalike", [a]),
        ([match_b, doubt], "lookalike", [a, b, c]),
        ([doubt, unknown], "lookalike", [a, b, c]),
        ([unknown, unknown], "unknown", []),
    ]
    for each, kind, products in cases:
        found = verdict_on_set(each, order)
        assert (found.kind, list(found.products)) == (kind, products)
        assert found.set_rate is None
    assert verdict_on_set([match_a, None], order) is None
    assert verdict_on_set([], order) is None


def test_a_barcode_is_exact_unless_it_disagrees(goods) -> None:
    a, b, c = goods
    order = [a.pk, b.pk, c.pk]
    doubt = [verdict("lookalike", [a, b]), verdict("unknown", [])]
    agrees = verdict_on_set(doubt, order, [a, a])
    assert (agrees.kind, agrees.basis, list(agrees.products)) == ("match", "barcode", [a])
    against = verdict_on_set([verdict("match", [a])] * 2, order, [b])
    assert (against.kind, list(against.products)) == ("lookalike", [b, a])
    two = verdict_on_set([verdict("match", [a])] * 2, order, [a, b])
    assert (two.kind, list(two.products)) == ("lookalike", [a, b])


def test_a_barcode_on_one_of_the_photos_is_found(shop, client: Client) -> None:
    from tests.barcodes import ean13_picture

    Product.objects.filter(sku="P3").update(barcode="4006381333931")
    import io

    data = io.BytesIO()
    ean13_picture("4006381333931").save(data, "PNG")
    photos = [product_photo(1), data.getvalue()]
    answer = client.post(
        URL,
        {
            "images": [SimpleUploadedFile("a.jpg", photo) for photo in photos],
            "photos_of_one": "true",
        },
    ).json()
    assert answer["barcode"]["product"] == "P3"
    assert answer["results"][0]["product"]["sku"] == "P3"
