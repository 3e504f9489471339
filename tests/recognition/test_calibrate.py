"""A calibration: from evidence in the database to rows."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from products.models import Category, Product
from recognition.calibrating import AlreadyCalibrating, begin_run, calibrate
from recognition.calibration_queue import (
    CALIBRATE_TASK,
    request_calibration,
    sweep_calibrations,
    work_on_calibration,
)
from recognition.calibrations import (
    CannotApply,
    apply_run,
    in_force,
)
from recognition.models import (
    CalibrationRun,
    CalibrationUse,
    Encoder,
    ImageEmbedding,
    Scoring,
    Sighting,
)
from tests.factories import UserFactory, with_photo
from tests.recognition.spaces import asked, catalogue, judged_sightings, run_for, whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=24, photos=6)


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


# --- in the background ----------------------------------------------------------------------------


def test_a_worker_does_a_run_once(encoder: Encoder, shop: list[Product]) -> None:
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


def test_the_command_can_only_propose(encoder: Encoder, shop: list[Product], capsys) -> None:
    call_command("calibrate", target_error=0.1, propose=True)
    assert in_force(encoder) == {}
    assert "nothing has changed" in capsys.readouterr().out
    apply_run(run=CalibrationRun.objects.get())  # there was something to apply
    assert in_force(encoder)


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


def test_a_labelled_photo_that_is_none_fails_the_run(encoder: Encoder, tmp_path: Path) -> None:
    (product,) = catalogue(encoder, products=1, photos=2)
    (tmp_path / "q.csv").write_text(f"file,sku\nq.jpg,{product.sku}\n")
    (tmp_path / "q.jpg").write_bytes(b"no photo")
    with pytest.raises(CommandError, match="labelled photo"):
        call_command("calibrate", labelled=tmp_path / "q.csv", images=tmp_path)
    assert CalibrationRun.objects.get().state == "failed"
