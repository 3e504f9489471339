"""Work in the background that kills its worker, as when there is too little memory."""

from collections.abc import Callable
from typing import Any

import pytest

from products.models import Product
from recognition.background_runs import MOST_ATTEMPTS
from recognition.calibration_queue import request_calibration, work_on_calibration
from recognition.findings.queue import request_check, work_on_check
from recognition.models import Encoder
from recognition.similarity_queue import request_report, work_on_report
from recognition.switching.rehearsal_queue import request_rehearsal, work_on_rehearsal
from tests.recognition.switching.shop import second, with_photos

pytestmark = pytest.mark.django_db


def a_calibration(encoder: Encoder) -> Any:
    return request_calibration(encoder=encoder, target_error=0.1)


def a_rehearsal(encoder: Encoder) -> Any:
    with_photos(encoder, 2, first=Product.objects.count())
    return request_rehearsal(encoder=second())


@pytest.mark.parametrize(
    ("begin", "work"),
    [
        (a_calibration, work_on_calibration),
        (lambda encoder: request_report(encoder=encoder), work_on_report),
        (a_rehearsal, work_on_rehearsal),
        (lambda encoder: request_check(encoder=encoder), work_on_check),
    ],
)
def test_it_is_not_begun_for_ever(
    encoder: Encoder, begin: Callable[[Encoder], Any], work: Callable[[int], None]
) -> None:
    run = begin(encoder)
    type(run).objects.update(attempts=MOST_ATTEMPTS - 1)
    work(run.pk)
    run.refresh_from_db()
    assert run.attempts == MOST_ATTEMPTS
    another = begin(encoder)
    type(run).objects.filter(pk=another.pk).update(attempts=MOST_ATTEMPTS)
    work(another.pk)
    run = type(run).objects.get(pk=another.pk)
    assert (run.state, run.attempts) == ("failed", MOST_ATTEMPTS)
    assert "memory" in run.reason
