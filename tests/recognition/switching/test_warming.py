"""Web processes hold what may answer next."""

import logging
import threading

import pytest

from recognition.encoders import PACKAGED_KEY
from recognition.loaded import encoder_for
from recognition.models import Encoder
from recognition.switching.warming import keep_loaded
from tests.recognition.switching.shop import SECOND_KEY, second

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_added_is_loaded_and_what_cannot_be_is_said_once(
    encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    second(SECOND_KEY)
    missing = "open_clip:ViT-B-32:sha256-000000000000"
    Encoder.objects.create(key=missing, dimension=512, speaks_text=True)
    stop = threading.Event()
    with caplog.at_level(logging.WARNING):
        watch = threading.Thread(target=keep_loaded, args=(stop, 0.05))
        watch.start()
        Encoder.objects.create(key=PACKAGED_KEY, dimension=1280, speaks_text=False)
        for _try in range(200):
            if encoder_for(PACKAGED_KEY)._network is not None:  # type: ignore[attr-defined]
                break
            stop.wait(0.1)
        stop.set()
        watch.join(30)
    assert encoder_for(PACKAGED_KEY)._network is not None  # type: ignore[attr-defined]
    said = [each for each in caplog.records if "not loaded ahead" in each.getMessage()]
    assert [each.args for each in said] == [(missing,)]
