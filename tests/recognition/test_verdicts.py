"""What an answer is called: by what its photo met, by what is in force, by a barcode."""

import io
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from products.models import Product
from recognition.calibrations import apply_run, in_force
from recognition.confidence import FEATURES, ConfidenceModel
from recognition.confidence.ranked import by_score
from recognition.embedding import embed_pending
from recognition.evaluation import Outcome, summary
from recognition.filters import Filters
from recognition.findings.acting import accept_lookalikes, inseparable_from, reopen
from recognition.findings.found import Found, Kind
from recognition.findings.recording import record
from recognition.models import Calibration, CalibrationRun, Encoder, Finding
from recognition.search import Query, search
from recognition.verdicts import verdict_on
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.pictures import phone_photo
from tests.recognition.test_sightings import opened

pytestmark = pytest.mark.django_db

GTIN = "4006381333931"
# The confidence is 1 / (1 + exp(-100 (margin - 0.1))): a margin of 0.1 is even.
BY_MARGIN = ConfidenceModel(
    (0.0,) * len(FEATURES),
    (1.0,) * len(FEATURES),
    tuple(100.0 if name == "margin" else 0.0 for name in FEATURES),
    -10.0,
)
# Known with a nearest distance below 0.8, rather.
BY_NEAREST = ConfidenceModel(
    (0.0,) * len(FEATURES),
    (1.0,) * len(FEATURES),
    tuple(-100.0 if name == "nearest" else 0.0 for name in FEATURES),
    80.0,
)


def calibrated(
    encoder: Encoder, *, kind: str = "queries", unknown_below: float = 0.5, **rows: dict[str, Any]
) -> CalibrationRun:
    """A run with a row for the whole and for each category (by its path), put in force."""
    run = CalibrationRun.objects.create(
        encoder=encoder, scoring=encoder.scoring, kind=kind, state="done", target_error=0.05,
        unknown_share=0.1, catalogue_photos=4, catalogue_products=4,
        fitted={
            "right": BY_MARGIN.as_data(), "known": BY_NEAREST.as_data(), "unknown_below": unknown_below,
        },
    )  # fmt: skip
    from products.models import Category

    for scope, given in (rows or {"": {}}).items():
        fields = {
            "outcome": "own", "threshold": 0.5, "error_bound": 0.04, "samples": 400, "known": 400,
            "unknown": 0, "simulated": 400, "right": 300, "set_gap": 0.2, "set_rate": 0.95,
            **given,
        }  # fmt: skip
        if fields["outcome"] != "own":
            fields |= {"threshold": None, "error_bound": None}
        category = Category.objects.all().find(scope) if scope else None
        Calibration.objects.create(
            run=run, target_error=0.05, scope=scope, category=category, **fields
        )
    apply_run(run=run)
    return run


@pytest.fixture
def four(encoder: Encoder) -> list[Product]:
    from products.models import Category

    paths = ["Fruit/Apple", "Fruit/Pear", "Milk", "Milk"]
    return [
        ProductFactory(sku=f"V{n}", category=Category.objects.at_path(path))
        for n, path in enumerate(paths)
    ]


def met(*distances: tuple[Product, float]):
    return by_score({product.pk: [distance] for product, distance in distances})


def test_without_a_calibration_there_is_none(encoder: Encoder, four: list[Product]) -> None:
    assert verdict_on(in_force(encoder), met((four[0], 0.1), (four[1], 0.5))) is None


def test_a_clear_first_product_is_a_match(encoder: Encoder, four: list[Product]) -> None:
    run = calibrated(encoder)
    verdict = verdict_on(in_force(encoder), met((four[0], 0.1), (four[1], 0.3)))
    assert (verdict.kind, verdict.product, verdict.basis) == ("match", four[0], "photo")
    assert verdict.confidence == pytest.approx(1 / (1 + np.exp(-10)))
    assert (verdict.threshold, verdict.error_bound, verdict.target_error) == (0.5, 0.04, 0.05)
    assert (verdict.samples, verdict.scope, verdict.encoder) == (400, "", encoder.key)
    assert verdict.calibrated_at == run.created_at
    assert verdict.set_rate is None


