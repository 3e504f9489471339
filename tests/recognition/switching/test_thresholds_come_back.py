"""Thresholds belong to an encoder and its scoring: rolled back, they are those from before."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.roles import CATALOGUE_EDITOR
from recognition.calibrating import begin_run, calibrate
from recognition.calibrations import apply_run, in_force
from recognition.models import CalibrationRun, Encoder, Scoring
from recognition.switching.activating import LosesThresholds, activate, roll_back
from recognition.switching.rehearsing import begin_rehearsal, rehearse
from recognition.versions import settle_encoder
from tests.factories import person
from tests.recognition.spaces import catalogue
from tests.recognition.switching.shop import second
from tests.shared_rows import shared_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _measured(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A shop and a run that nobody has applied: 160 photos are looked for, once for all tests here."""

    def make() -> None:
        catalogue(settle_encoder(), products=40, photos=4, spread=0.5)
        measure()

    with shared_rows(django_db_blocker, make):
        yield


@pytest.fixture
def first(_measured: None, db: None) -> CalibrationRun:
    return CalibrationRun.objects.get()


def present() -> Encoder:
    encoder = Encoder.objects.active()
    assert encoder is not None
    return encoder


def measure() -> CalibrationRun:
    return calibrate(begin_run(encoder=present(), target_error=0.2))


def thresholds() -> dict[int | None, int]:
    return {scope: rule.calibration.pk for scope, rule in in_force(present()).items()}


def test_after_another_scoring_they_come_back(first: CalibrationRun) -> None:
    apply_run(run=first)
    before = thresholds()
    rehearse(begin_rehearsal(encoder=present(), scoring=Scoring.PROTOTYPE))
    activate(present(), scoring=Scoring.PROTOTYPE)
    assert thresholds()
    assert not set(thresholds().values()) & set(before.values())
    roll_back()
    assert thresholds() == before


def test_activated_again_it_has_what_it_had_when_it_last_ranked_so(first: CalibrationRun) -> None:
    apply_run(run=first)
    rehearse(begin_rehearsal(encoder=present(), scoring=Scoring.PROTOTYPE))
    activate(present(), scoring=Scoring.PROTOTYPE)
    apply_run(run=measure())  # newer than those of the rehearsal
    newest = thresholds()
    roll_back()
    activate(present(), scoring=Scoring.PROTOTYPE)
    assert thresholds() == newest


def test_where_there_were_none_there_are_none_again(first: CalibrationRun) -> None:
    activate(present(), scoring=Scoring.PROTOTYPE)
    apply_run(run=measure())
    roll_back()
    assert thresholds() == {}


def test_what_people_applied_meanwhile_stays(first: CalibrationRun) -> None:
    apply_run(run=first)
    activate(present(), scoring=Scoring.PROTOTYPE, without_thresholds=True)
    roll_back()
    apply_run(run=measure())
    newest = thresholds()
    activate(present(), scoring=Scoring.PROTOTYPE, without_thresholds=True)
    roll_back()
    assert thresholds() == newest


def test_what_would_take_the_verdicts_away_is_refused(first: CalibrationRun) -> None:
    apply_run(run=first)
    before = thresholds()
    with pytest.raises(LosesThresholds, match="no verdict"):
        activate(present(), scoring=Scoring.PROTOTYPE)
    assert present().scoring == Scoring.NEAREST
    assert thresholds() == before
    activate(present(), scoring=Scoring.PROTOTYPE, without_thresholds=True)
    assert thresholds() == {}
    # On the way back there are some again: nothing is lost, nothing is asked.
    activate(present(), scoring=Scoring.NEAREST)
    assert thresholds() == before


def test_the_command_says_what_is_lost_and_takes_a_yes(
    first: CalibrationRun, capsys: pytest.CaptureFixture[str]
) -> None:
    apply_run(run=first)
    other = second(filled=False)
    with pytest.raises(CommandError, match="--without-thresholds"):
        call_command("encoder", "activate", other.key, force=True)
    assert present() != other
    call_command("encoder", "activate", other.key, force=True, without_thresholds=True)
    assert present() == other
    assert "answers will carry no verdict" in capsys.readouterr().err


def test_the_admin_asks_for_a_tick(first: CalibrationRun, client: Client) -> None:
    client.force_login(person(CATALOGUE_EDITOR))
    other = second(filled=False)
    url = reverse("admin:recognition_encoder_act", args=[other.pk, "activate"])
    body = client.get(url).content.decode()
    assert "answers will carry no verdict" in body
    assert "without_thresholds" not in body  # there are none to lose yet
    apply_run(run=first)
    assert 'name="without_thresholds"' in client.get(url).content.decode()
    assert (
        "No thresholds were measured"
        in client.post(url, {"force": "1"}, follow=True).content.decode()
    )
    assert present() != other
    client.post(url, {"force": "1", "without_thresholds": "1"})
    assert present() == other
