"""What a calibration says and how it comes into force, on photos that people were asked about."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction
from pytest_django.plugin import DjangoDbBlocker

from products.models import Product
from recognition.calibration_report import warning_text
from recognition.calibrations import (
    CannotApply,
    apply_calibration,
    apply_run,
    at_target,
    current_uses,
    in_force,
    is_stale,
    take_back,
    withdraw_all,
)
from recognition.models import Calibration, CalibrationRun, CalibrationUse, Encoder, Sighting
from recognition.versions import settle_encoder
from tests.factories import UserFactory
from tests.recognition.spaces import asked, catalogue, judged_sightings, run_for, whole
from tests.shared_rows import shared_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _evidence(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once for all tests here: a measurement looks for the neighbours of each of 544 photos."""

    def make() -> None:
        encoder = settle_encoder()
        shop = catalogue(encoder, products=24, photos=6)
        judged_sightings(encoder, asked(encoder, shop, 400))
        for target in (0.1, 0.05):
            run_for(encoder, target)

    with shared_rows(django_db_blocker, make):
        yield


@pytest.fixture
def audited(_evidence: None, encoder: Encoder) -> list[Product]:
    return list(Product.objects.order_by("pk"))


@pytest.fixture
def run(audited: list[Product]) -> CalibrationRun:
    """Measured on the catalogue and the audited sightings as they are."""
    return CalibrationRun.objects.get(target_error=0.1)


@pytest.fixture
def stricter(audited: list[Product]) -> CalibrationRun:
    return CalibrationRun.objects.get(target_error=0.05)


def test_audited_sightings_carry_the_bound(run: CalibrationRun) -> None:
    assert run.kind == "queries"
    assert run.sources["audited sightings"] == 400
    assert "catalogue_photos_only" not in run.warnings
    row = whole(run)
    assert (row.samples, row.known, row.unknown) == (400, 400, 0)
    assert run.fitted["right"]["leanings"] == []
    assert row.outcome == "own"
    assert row.error_bound <= 0.1
    assert 0 < row.coverage <= 1
    assert row.set_rate == pytest.approx(0.95)
    assert run.signals["all together"] > 0.5


def test_an_audit_that_was_half_judged_says_so(
    encoder: Encoder, audited: list[Product], run: CalibrationRun
) -> None:
    assert "audit_incomplete" not in run.warnings
    vector = asked(encoder, audited, 1)[0][1]
    Sighting.objects.bulk_create(
        Sighting(source="search", encoder=encoder, vector=vector, drawn_for_audit=True)
        for _ in range(400)
    )
    run = run_for(encoder)
    assert "audit_incomplete" in run.warnings
    assert (run.sources["drawn for the audit"], run.sources["judged in the audit"]) == (800, 400)
    assert "800" in warning_text("audit_incomplete", run)


def test_the_promise_holds_on_new_photos(
    encoder: Encoder, audited: list[Product], run: CalibrationRun
) -> None:
    from recognition.ranking import meet
    from recognition.verdicts import verdict_on

    apply_run(run=run)
    wrong = matches = held = rest = 0
    for product, vector in asked(encoder, audited, 400, seed=77):
        verdict = verdict_on(in_force(encoder), meet(encoder, vector))
        if verdict.kind == "match":
            matches += 1
            wrong += verdict.product != product
        elif verdict.kind == "lookalike":
            rest += 1
            held += product in verdict.products
    assert matches > 50
    assert wrong / matches <= 0.1
    assert held / rest > 0.85


def test_unknown_photos_among_the_audited_are_counted_as_they_came(
    encoder: Encoder, audited: list[Product]
) -> None:
    Product.objects.filter(pk__in=[each.pk for each in audited[:5]]).update(is_active=False)
    run = run_for(encoder)
    assert run.unknown_share_observed
    assert run.unknown_share == pytest.approx(5 / 24, abs=0.06)
    # Two fifths of them teach which products to trust, and the rest carries the bound.
    assert run.sources["of those for the training"] == 160
    assert whole(run).samples == 240
    assert whole(run).unknown > 30
    taught = {product for product, _leaning in run.fitted["right"]["leanings"]}
    assert taught <= {product.pk for product in audited[5:]}
    assert len(taught) > 10
    stated = run_for(encoder, unknown_share=0.05)
    assert (stated.unknown_share, stated.unknown_share_observed) == (0.05, False)