def test_a_close_second_makes_lookalikes_within_the_gap(
    encoder: Encoder, four: list[Product]
) -> None:
    calibrated(encoder)
    ranked = met((four[0], 0.1), (four[1], 0.15), (four[2], 0.29), (four[3], 0.31))
    verdict = verdict_on(in_force(encoder), ranked)
    assert (verdict.kind, verdict.set_rate) == ("lookalike", 0.95)
    assert list(verdict.products) == four[:3]
    assert verdict.product is None


def test_a_product_that_was_wrong_before_must_be_clearer(
    encoder: Encoder, four: list[Product]
) -> None:
    run = calibrated(encoder)
    run.fitted["right"]["leanings"] = [[four[0].pk, -12.0]]
    run.save()
    near, far = (0.1, 0.3), (0.1, 0.4)
    kinds = [
        verdict_on(in_force(encoder), met((first, own), (four[2], other))).kind
        for first, (own, other) in ((four[0], near), (four[0], far), (four[1], near))
    ]
    assert kinds == ["lookalike", "match", "match"]


def test_far_from_everything_is_unknown(encoder: Encoder, four: list[Product]) -> None:
    calibrated(encoder)
    verdict = verdict_on(in_force(encoder), met((four[0], 0.9), (four[1], 0.91)))
    assert (verdict.kind, verdict.products) == ("unknown", ())


def test_an_empty_catalogue_knows_nothing(encoder: Encoder, four: list[Product]) -> None:
    calibrated(encoder)
    assert verdict_on(in_force(encoder), by_score({})).kind == "unknown"


def test_the_category_of_the_first_product_decides(encoder: Encoder, four: list[Product]) -> None:
    calibrated(
        encoder,
        **{"": {"threshold": 0.5}, "Fruit": {"threshold": 0.999999}, "Milk": {"outcome": "above"}},
    )
    apple = verdict_on(in_force(encoder), met((four[0], 0.1), (four[2], 0.3)))
    assert (apple.kind, apple.scope) == (
        "match" if apple.confidence > 0.999999 else "lookalike",
        "Fruit",
    )
    milk = verdict_on(in_force(encoder), met((four[2], 0.1), (four[0], 0.3)))
    assert (milk.kind, milk.scope) == ("match", "")


def test_a_withheld_category_has_no_match(encoder: Encoder, four: list[Product]) -> None:
    calibrated(encoder, **{"": {}, "Fruit": {"outcome": "withheld"}})
    assert verdict_on(in_force(encoder), met((four[1], 0.1), (four[2], 0.5))).kind == "lookalike"
    assert verdict_on(in_force(encoder), met((four[2], 0.1), (four[1], 0.5))).kind == "match"


def test_where_nothing_was_promised_lookalikes_are_all_that_were_looked_at(
    encoder: Encoder, four: list[Product]
) -> None:
    calibrated(encoder, **{"": {"outcome": "none", "set_gap": None, "set_rate": None}})
    verdict = verdict_on(
        in_force(encoder), met(*((product, 0.1 * n) for n, product in enumerate(four, 1)))
    )
    assert (verdict.kind, verdict.set_rate, verdict.threshold) == ("lookalike", None, None)
    assert list(verdict.products) == four


def test_a_barcode_that_agrees_makes_a_match(encoder: Encoder, four: list[Product]) -> None:
    calibrated(encoder)
    verdict = verdict_on(in_force(encoder), met((four[0], 0.1), (four[1], 0.11)), four[0])
    assert (verdict.kind, verdict.basis, verdict.product) == ("match", "barcode", four[0])


def test_a_barcode_that_disagrees_makes_lookalikes(encoder: Encoder, four: list[Product]) -> None:
    calibrated(encoder)
    verdict = verdict_on(in_force(encoder), met((four[0], 0.1), (four[1], 0.5)), four[3])
    assert (verdict.kind, verdict.basis) == ("lookalike", "barcode")
    assert list(verdict.products) == [four[3], four[0]]
    assert verdict.set_rate is None


