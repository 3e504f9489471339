"""Labelled photos of products that were merged, or are not sold any more."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from products.merging import merge_product
from products.models import Product
from recognition.calibrating import Labelled, begin_run, calibrate
from recognition.calibration_report import warning_text
from recognition.embedding import embed_pending
from recognition.evaluation import LabelledQuery, evaluate
from recognition.evidence import from_labelled
from recognition.labelled_files import read_labelled
from recognition.labelled_products import labelled_products
from recognition.metrics import NO_PRODUCT
from recognition.models import Encoder
from recognition.similarity_photos import catalogue_sample, labelled_sample
from recognition.switching.rehearsing import begin_rehearsal, rehearse
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.pictures import phone_photo
from tests.recognition.spaces import asked, catalogue, judged_sightings
from tests.recognition.switching.shop import second

pytestmark = pytest.mark.django_db


def read(name: str) -> bytes:
    return phone_photo(int(name.removesuffix(".jpg")))


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    """P1 and P2 were merged into P3; P4 is not sold any more."""
    made = [with_photo(n, ProductFactory(sku=f"P{n}")).product for n in range(5)]
    embed_pending(encoder)
    boss = StaffFactory()
    merge_product(product=made[1], into=made[2], actor=boss)
    merge_product(product=made[2], into=made[3], actor=boss)
    Product.objects.filter(pk=made[4].pk).update(is_active=False)
    return made


QUERIES = [LabelledQuery(f"{n}.jpg", f"P{n}") for n in range(5)] + [LabelledQuery("9.jpg", "")]


def test_skus_lead_to_what_is_sold(shop: list[Product]) -> None:
    found = labelled_products(["P0", "P1", "P2", "P3", "P4", "P9", ""])
    assert found.skus == {"P0": "P0", "P1": "P3", "P2": "P3", "P3": "P3"}
    assert found.ids["P1"] == shop[3].pk
    assert (found.not_sold, found.missing) == (("P4",), ("P9",))


def test_an_heir_that_is_not_sold_is_not_sold(shop: list[Product]) -> None:
    Product.objects.filter(pk=shop[3].pk).update(is_active=False)
    assert labelled_products(["P1", "P3"]).not_sold == ("P1", "P3")


def test_evidence_and_figures_know_the_heir(encoder: Encoder, shop: list[Product]) -> None:
    heir = shop[3].pk
    examples = from_labelled(encoder, QUERIES, read, lambda: None)
    assert examples.truth == [shop[0].pk, heir, heir, heir, None, None]
    assert examples.right.tolist() == [True, True, True, True, False, False]
    outcomes = list(evaluate(QUERIES, read))
    assert [each.rank for each in outcomes] == [1, 1, 1, 1, None, None]
    assert [each.known for each in outcomes] == [True] * 4 + [False] * 2
    photos, _folds, _sample = catalogue_sample(encoder, np.random.default_rng(1))
    labelled, _sample = labelled_sample(encoder, Labelled(QUERIES, read), photos)
    assert labelled.products.tolist() == [shop[0].pk, heir, heir, heir, NO_PRODUCT, NO_PRODUCT]


def test_a_rehearsal_knows_the_heir(encoder: Encoder, shop: list[Product]) -> None:
    rehearsal = rehearse(begin_rehearsal(encoder=second()), labelled=Labelled(QUERIES, read))
    assert rehearsal.figures["present"]["known"] == 4
    assert rehearsal.figures["present"]["top1"] == 1


def test_a_calibration_says_how_many_are_not_sold(encoder: Encoder) -> None:
    shop = catalogue(encoder, products=24, photos=6)
    judged_sightings(encoder, asked(encoder, shop, 100))
    Product.objects.filter(pk=shop[0].pk).update(is_active=False)
    queries = [LabelledQuery("1.jpg", shop[0].sku), LabelledQuery("2.jpg", shop[1].sku)]
    run = calibrate(begin_run(encoder=encoder, target_error=0.1), labelled=Labelled(queries, read))
    assert run.state == "done"
    assert "labelled_not_sold" in run.warnings
    assert "1 labelled" in warning_text("labelled_not_sold", run)


def test_the_commands_warn(shop: list[Product], tmp_path: Path, capsys) -> None:
    rows = "".join(f"{query.file},{query.sku}\n" for query in QUERIES)
    path = tmp_path / "queries.csv"
    path.write_text(f"file,sku\n{rows}")
    for query in QUERIES:
        (tmp_path / query.file).write_bytes(read(query.file))
    said: list[str] = []
    assert read_labelled(path, said.append) == QUERIES
    assert len(said) == 1
    assert "not sold any more (P4)" in said[0]
    call_command("evaluate_search", path, json=tmp_path / "out.json")
    assert "P4" in capsys.readouterr().err
    assert json.loads((tmp_path / "out.json").read_text())["known"] == 4
