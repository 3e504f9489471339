"""Web processes hold the encoders that may answer next, so that a switch makes nobody wait."""

import logging
from threading import Event

from django.db import connection

from recognition.loaded import encoder_for
from recognition.models import Encoder

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 10.0


def keep_loaded(stop: Event, seconds: float = _SECONDS_BETWEEN_LOOKS) -> None:
    """Loads the active encoder, then whatever else is in use, as it comes; until told to stop.

    The queue before an encoder is short, so that nobody waits long (`SEARCH_MAX_WAITING`); while one
    is loaded for the first time behind a switch, it would overflow.
    """
    told: set[str] = set()
    while True:
        try:
            told = _load_all(told)
        finally:
            connection.close()
        if stop.wait(seconds):
            return


def _load_all(told: set[str]) -> set[str]:
    """Says once of each encoder that it cannot be loaded; its searches or `activate` say why."""
    try:
        keys = list(Encoder.objects.in_use().order_by("state").values_list("key", flat=True))
    except Exception:  # a database that is away comes back
        logger.warning("The encoders in use are not known just now", exc_info=True)
        return told
    failed = set()
    for key in keys:
        try:
            encoder_for(key).load()
        except Exception:
            failed.add(key)
            if key not in told:
                logger.warning("The encoder %s was not loaded ahead", key, exc_info=True)
    return failed
