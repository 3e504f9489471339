"""Rehearsals: the same queries on both encoders."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognition.calibrating import Labelled, begin_run
from recognition.calibrations import in_force
from recognition.evaluation import LabelledQuery, Outcome
from recognition.models import CalibrationRun, Encoder, EncoderRehearsal
from recognition.switching.activating import activate
from recognition.switching.rehearsal_queue import request_rehearsal, work_on_rehearsal
from recognition.switching.rehearsing import (
    CannotRehearse,
    begin_rehearsal,
    difference,
    is_surely_worse,
    rehearse,
)
from recognition.switching.report import as_text
from tests.pictures import phone_photo
from tests.recognition.spaces import catalogue
from tests.recognition.switching.shop import SECOND_KEY, second, with_photos
from tests.recognition.test_verdicts import calibrated

pytestmark = pytest.mark.django_db


def labelled(number: int) -> Labelled:
    queries = [LabelledQuery(f"{n}.jpg", f"P{n}") for n in range(number)]
    return Labelled(queries, lambda name: phone_photo(int(name.removesuffix(".jpg"))))


@pytest.fixture
def other(encoder: Encoder) -> Encoder:
    with_photos(encoder, 6)
    return second()


def outcome(*, right: bool, known: bool = True, first: str = "") -> Outcome:
    return Outcome(known, 1 if right else 2, 0.1, 1.0, first=first)


def test_both_are_asked_and_what_changes_is_listed(encoder: Encoder, other: Encoder) -> None:
    rehearsal = rehearse(begin_rehearsal(encoder=other), labelled=labelled(6))
    assert rehearsal.state == "done"
    assert rehearsal.sources["labelled"] == 6
    ours, theirs = rehearsal.figures["candidate"], rehearsal.figures["present"]
    assert (ours["encoder"], theirs["encoder"]) == (other.key, encoder.key)
    assert ours["queries"] == theirs["queries"] == 6
    assert theirs["top1"] == 1
    found = rehearsal.figures["difference"]
    assert found["known"] == 6
    changed = {change["effect"] for change in rehearsal.changes}
    assert changed <= {"better", "worse", "other"}
    assert len([c for c in rehearsal.changes if c["effect"] == "worse"]) == found["worse"]
    assert Encoder.objects.active() == encoder
    assert other.key in as_text(rehearsal)


def test_the_difference_is_judged_against_chance() -> None:
    same = [outcome(right=True)] * 5
    assert difference(same, same) == {"known": 5, "better": 0, "worse": 0, "p_value": None}
    worse = difference([outcome(right=False)] * 8, [outcome(right=True)] * 8)
    assert (worse["better"], worse["worse"]) == (0, 8)
    assert worse["p_value"] == pytest.approx(2 / 2**8)
    unknown = [outcome(right=False, known=False)]
    assert difference(unknown, unknown)["known"] == 0


@pytest.mark.parametrize(
    ("better", "worse", "p_value", "surely"),
    [(0, 8, 0.008, True), (8, 0, 0.008, False), (1, 3, 0.6, False), (0, 0, None, False)],
)
def test_surely_worse(better: int, worse: int, p_value: float | None, surely: bool) -> None:
    found = {"known": 9, "better": better, "worse": worse, "p_value": p_value}
    assert is_surely_worse(EncoderRehearsal(figures={"difference": found})) is surely


def test_without_queries_it_says_that_nothing_is_known(encoder: Encoder, other: Encoder) -> None:
    rehearsal = rehearse(begin_rehearsal(encoder=other))
    assert rehearsal.figures["difference"]["known"] == 0
    assert "Nothing was replayed" in as_text(rehearsal)
    assert not is_surely_worse(rehearsal)


def test_what_is_not_filled_is_not_rehearsed(encoder: Encoder) -> None:
    with_photos(encoder, 3)
    with pytest.raises(CannotRehearse, match="3 of 3 photos"):
        begin_rehearsal(encoder=second(filled=False))


def test_the_active_one_is_not_rehearsed(encoder: Encoder) -> None:
    with pytest.raises(CannotRehearse, match="active already"):
        begin_rehearsal(encoder=encoder)


def test_thresholds_are_measured_for_it_and_go_with_it(encoder: Encoder) -> None:
    catalogue(encoder, products=40, photos=4, spread=0.5)
    calibrated(encoder)
    other = second(filled=False)
    from recognition.models import ImageEmbedding

    for image, vector in ImageEmbedding.objects.filter(encoder=encoder).values_list(
        "image", "vector"
    ):
        ImageEmbedding.objects.filter(encoder=other, image=image).update(
            vector=vector, state="ready"
        )
    rehearsal = rehearse(begin_rehearsal(encoder=other))
    assert rehearsal.sources["thresholds_of_the_candidate"] == "measured_now"
    assert rehearsal.calibration.state == CalibrationRun.State.DONE
    assert in_force(other) == {}
    activate(other)
    assert {rule.calibration.run for rule in in_force(other).values()} == {rehearsal.calibration}


def test_while_it_is_being_calibrated_it_waits(encoder: Encoder, other: Encoder) -> None:
    calibrated(encoder)
    begin_run(encoder=other, target_error=0.1)
    rehearsal = begin_rehearsal(encoder=other)
    with pytest.raises(CannotRehearse, match="being calibrated"):
        rehearse(rehearsal, labelled=labelled(6))
    rehearsal.refresh_from_db()
    assert rehearsal.state == "failed"
    assert "being calibrated" in rehearsal.reason


def test_a_worker_does_it_once(encoder: Encoder, other: Encoder) -> None:
    rehearsal = request_rehearsal(encoder=other)
    work_on_rehearsal(rehearsal.pk)
    rehearsal.refresh_from_db()
    assert rehearsal.state == "done"
    touched = rehearsal.touched_at
    work_on_rehearsal(rehearsal.pk)
    rehearsal.refresh_from_db()
    assert rehearsal.touched_at == touched
    work_on_rehearsal(0)


def test_a_photo_that_is_none_fails_it_with_a_reason(encoder: Encoder, other: Encoder) -> None:
    from django.core.exceptions import ValidationError

    rehearsal = begin_rehearsal(encoder=other)
    with pytest.raises(ValidationError):
        rehearse(rehearsal, labelled=Labelled([LabelledQuery("x", "P1")], lambda _name: b"x"))
    rehearsal.refresh_from_db()
    assert rehearsal.state == "failed"
    assert rehearsal.reason


def test_the_commands(
    encoder: Encoder, other: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(4):
        (tmp_path / f"{n}.jpg").write_bytes(phone_photo(n))
    (tmp_path / "queries.csv").write_text(
        "file,sku\n" + "".join(f"{n}.jpg,P{n}\n" for n in range(4))
    )
    out = tmp_path / "out.json"
    call_command("encoder", "rehearse", other.key, labelled=tmp_path / "queries.csv", json=out)
    assert json.loads(out.read_text())["figures"]["candidate"]["queries"] == 4
    call_command("encoder", "activate", other.key)
    call_command("encoder", "rollback")
    call_command("encoder", "retire", other.key)
    call_command("encoder", "list")
    said = capsys.readouterr().out
    assert f"{other.key} is active." in said
    assert f"{encoder.key} is active again." in said
    assert "retired" in said
    for action, key in (("activate", "a:b:c"), ("rehearse", encoder.key), ("retire", encoder.key)):
        with pytest.raises(CommandError):
            call_command("encoder", action, key)
    with pytest.raises(CommandError):
        call_command("encoder", "add", "nonsense")


def test_add_by_command(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    with_photos(encoder, 2)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("encoder", "add", SECOND_KEY)
    assert "2 photos to look at" in capsys.readouterr().out