def test_figures_at_other_targets_stand_beside(stricter: CalibrationRun) -> None:
    row = whole(stricter)
    targets = {each["target_error"]: each for each in row.targets}
    assert {0.01, 0.05, 0.1, 0.3} <= set(targets)
    assert targets[0.05]["threshold"] == row.threshold
    accepted = [targets[each]["accepted"] for each in sorted(targets)]
    assert accepted == sorted(accepted)
    assert row.curve[-1]["share"] == 1.0


# --- into force -----------------------------------------------------------------------------------


def test_nothing_is_in_force_until_it_is_applied(encoder: Encoder, run: CalibrationRun) -> None:
    assert in_force(encoder) == {}
    by = UserFactory()
    apply_run(run=run, by=by)
    rules = in_force(encoder)
    assert rules[None].calibration == whole(run)
    assert set(rules) == set(
        run.calibrations.filter(target_error=0.1).values_list("category", flat=True)
    )
    assert {use.by for use in current_uses(encoder)} == {by}


def test_another_run_replaces_all_and_the_way_back_is_whole(
    encoder: Encoder, run: CalibrationRun, stricter: CalibrationRun
) -> None:
    apply_run(run=run)
    before = {scope: rule.calibration.pk for scope, rule in in_force(encoder).items()}
    batch = apply_run(run=stricter)
    assert {rule.calibration.run for rule in in_force(encoder).values()} == {stricter}
    back = take_back(batch=batch)
    assert {s: rule.calibration.pk for s, rule in in_force(encoder).items()} == before
    take_back(batch=back)
    assert {rule.calibration.run for rule in in_force(encoder).values()} == {stricter}


def test_one_category_alone(
    encoder: Encoder, run: CalibrationRun, stricter: CalibrationRun
) -> None:
    apply_run(run=run)
    chosen = stricter.calibrations.exclude(scope="").filter(target_error=0.05).first()
    apply_calibration(calibration=chosen)
    rules = in_force(encoder)
    assert rules[chosen.category_id].calibration == chosen
    assert rules[None].calibration == whole(run)


def test_another_target_is_a_row_of_its_own(stricter: CalibrationRun) -> None:
    row = whole(stricter)
    looser = at_target(row, 0.2)
    assert looser.pk != row.pk
    assert looser.accepted >= row.accepted
    assert at_target(row, 0.2) == looser
    assert at_target(row, 0.05) == row
    with pytest.raises(CannotApply, match="no figures"):
        at_target(row, 0.123)


def test_withdrawn_means_no_verdict(encoder: Encoder, run: CalibrationRun) -> None:
    apply_run(run=run)
    batch = withdraw_all(encoder=encoder)
    assert in_force(encoder) == {}
    assert withdraw_all(encoder=encoder) is None
    take_back(batch=batch)
    assert in_force(encoder)[None].calibration == whole(run)


def test_uses_are_never_changed(run: CalibrationRun) -> None:
    apply_run(run=run)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        CalibrationUse.objects.update(scope="x")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        CalibrationUse.objects.all().delete()


def test_a_threshold_without_its_promise_cannot_be_stored(run: CalibrationRun) -> None:
    row = whole(run)
    for change in ({"error_bound": 0.2}, {"threshold": None}, {"outcome": "none"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Calibration.objects.filter(pk=row.pk).update(**change)


def test_it_grows_stale_with_the_catalogue(encoder: Encoder, run: CalibrationRun) -> None:
    from django.core.cache import cache

    assert not is_stale(run)
    catalogue(encoder, products=10, photos=4, seed=5)  # 40 photos more, of 144
    cache.clear()
    assert is_stale(run)


def test_photos_that_went_count_too(audited: list[Product], run: CalibrationRun) -> None:
    Product.objects.filter(pk__in=[each.pk for each in audited[:6]]).update(is_active=False)
    assert is_stale(run)


def test_another_way_of_ranking_is_not_taken_for_this_one(
    encoder: Encoder, run: CalibrationRun
) -> None:
    apply_run(run=run)
    CalibrationRun.objects.update(scoring="another/1")
    withdrawn = CalibrationUse.objects.last()
    CalibrationUse.objects.create(
        encoder=encoder, category=None, scope="", calibration=withdrawn.calibration
    )
    assert None not in in_force(encoder)
    run.refresh_from_db()
    with pytest.raises(CannotApply, match="Calibrate anew"):
        apply_run(run=run)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_applies_and_writes_the_figures(
    audited: list[Product], encoder: Encoder, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out.json"
    call_command("calibrate", target_error=0.1, json=out)
    data = json.loads(out.read_text())
    assert data["kind"] == "queries"
    assert data["scopes"][0]["scope"] == ""
    assert data["scopes"][0]["threshold"] == in_force(encoder)[None].calibration.threshold
    assert "In force now" in capsys.readouterr().out