def test_a_barcode_decides_where_the_photo_meets_nothing(
    encoder: Encoder, four: list[Product]
) -> None:
    calibrated(encoder, **{"": {}, "Fruit": {"threshold": 0.9}})
    verdict = verdict_on(in_force(encoder), by_score({}), four[1])
    assert (verdict.kind, verdict.basis, verdict.product) == ("match", "barcode", four[1])
    assert (verdict.confidence, verdict.set_rate, verdict.scope) == (None, None, "Fruit")


# --- in answers -----------------------------------------------------------------------------------


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}", brand=f"Brand {n}"))
    embed_pending(encoder)
    return encoder


def page_about(client: Client, photo: bytes, **asked: str) -> str:
    file = SimpleUploadedFile("IMG_1.jpg", photo, "image/jpeg")
    return client.post("/", {"photo": file, **asked}).content.decode()


def test_filters_leave_the_verdict_as_it_is(shop: Encoder) -> None:
    calibrated(shop)
    photo = opened(phone_photo(2))
    free = search(Query(photo=photo))
    assert free.verdict is not None
    hidden = search(Query(photo=photo, filters=Filters(brands=("Brand 1",))))
    assert [result.product.sku for result in hidden.results] == ["P1"]
    assert hidden.verdict.confidence == pytest.approx(free.verdict.confidence)
    assert hidden.verdict.products == free.verdict.products


def test_words_alone_have_no_verdict(shop: Encoder) -> None:
    calibrated(shop)
    assert search(Query(text="lamp")).verdict is None


def test_the_api_says_what_was_promised(shop: Encoder, client: Client) -> None:
    calibrated(shop)
    file = io.BytesIO(phone_photo(2))
    file.name = "q.jpg"
    for address in ("/api/v1/search/", "/api/v1/recognise/"):
        file.seek(0)
        response = client.post(address, {"image": file})
        assert response.status_code == 200
        verdict = response.json()["verdict"]
        assert verdict["kind"] in {"match", "lookalike"}
        assert verdict["products"][0] == "P2"
        assert (verdict["threshold"], verdict["error_bound"], verdict["samples"]) == (
            0.5,
            0.04,
            400,
        )
        assert (verdict["target_error"], verdict["scope"], verdict["stale"]) == (0.05, "", False)
        assert verdict["measured_on"] == "queries"
    assert response.json()["sighting"]


@pytest.mark.parametrize(
    ("data", "attr"), [({}, "image"), ({"image": "text"}, "image"), ({"box": "0,0,9,9"}, "box")]
)
def test_recognise_says_what_was_wrong(
    shop: Encoder, client: Client, data: dict, attr: str
) -> None:
    response = client.post("/api/v1/recognise/", data)
    assert response.status_code == 400
    assert attr in {error["attr"] for error in response.json()["errors"]}


def test_a_barcode_in_the_photo_speaks_with_the_photo(shop: Encoder) -> None:
    calibrated(shop, unknown_below=0.0)
    Product.objects.filter(sku="P1").update(barcode=GTIN)
    answer = search(Query(photo=ean13_picture(GTIN)))
    if answer.barcode is None or answer.barcode.product is None:
        pytest.fail("the picture of a barcode was not read")
    assert answer.verdict.basis == "barcode"
    first = answer.seen.over_all[0].product_id
    agrees = first == answer.barcode.product.pk
    assert answer.verdict.kind == ("match" if agrees else "lookalike")


@pytest.mark.parametrize(
    ("kind", "staff", "shown"),
    [("lookalike", False, True), ("unknown", False, False), ("unknown", True, True)],
)
def test_what_is_not_sold_has_no_bars_of_likeness(
    shop: Encoder, client: Client, kind: str, staff: bool, shown: bool
) -> None:
    calibrated(
        shop,
        unknown_below=2.0 if kind == "unknown" else 0.0,
        **{"": {"outcome": "none", "threshold": None}},
    )
    if staff:
        client.force_login(StaffFactory())
    page = page_about(client, phone_photo(2))
    assert f'data-kind="{kind}"' in page
    assert ("<meter" in page) is shown


@pytest.mark.parametrize(("gap", "kind"), [("own", "match"), ("none", "lookalike")])
def test_the_page_says_it_first(shop: Encoder, client: Client, gap: str, kind: str) -> None:
    calibrated(shop, **{"": {"outcome": gap, "threshold": 0.000001 if gap == "own" else None}})
    page = page_about(client, phone_photo(2))
    assert f'data-kind="{kind}"' in page
    assert page.index('data-testid="verdict"') < page.index('data-testid="results"')
    if kind == "match":
        assert "Lamp 2" in page
        assert "wrong at most 4 times in 100, tested on 400 photos" in page
    else:
        assert "nothing can be called a match" in page


