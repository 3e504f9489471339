"""System checks of the configuration; each names what is wrong and how to mend it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from tests.retailvision.subprocesses import PRODUCTION, manage


def found(identifier: str, *, deploy: bool = False) -> list[tuple[str, str]]:
    return [
        (str(message.msg), message.hint or "")
        for message in run_checks(include_deployment_checks=deploy)
        if message.id == identifier
    ]


def test_the_settings_of_the_tests_have_no_faults() -> None:
    assert [message for message in run_checks() if message.id.startswith("retailvision")] == []


def test_an_unknown_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETAILVISION_ENCODRE", "clip")
    assert found("retailvision.W001") == [
        (
            "RETAILVISION_ENCODRE is set, but RetailVision knows no such variable.",
            "See .env.example for the names; remove it or correct its spelling.",
        )
    ]


@pytest.mark.parametrize(
    "name",
    ["RETAILVISION_PORT", "RETAILVISION_BIND", "RETAILVISION_WEB_THREADS",
     "RETAILVISION_POSTGRES_USER", "RETAILVISION_S3_BUCKET", "RETAILVISION_S3_DOMAIN"],
)  # fmt: skip
def test_variables_that_others_read_are_known(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert found("retailvision.W001") == []


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_data_directory_that_cannot_be_written_is_an_error(
    settings: Settings, tmp_path: Path, below: str
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    settings.DATA_DIR = file / below
    assert found("retailvision.E001") == [
        (
            f"The data directory {file / below} cannot be written.",
            "Set RETAILVISION_DATA_DIR to a directory that this user may write.",
        )
    ]


def test_a_data_directory_that_can_be_made_is_no_error(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "not" / "yet"
    assert found("retailvision.E001") == []


def test_a_bucket_without_a_name_is_an_error(settings: Settings) -> None:
    def storages(bucket: str) -> dict[str, Any]:
        backend = "storages.backends.s3.S3Storage"
        default = {"BACKEND": backend, "OPTIONS": {"bucket_name": bucket}}
        return {**settings.STORAGES, "default": default}

    settings.STORAGES = storages("")
    assert found("retailvision.E002") == [
        (
            "Photos go to S3, but no bucket is named.",
            "Set RETAILVISION_S3_BUCKET, or RETAILVISION_STORAGE=files.",
        )
    ]
    settings.STORAGES = storages("photos")
    assert found("retailvision.E002") == []


@pytest.mark.parametrize(
    ("identifier", "setting", "bad", "good"),
    [
        ("retailvision.W002", "ENCODER", "auto", "clip"),
        ("retailvision.W003", "EMBEDDED_DATABASE", True, False),
        ("retailvision.E003", "ALLOW_TEST_ENCODERS", True, False),
    ],
)
def test_what_is_for_trying_out_is_told_of_a_deployment(
    settings: Settings, identifier: str, setting: str, bad: object, good: object
) -> None:
    setattr(settings, setting, bad)
    assert len(found(identifier, deploy=True)) == 1
    assert found(identifier) == []
    setattr(settings, setting, good)
    assert found(identifier, deploy=True) == []


def test_weights_that_are_not_there_are_an_error(settings: Settings, tmp_path: Path) -> None:
    settings.CLIP_WEIGHTS = tmp_path / "clip.safetensors"
    assert found("recognition.E001") == [
        (
            f"RETAILVISION_CLIP_WEIGHTS names {tmp_path}/clip.safetensors, where there is no file.",
            "Correct the path, or unset it to take the weights from the model hub.",
        )
    ]
    settings.CLIP_WEIGHTS.write_bytes(b"")
    assert found("recognition.E001") == []


def test_the_encoder_of_the_tests_is_an_error_elsewhere(settings: Settings) -> None:
    settings.ENCODER = "pixel"
    settings.ALLOW_TEST_ENCODERS = False
    assert found("recognition.E002") == [
        (
            "RETAILVISION_ENCODER=pixel is the encoder of the tests; it recognises nothing.",
            "Set it to auto, clip or packaged.",
        )
    ]


def test_a_production_site_passes_every_deployment_check() -> None:
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "System check identified no issues" in answer.stdout


@pytest.mark.parametrize(
    ("variables", "identifier"),
    [
        ({"RETAILVISION_ENCODER": "auto"}, "retailvision.W002"),
        ({"RETAILVISION_ALLOW_TEST_ENCODERS": "true"}, "retailvision.E003"),
        ({"DJANGO_HTTPS": "false"}, "security.W008"),
        ({"DJANGO_DEBUG": "true"}, "security.W018"),
        ({"DJANGO_SECRET_KEY": "short"}, "security.W009"),
        ({"RETAILVISION_ENCODRE": "clip"}, "retailvision.W001"),
    ],
)
def test_a_deployment_with_a_fault_does_not(variables: dict[str, str], identifier: str) -> None:
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **variables})
    assert answer.returncode == 1
    assert identifier in answer.stderr
