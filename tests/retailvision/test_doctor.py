"""The doctor: what it finds on a good and on a broken site, and how it ends."""

import json
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from products.renditions.making import make_due
from recognition.encoders import CLIP_KEY
from recognition.models import Encoder, ImageEmbedding
from tests.factories import with_photo
from tests.retailvision.subprocesses import PRODUCTION, manage

Run = namedtuple("Run", "code findings")


def doctor(capsys: pytest.CaptureFixture[str]) -> Run:
    code = 0
    capsys.readouterr()
    try:
        call_command("doctor", "--json")
    except SystemExit as end:
        code = int(end.code or 0)
    findings = json.loads(capsys.readouterr().out)
    for finding in findings:
        assert list(finding) == ["level", "subject", "text", "remedy"]
        assert finding["remedy"] or finding["level"] != "problem", finding
    return Run(code, findings)


def of(run: Run, subject: str) -> list[tuple[str, str]]:
    return [(each["level"], each["text"]) for each in run.findings if each["subject"] == subject]


@pytest.mark.django_db
def test_a_good_site_has_no_problem(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    with_photo(1)
    run = doctor(capsys)
    assert run.code == 0
    assert {each["level"] for each in run.findings} <= {"ok", "note"}
    assert of(run, "encoder") == [("ok", f"{encoder.key} on cpu")]
    assert of(run, "catalogue") == [("ok", "1 products, 1 photos")]
    assert of(run, "photos") == [("note", "1 wait to be embedded")]
    assert of(run, "small pictures") == [("note", "1 photos wait for theirs")]
    assert of(run, "photo storage") == [("ok", "FileSystemStorage")]
    assert of(run, "worker")[0][0] == "note"
    assert of(run, "pgvector")[0][0] == "ok"
    assert of(run, "database")[0][1].endswith(", embedded")


@pytest.mark.django_db
def test_small_pictures_that_could_not_be_made_are_a_problem(
    encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    image = with_photo(1)
    image.file.storage.delete(image.file.name)
    make_due()
    assert of(doctor(capsys), "small pictures") == [("problem", "of 1 photos none could be made")]


@pytest.mark.django_db
def test_it_leaves_nothing_behind(
    encoder: Encoder, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor(capsys)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_site_without_an_encoder_has_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    run = doctor(capsys)
    assert run.code == 1
    assert of(run, "encoder") == [("problem", "none is active yet")]


@pytest.mark.django_db
def test_failed_photos_and_missing_weights_are_problems(
    encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    with_photo(1)
    ImageEmbedding.objects.update(state="failed", reason="broken")
    Encoder.objects.update(key="library:that-is:gone")
    run = doctor(capsys)
    assert run.code == 1
    assert ("problem", "1 could not be embedded") in of(run, "photos")
    level, text = of(run, "encoder")[0]
    assert level == "problem"
    assert text.startswith("library:that-is:gone is active, but cannot be loaded")


@pytest.mark.django_db
def test_a_fallback_is_told(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    Encoder.objects.update(fallback_reason="the hub cannot be reached")
    run = doctor(capsys)
    assert run.code == 0
    assert ("note", "a fallback: the hub cannot be reached") in of(run, "encoder")
    [remedy] = [each["remedy"] for each in run.findings if "a fallback" in each["text"]]
    assert f"encoder add {CLIP_KEY}" in remedy
    assert "new data directory" not in remedy


@pytest.mark.django_db
def test_a_storage_that_cannot_be_written_is_a_problem(
    encoder: Encoder, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    run = doctor(capsys)
    assert run.code == 1
    assert of(run, "photo storage")[0][0] == "problem"
    assert of(run, "worker"), "it goes on"


@pytest.mark.django_db
def test_a_worker_that_lives_is_seen(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [timezone.now()]
        )
    assert of(doctor(capsys), "worker") == [("ok", "1 at work")]


@pytest.mark.django_db
def test_faults_of_the_settings_are_told(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETAILVISION_ENCODRE", "clip")
    run = doctor(capsys)
    assert run.code == 0
    assert of(run, "settings (retailvision.W001)")[0][0] == "note"


@pytest.mark.django_db
def test_people_get_lines_with_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("doctor", "--no-color")
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert "problem  encoder: none is active yet\n         -> Run `manage.py embed`.\n" in out
    assert out.startswith("ok       program: Python 3.11")


def broken(**variables: str) -> Any:
    answer = manage("doctor", "--json", **{**PRODUCTION, **variables})
    assert answer.returncode == 1, answer.stderr
    assert "Traceback" not in answer.stderr
    return {each["subject"]: each for each in json.loads(answer.stdout)}


def test_a_database_that_does_not_answer_is_a_problem_with_a_remedy(tmp_path: Path) -> None:
    found = broken(RETAILVISION_DATA_DIR=str(tmp_path))
    assert found["database"]["level"] == "problem"
    assert found["database"]["text"].startswith("from DATABASE_URL: ")
    assert "secret" not in found["database"]["text"]
    assert found["database"]["remedy"] == (
        "Check DATABASE_URL, and that the server runs and lets this machine in."
    )
    assert "encoder" not in found