def test_a_calibration_on_catalogue_photos_says_so(shop: Encoder, client: Client) -> None:
    calibrated(shop, kind="catalogue")
    assert "our own photos only" in page_about(client, phone_photo(2))


def test_figures_of_verdicts_by_hand() -> None:
    def outcome(verdict: str, holds: bool, *, known: bool = True, size: int = 1) -> Outcome:
        return Outcome(known, 1, 0.1, 1.0, verdict=verdict, holds=holds, set_size=size)

    figures = summary(
        [
            outcome("match", True), outcome("match", False), outcome("match", True),
            outcome("match", False, known=False), outcome("lookalike", True, size=3),
            outcome("lookalike", False, size=5), outcome("lookalike", False, known=False, size=9),
            outcome("unknown", False), outcome("unknown", False, known=False),
        ],
        encoder="k",
    )["verdicts"]  # fmt: skip
    assert figures == {
        "match": 4, "lookalike": 3, "unknown": 2, "wrong": 2, "wrong_among_match": 0.5,
        "coverage": 0.5, "false_accepts": 1, "unknown_but_known": 1, "lookalike_held": 0.5,
        "lookalike_median_size": 5.0,
    }  # fmt: skip


def test_without_a_match_none_is_wrong() -> None:
    figures = summary([Outcome(True, 1, 0.1, 1.0, verdict="lookalike")], encoder="k")["verdicts"]
    assert (figures["match"], figures["wrong_among_match"], figures["coverage"]) == (0, None, 0.0)


# --- look-alikes that people accepted ---


def accepted(encoder: Encoder, one: Product, other: Product) -> Finding:
    record(encoder=encoder, found=[Found(Kind.INSEPARABLE, one.pk, 0.4, other=other.pk)])
    finding = Finding.objects.get()
    return accept_lookalikes(finding=finding, by=StaffFactory())


def test_a_photo_alone_is_no_match_where_people_said_that_it_does_not_tell(
    encoder: Encoder, four: list[Product]
) -> None:
    calibrated(encoder)
    finding = accepted(encoder, four[3], four[0])
    clear = met((four[0], 0.1), (four[1], 0.3))
    verdict = verdict_on(in_force(encoder), clear)
    assert (verdict.kind, verdict.basis) == ("lookalike", "photo")
    assert (verdict.products, verdict.set_rate) == ((four[0], four[3]), None)
    # A barcode does tell.
    verdict = verdict_on(in_force(encoder), clear, four[0])
    assert (verdict.kind, verdict.products) == ("match", (four[0],))
    # One that is no longer sold cannot be meant, nor does what was taken back count.
    Product.objects.filter(pk=four[3].pk).update(is_active=False)
    assert verdict_on(in_force(encoder), clear).kind == "match"
    Product.objects.filter(pk=four[3].pk).update(is_active=True)
    reopen(finding=finding)
    assert verdict_on(in_force(encoder), clear).kind == "match"


def test_it_costs_one_query_where_nothing_was_accepted(
    encoder: Encoder, four: list[Product]
) -> None:
    calibrated(encoder)
    accepted(encoder, four[2], four[3])
    with CaptureQueriesContext(connection) as queries:
        assert inseparable_from([four[0].pk]) == {four[0].pk: set()}
    assert len(queries) == 1


@pytest.mark.parametrize("rate", [0.95, None])
def test_the_barcode_decides_only_where_there_is_one(rate: float | None) -> None:
    def shown(*barcodes: str) -> str:
        verdict = {
            "kind": "lookalike", "basis": "photo", "set_rate": rate, "target_error": 0.05,
            "products": [Product(barcode=each) for each in barcodes],
        }  # fmt: skip
        return render_to_string("recognition/_verdict.html", {"answer": {"verdict": verdict}})

    assert "barcode" not in shown("", "").lower()
    assert "barcode" in shown("", "96385074").lower()
