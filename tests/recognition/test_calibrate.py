"""A calibration: from evidence in the database to rows, and into force."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from products.models import Category, Product
from recognition.calibrating import AlreadyCalibrating, begin_run, calibrate
from recognition.calibration_queue import (
    CALIBRATE_TASK,
    request_calibration,
    sweep_calibrations,
    work_on_calibration,
)
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
from recognition.models import (
    Calibration,
    CalibrationRun,
    CalibrationUse,
    Encoder,
    ImageEmbedding,
    Scoring,
    Sighting,
)
from tests.factories import UserFactory, with_photo
from tests.recognition.spaces import asked, catalogue, judged_sightings

pytestmark = pytest.mark.django_db


def run_for(encoder: Encoder, target: float = 0.1, **given: float) -> CalibrationRun:
    return calibrate(begin_run(encoder=encoder, target_error=target, **given))


def whole(run: CalibrationRun) -> Calibration:
    return run.calibrations.get(scope="", target_error=run.target_error)


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=24, photos=6)


@pytest.fixture
def audited(encoder: Encoder, shop: list[Product]) -> list[Product]:
    judged_sightings(encoder, asked(encoder, shop, 400))
    return shop


def test_on_catalogue_photos_alone(encoder: Encoder, shop: list[Product]) -> None:
    run = run_for(encoder)
    assert (run.state, run.kind, run.done) == ("done", "catalogue", run.total)
    assert "catalogue_photos_only" in run.warnings
    assert (run.unknown_share, run.unknown_share_observed) == (0.1, False)
    assert (run.catalogue_products, run.catalogue_photos) == (24, 144)
    row = whole(run)
    # Half of the products train, the other half carries: 12 with 6 photos each.
    assert row.known == 72
    assert row.simulated == row.known
    assert row.unknown == 0


def test_audited_sightings_carry_the_bound(encoder: Encoder, audited: list[Product]) -> None:
    run = run_for(encoder)
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


def test_what_people_volunteered_trains_and_carries_nothing(
    encoder: Encoder, shop: list[Product]
) -> None:
    judged_sightings(encoder, asked(encoder, shop, 200), occasion="volunteered")
    run = run_for(encoder)
    assert run.kind == "catalogue"
    assert run.sources["other reviewed sightings"] == 200
    assert whole(run).known == 72


def test_none_of_these_is_unknown_only_in_the_audit(encoder: Encoder, shop: list[Product]) -> None:
    rejected = {"review": "rejected", "reviewed_product": None}
    for occasion in ("volunteered", "audit"):
        made = judged_sightings(encoder, asked(encoder, shop, 60), occasion=occasion)
        Sighting.objects.filter(pk__in=[each.pk for each in made]).update(**rejected)
    run = run_for(encoder)
    assert run.sources["other reviewed sightings"] == 0
    assert whole(run).unknown == 60


def test_an_audit_that_was_half_judged_says_so(encoder: Encoder, audited: list[Product]) -> None:
    assert "audit_incomplete" not in run_for(encoder).warnings
    vector = asked(encoder, audited, 1)[0][1]
    Sighting.objects.bulk_create(
        Sighting(source="search", encoder=encoder, vector=vector, drawn_for_audit=True)
        for _ in range(400)
    )
    run = run_for(encoder)
    assert "audit_incomplete" in run.warnings
    assert (run.sources["drawn for the audit"], run.sources["judged in the audit"]) == (800, 400)
    assert "800" in warning_text("audit_incomplete", run)


def test_the_promise_holds_on_new_photos(encoder: Encoder, audited: list[Product]) -> None:
    from recognition.ranking import meet
    from recognition.verdicts import verdict_on

    apply_run(run=run_for(encoder))
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


def test_figures_at_other_targets_stand_beside(encoder: Encoder, audited: list[Product]) -> None:
    row = whole(run_for(encoder, 0.05))
    targets = {each["target_error"]: each for each in row.targets}
    assert {0.01, 0.05, 0.1, 0.3} <= set(targets)
    assert targets[0.05]["threshold"] == row.threshold
    accepted = [targets[each]["accepted"] for each in sorted(targets)]
    assert accepted == sorted(accepted)
    assert row.curve[-1]["share"] == 1.0


@pytest.mark.parametrize(("products", "photos"), [(0, 0), (1, 1), (1, 5), (2, 1), (6, 1)])
def test_too_little_says_what_is_missing(encoder: Encoder, products: int, photos: int) -> None:
    if products:
        catalogue(encoder, products=products, photos=photos)
    run = run_for(encoder)
    assert run.state == "failed"
    assert "second photo" in run.reason
    with pytest.raises(CannotApply):
        apply_run(run=run)
    assert in_force(encoder) == {}


def test_one_photo_each_is_calibrated_on_what_was_asked(encoder: Encoder) -> None:
    shop = catalogue(encoder, products=20, photos=1)
    judged_sightings(encoder, asked(encoder, shop, 300))
    run = run_for(encoder)
    assert (run.state, run.kind) == ("done", "queries")
    # Nothing of the catalogue can train, so half of them does.
    assert run.sources["of those for the training"] == 150
    assert whole(run).samples == 150


def test_identical_photos_are_never_told_apart(encoder: Encoder) -> None:
    shop = catalogue(encoder, products=20, photos=4)
    vector = ImageEmbedding.objects.first().vector
    ImageEmbedding.objects.update(vector=vector)
    judged_sightings(encoder, [(product, np.asarray(vector)) for product in shop * 10])
    run = run_for(encoder)
    assert run.state == "done"
    assert whole(run).outcome == "none"


def test_a_scope_may_have_a_long_path(encoder: Encoder, shop: list[Product]) -> None:
    deep = Category.objects.at_path("/".join(f"{n}{chr(0x1F34E) * 119}" for n in range(8)))
    Product.objects.update(category=deep)
    run = run_for(encoder, 0.2)
    assert run.state == "done"
    row = run.calibrations.get(category=deep, target_error=0.2)
    assert len(row.scope) == 8 * 120 + 7
    apply_run(run=run, target=0.3)
    assert CalibrationUse.objects.get(category=deep).scope == row.scope
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_failure_while_writing_ends_the_run(encoder: Encoder, shop: list[Product]) -> None:
    with connection.cursor() as cursor:  # gone with the transaction of this test
        cursor.execute("ALTER TABLE recognition_calibration ADD CHECK (samples < 0) NOT VALID")
    run = begin_run(encoder=encoder, target_error=0.1)
    with pytest.raises(IntegrityError):
        calibrate(run)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "IntegrityError" in run.reason


# --- into force -----------------------------------------------------------------------------------


def test_nothing_is_in_force_until_it_is_applied(encoder: Encoder, audited: list[Product]) -> None:
    run = run_for(encoder)
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
    encoder: Encoder, audited: list[Product]
) -> None:
    first, second = run_for(encoder), run_for(encoder, 0.05)
    apply_run(run=first)
    before = {scope: rule.calibration.pk for scope, rule in in_force(encoder).items()}
    batch = apply_run(run=second)
    assert {rule.calibration.run for rule in in_force(encoder).values()} == {second}
    back = take_back(batch=batch)
    assert {s: rule.calibration.pk for s, rule in in_force(encoder).items()} == before
    take_back(batch=back)
    assert {rule.calibration.run for rule in in_force(encoder).values()} == {second}


def test_one_category_alone(encoder: Encoder, audited: list[Product]) -> None:
    first, second = run_for(encoder), run_for(encoder, 0.05)
    apply_run(run=first)
    chosen = second.calibrations.exclude(scope="").filter(target_error=0.05).first()
    apply_calibration(calibration=chosen)
    rules = in_force(encoder)
    assert rules[chosen.category_id].calibration == chosen
    assert rules[None].calibration == whole(first)


def test_another_target_is_a_row_of_its_own(encoder: Encoder, audited: list[Product]) -> None:
    row = whole(run_for(encoder, 0.05))
    looser = at_target(row, 0.2)
    assert looser.pk != row.pk
    assert looser.accepted >= row.accepted
    assert at_target(row, 0.2) == looser
    assert at_target(row, 0.05) == row
    with pytest.raises(CannotApply, match="no figures"):
        at_target(row, 0.123)


def test_withdrawn_means_no_verdict(encoder: Encoder, audited: list[Product]) -> None:
    run = run_for(encoder)
    apply_run(run=run)
    batch = withdraw_all(encoder=encoder)
    assert in_force(encoder) == {}
    assert withdraw_all(encoder=encoder) is None
    take_back(batch=batch)
    assert in_force(encoder)[None].calibration == whole(run)


def test_uses_are_never_changed(encoder: Encoder, audited: list[Product]) -> None:
    apply_run(run=run_for(encoder))
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        CalibrationUse.objects.update(scope="x")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        CalibrationUse.objects.all().delete()


def test_a_threshold_without_its_promise_cannot_be_stored(
    encoder: Encoder, audited: list[Product]
) -> None:
    row = whole(run_for(encoder))
    for change in ({"error_bound": 0.2}, {"threshold": None}, {"outcome": "none"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Calibration.objects.filter(pk=row.pk).update(**change)


def test_it_grows_stale_with_the_catalogue(encoder: Encoder, audited: list[Product]) -> None:
    from django.core.cache import cache

    run = run_for(encoder)
    assert not is_stale(run)
    catalogue(encoder, products=10, photos=4, seed=5)  # 40 photos more, of 144
    cache.clear()
    assert is_stale(run)


def test_photos_that_went_count_too(encoder: Encoder, audited: list[Product]) -> None:
    run = run_for(encoder)
    Product.objects.filter(pk__in=[each.pk for each in audited[:6]]).update(is_active=False)
    assert is_stale(run)


def test_another_way_of_ranking_is_not_taken_for_this_one(
    encoder: Encoder, audited: list[Product]
) -> None:
    run = run_for(encoder)
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


# --- in the background ----------------------------------------------------------------------------


def test_a_worker_does_a_run_once(encoder: Encoder, audited: list[Product]) -> None:
    run = request_calibration(encoder=encoder, target_error=0.1, by=UserFactory())
    assert run.state == "running"
    work_on_calibration(run.pk)
    rows = list(run.calibrations.values_list("pk", flat=True))
    assert rows
    work_on_calibration(run.pk)
    assert list(run.calibrations.values_list("pk", flat=True)) == rows
    work_on_calibration(10**9)


def test_one_run_at_a_time(encoder: Encoder, shop: list[Product]) -> None:
    run = request_calibration(encoder=encoder, target_error=0.1)
    with pytest.raises(AlreadyCalibrating, match="running already"):
        request_calibration(encoder=encoder, target_error=0.05)
    with pytest.raises(CommandError, match="running already"):
        call_command("calibrate")
    with pytest.raises(IntegrityError), transaction.atomic():
        CalibrationRun.objects.create(encoder=encoder, scoring="x", target_error=0.1)
    assert ProcrastinateJob.objects.filter(task_name=CALIBRATE_TASK).count() == 1
    work_on_calibration(run.pk)
    begin_run(encoder=encoder, target_error=0.1)


def test_an_interrupted_run_has_ended(encoder: Encoder, shop: list[Product]) -> None:
    def interrupt(done: int, _total: int) -> None:
        raise KeyboardInterrupt

    run = begin_run(encoder=encoder, target_error=0.1)
    with pytest.raises(KeyboardInterrupt):
        calibrate(run, on_progress=interrupt)
    run.refresh_from_db()
    assert run.state == "failed"


def test_a_run_that_waited_is_measured_by_the_scoring_that_it_names(
    encoder: Encoder, shop: list[Product]
) -> None:
    expected = run_for(encoder)
    waiting = request_calibration(encoder=encoder, target_error=0.1)
    Encoder.objects.update(scoring=Scoring.PROTOTYPE)  # somebody switches meanwhile
    work_on_calibration(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.scoring) == ("done", Scoring.NEAREST)
    assert waiting.fitted == expected.fitted
    other = run_for(Encoder.objects.get())
    assert other.scoring == Scoring.PROTOTYPE
    assert other.fitted != waiting.fitted
    with pytest.raises(CannotApply, match="another way of ranking"):
        apply_run(run=waiting)


def test_a_run_whose_process_ended_says_so(encoder: Encoder) -> None:
    others = [
        Encoder.objects.create(key=f"a:b:{n}", dimension=4, speaks_text=False) for n in range(2)
    ]
    lost = begin_run(encoder=encoder, target_error=0.1)
    waiting = request_calibration(encoder=others[0], target_error=0.1)
    working = begin_run(encoder=others[1], target_error=0.1)
    CalibrationRun.objects.exclude(pk=working.pk).update(touched_at="2020-01-01T00:00Z")
    assert sweep_calibrations() == 1
    lost.refresh_from_db()
    assert (lost.state, bool(lost.reason)) == ("failed", True)
    assert set(CalibrationRun.objects.filter(state="running")) == {waiting, working}


@pytest.mark.parametrize("given", [{"target_error": 0}, {"target_error": 1}, {"target_error": 0.1, "unknown_share": 1}])  # fmt: skip
def test_shares_are_shares(encoder: Encoder, given: dict) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        request_calibration(encoder=encoder, **given)


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


def test_the_command_can_only_propose(audited: list[Product], encoder: Encoder, capsys) -> None:
    call_command("calibrate", target_error=0.1, propose=True)
    assert in_force(encoder) == {}
    assert "nothing has changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["--target-error", "0"], ["--target-error", "five"], ["--target-error", "1"],
     ["--unknown-share", "1.5"], ["--images", "."], ["--labelled", "/nowhere.csv"]],
)  # fmt: skip
def test_the_command_refuses_what_it_cannot_use(encoder: Encoder, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("calibrate", *arguments)
    assert not CalibrationRun.objects.exists()


def test_the_command_without_evidence_fails(encoder: Encoder) -> None:
    with_photo(1)
    with pytest.raises(CommandError, match="second photo"):
        call_command("calibrate")


def test_a_labelled_photo_that_is_none_fails_the_run(
    audited: list[Product], tmp_path: Path
) -> None:
    (tmp_path / "q.csv").write_text(f"file,sku\nq.jpg,{audited[0].sku}\n")
    (tmp_path / "q.jpg").write_bytes(b"no photo")
    with pytest.raises(CommandError, match="labelled photo"):
        call_command("calibrate", labelled=tmp_path / "q.csv", images=tmp_path)
    assert CalibrationRun.objects.get().state == "failed"
