"""A photo that was searched with, as the page carries it along, so that filters, words and further pages
neither send nor encode it again. Nothing of it is kept on the site for that.
"""

from base64 import b64decode, b64encode

import numpy as np
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from recognition.models import Encoder
from recognition.search import Answer, SeenBefore

_SALT = "recognition.seen_photos"
# Whoever comes back after lunch finds the page as it was.
_SECONDS = 12 * 3600
# A token of the largest dimension, with room for barcodes and a signature.
LONGEST = 16_000


def carry(answer: Answer, sighting: str | None) -> str:
    """The token of an answer to one photo; "" where there is none. `sighting` names its record."""
    seen = answer.seen
    if seen is None or seen.vector is None:
        return ""
    # In 16 bits, as the database compares it: the order of the products stays the same.
    numbers = b64encode(seen.vector.astype("<f2").tobytes()).decode()
    return signing.dumps([seen.encoder.key, numbers, list(seen.barcodes), sighting], salt=_SALT)


def take_up(token: str) -> tuple[SeenBefore, str | None]:
    """What `carry` wrote, with the sighting.

    Raises:
        ValidationError: it is none of ours, too old, or of an encoder that is active no more.
    """
    try:
        key, numbers, barcodes, sighting = signing.loads(token, salt=_SALT, max_age=_SECONDS)
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError(
            gettext("Your photo is needed again: send it once more."), code="seen"
        ) from error
    encoder = Encoder.objects.active()
    if encoder is None or encoder.key != key:
        raise ValidationError(
            gettext("Your photo is needed again: send it once more."), code="seen"
        )
    vector = np.frombuffer(b64decode(numbers), dtype="<f2").astype(np.float32)
    return SeenBefore(encoder, vector, tuple(barcodes)), sighting
