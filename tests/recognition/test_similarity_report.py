"""The similarity report: built in the background, shown, downloaded; thresholds applied from it."""

import csv
import io
import json
import re

import pytest
from django.core.management import call_command
from django.test import Client

from products.models import Category, Product
from recognition.calibrating import begin_run, calibrate
from recognition.calibrations import apply_run, in_force
from recognition.models import CalibrationUse, Encoder, SimilarityReport
from recognition.similarity_queue import request_report, sweep_reports, work_on_report
from recognition.similarity_report import AlreadyRunning, begin_report, build_similarity_report
from recognition.similarity_words import adapter_line
from recognition.threshold_totals import Scope, share_answered
from tests.factories import with_photo
from tests.recognition.learned import learned, noise
from tests.recognition.spaces import asked, catalogue, judged_sightings

pytestmark = pytest.mark.django_db

NEWEST = "/admin/recognition/similarityreport/newest/"
APPLY = "/admin/recognition/similarityreport/thresholds/apply/"


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=20, photos=4)


@pytest.fixture
def report(encoder: Encoder, shop: list[Product]) -> SimilarityReport:
    return build_similarity_report(report=begin_report(encoder=encoder))


def test_figures_are_those_of_the_photos(report: SimilarityReport) -> None:
    assert (report.state, report.done) == ("done", report.total)
    cosine = report.figures["catalogue"]["metrics"]["cosine"]
    assert 0.5 < cosine["auroc"] < 1
    # On unit vectors they rank alike, but for what half precision rounds.
    assert report.figures["catalogue"]["metrics"]["dot"]["auroc"] == pytest.approx(
        cosine["auroc"], abs=1e-3
    )


def test_the_page_shows_them_and_its_files_are_there(
    report: SimilarityReport, admin_client: Client
) -> None:
    page = admin_client.get(NEWEST).content.decode()
    assert "plotly.min.js" in page
    assert "held out of a catalogue with 4 photos a product" in page
    assert "http://" not in re.sub(r"http://(testserver|www\.w3\.org)", "", page)
    address = f"/admin/recognition/similarityreport/{report.pk}"
    assert admin_client.get(f"{address}/report.png").content.startswith(b"\x89PNG")
    assert admin_client.get(f"{address}/report.pdf").content.startswith(b"%PDF")
    text = b"".join(admin_client.get(f"{address}/figures.csv")).decode()
    rows = list(csv.reader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))))
    assert len(rows) > 10


@pytest.mark.parametrize(("products", "photos"), [(0, 0), (1, 1), (1, 3), (3, 1)])
def test_small_catalogues_answer_sensibly(
    encoder: Encoder, admin_client: Client, products: int, photos: int
) -> None:
    if products:
        catalogue(encoder, products=products, photos=photos)
    assert admin_client.get(NEWEST).status_code == 200
    report = build_similarity_report(report=begin_report(encoder=encoder))
    assert report.state in {"done", "failed"}
    assert admin_client.get(NEWEST).status_code == 200
    if report.state == "done":
        address = f"/admin/recognition/similarityreport/{report.pk}"
        assert admin_client.get(f"{address}/report.png").status_code == 200
        assert admin_client.get(f"{address}/report.pdf").status_code == 200
    else:
        assert report.reason


def test_an_adapter_is_not_praised_for_what_it_knows_by_heart(
    encoder: Encoder, admin_client: Client
) -> None:
    noise(encoder, products=60, photos=3)
    with learned(encoder) as adapted:
        report = build_similarity_report(report=begin_report(encoder=adapted))
        section = report.figures["catalogue"]
        for metric in ("cosine", "manhattan"):
            found = section["metrics"][metric]
            assert 0.35 < found["auroc"] < 0.65
            assert found["recall_at_1"] < 0.1
        # Each photo once; each pair twice, but for those that were held out together.
        assert (section["queries"], section["queries_of"]) == (180, 180)
        assert section["same_pairs"] == section["same_pairs_of"] == 60 * 3 * 2
        assert report.sample["adapter"] == "held_out"
        assert "by heart" in admin_client.get(NEWEST).content.decode()
        assert _csv(admin_client, report)["catalogue photos and the adapter"] == "held_out"
        assert "held out" in adapter_line(report)


def test_where_an_adapter_cannot_be_held_out_it_is_said(
    encoder: Encoder, admin_client: Client
) -> None:
    noise(encoder, products=60, photos=3)
    with learned(encoder) as adapted:
        kept = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:8])
        Product.objects.exclude(pk__in=kept).update(is_active=False)
        report = build_similarity_report(report=begin_report(encoder=adapted))
        assert report.sample["adapter"] == "in_sample"
        assert "say far too much" in admin_client.get(NEWEST).content.decode()
        assert _csv(admin_client, report)["catalogue photos and the adapter"] == "in_sample"
        address = f"/admin/recognition/similarityreport/{report.pk}"
        for kind in ("png", "pdf"):
            assert admin_client.get(f"{address}/report.{kind}").status_code == 200
        # Reports from before this was written down were all of that kind.
        SimilarityReport.objects.update(sample={})
        report.refresh_from_db()
        assert "too much" in adapter_line(report)


