"""Thresholds belong to an encoder and its scoring: rolled back, they are those from before."""

import pytest

from products.models import Product
from recognition.calibrating import begin_run, calibrate
from recognition.calibrations import apply_run, in_force
from recognition.models import CalibrationRun, Encoder, Scoring
from recognition.switching.activating import activate, roll_back
from recognition.switching.rehearsing import begin_rehearsal, rehearse
from tests.recognition.spaces import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=40, photos=4, spread=0.5)


def present() -> Encoder:
    encoder = Encoder.objects.active()
    assert encoder is not None
    return encoder


def measured() -> CalibrationRun:
    return calibrate(begin_run(encoder=present(), target_error=0.2))


def thresholds() -> dict[int | None, int]:
    return {scope: rule.calibration.pk for scope, rule in in_force(present()).items()}


def test_after_another_scoring_they_come_back(shop: list[Product]) -> None:
    apply_run(run=measured())
    before = thresholds()
    rehearse(begin_rehearsal(encoder=present(), scoring=Scoring.PROTOTYPE))
    activate(present(), scoring=Scoring.PROTOTYPE)
    assert thresholds()
    assert not set(thresholds().values()) & set(before.values())
    roll_back()
    assert thresholds() == before


def test_activated_again_it_has_what_it_had_when_it_last_ranked_so(shop: list[Product]) -> None:
    apply_run(run=measured())
    rehearse(begin_rehearsal(encoder=present(), scoring=Scoring.PROTOTYPE))
    activate(present(), scoring=Scoring.PROTOTYPE)
    apply_run(run=measured())  # newer than those of the rehearsal
    newest = thresholds()
    roll_back()
    activate(present(), scoring=Scoring.PROTOTYPE)
    assert thresholds() == newest


def test_where_there_were_none_there_are_none_again(shop: list[Product]) -> None:
    activate(present(), scoring=Scoring.PROTOTYPE)
    apply_run(run=measured())
    roll_back()
    assert thresholds() == {}


def test_what_people_applied_meanwhile_stays(shop: list[Product]) -> None:
    apply_run(run=measured())
    activate(present(), scoring=Scoring.PROTOTYPE)
    roll_back()
    apply_run(run=measured())
    newest = thresholds()
    activate(present(), scoring=Scoring.PROTOTYPE)
    roll_back()
    assert thresholds() == newest