def _csv(client: Client, report: SimilarityReport) -> dict[str, str]:
    address = f"/admin/recognition/similarityreport/{report.pk}/figures.csv"
    rows = csv.reader(io.StringIO(b"".join(client.get(address)).decode()))
    return {row[2]: row[4] for row in rows if not row[0]}


def test_it_is_built_once_by_one_worker(encoder: Encoder, shop: list[Product]) -> None:
    report = request_report(encoder=encoder)
    with pytest.raises(AlreadyRunning):
        request_report(encoder=encoder)
    work_on_report(report.pk)
    report.refresh_from_db()
    figures, finished = report.figures, report.finished_at
    work_on_report(report.pk)
    report.refresh_from_db()
    assert (report.figures, report.finished_at) == (figures, finished)


def test_one_whose_process_ended_says_so(encoder: Encoder) -> None:
    report = begin_report(encoder=encoder)
    SimilarityReport.objects.update(touched_at="2020-01-01T00:00Z")
    assert sweep_reports() == 1
    report.refresh_from_db()
    assert (report.state, bool(report.reason)) == ("failed", True)


def test_the_slider_has_all_targets_and_a_choice_is_applied(
    encoder: Encoder, shop: list[Product], admin_client: Client
) -> None:
    judged_sightings(encoder, asked(encoder, shop, 300))
    run = calibrate(begin_run(encoder=encoder, target_error=0.05))
    page = admin_client.get(NEWEST).content.decode()
    found = re.search(
        r'<script id="[^"]*threshold[^"]*" type="application/json">(.*?)</script>', page
    )
    assert found is not None
    data = json.loads(found[1])
    assert {0.05, 0.1, 0.2} <= set(data["targets"])
    assert all(len(scope["at"]) == len(data["targets"]) for scope in data["scopes"])
    chosen = {"run": run.pk, "target": "0.2"}
    asks = admin_client.post(APPLY, chosen).content.decode()
    assert "Apply all of it at 20.0 %" in asks
    assert not in_force(encoder)
    said = admin_client.post(APPLY, {**chosen, "confirmed": "1"}, follow=True)
    # The target stays chosen, and what happened is said in the section that one lands on.
    assert said.redirect_chain == [(f"{NEWEST}?run={run.pk}&target=0.2#thresholds", 302)]
    page = said.content.decode()
    section = page[page.index('id="thresholds"') :]
    assert "at a target of 20.0 %" in section
    assert page.count("at a target of 20.0 %") == 1
    assert f'value="{data["targets"].index(0.2)}"' in section
    again = admin_client.post(APPLY, {**chosen, "confirmed": "1"}, follow=True).content.decode()
    assert "That is in force already." in again
    assert CalibrationUse.objects.values("batch").distinct().count() == 1
    assert in_force(encoder)[None].calibration.target_error == 0.2
    for bad in ({"run": run.pk, "target": "2"}, {"run": "x", "target": "0.1"}, {"target": "0.123"}):
        assert admin_client.post(APPLY, bad).status_code == 302
    assert in_force(encoder)[None].calibration.target_error == 0.2


def test_the_sentence_counts_what_the_categories_change(db: None) -> None:
    shop = Category.objects.at_path("Shop")
    shelf, other = (Category.objects.at_path(f"Shop/Shelf {n}") for n in (1, 2))

    def scope(category: int | None, outcome: str, threshold: float | None, of: int) -> Scope:
        curve = [
            {"threshold": 1 - n / 10, "accepted": n * of // 10, "share": n / 10}
            for n in range(1, 11)
        ]
        own = 0 if threshold is None else round(of * (1 - threshold))
        return Scope(category, outcome, threshold, own, curve)

    whole = scope(None, "own", 0.5, 100)
    assert share_answered([whole]) == pytest.approx(0.5)
    # Half of the 40 of the shelf are withheld; a looser threshold answers 10 more of the 50 others.
    withheld = scope(shelf.pk, "withheld", None, 40)
    assert share_answered([whole, withheld]) == pytest.approx(0.3)
    looser = scope(other.pk, "own", 0.3, 50)
    assert share_answered([whole, withheld, looser]) == pytest.approx(0.4)
    # What serves from above changes nothing, and hides nothing below it.
    above = scope(shop.pk, "above", None, 95)
    assert share_answered([whole, above, withheld, looser]) == pytest.approx(0.4)
    closed = scope(shop.pk, "withheld", None, 100)
    assert share_answered([whole, closed, looser]) == pytest.approx(0.35)
    assert share_answered([scope(None, "none", None, 100), looser]) == pytest.approx(0.35)
    assert share_answered([looser]) is None


def test_the_way_back(encoder: Encoder, shop: list[Product], admin_client: Client) -> None:
    judged_sightings(encoder, asked(encoder, shop, 300))
    first = calibrate(begin_run(encoder=encoder, target_error=0.1))
    second = calibrate(begin_run(encoder=encoder, target_error=0.05))
    batch = apply_run(run=first)
    apply_run(run=second)
    admin_client.post("/admin/recognition/similarityreport/thresholds/back/", {"batch": str(batch)})
    assert in_force(encoder)[None].calibration.run == first


def test_the_command_builds_one(encoder: Encoder, shop: list[Product]) -> None:
    with_photo(1)
    call_command("similarity_report")
    assert SimilarityReport.objects.get().state == "done"
